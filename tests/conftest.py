"""What every test stands on, however the suite was started."""

from __future__ import annotations

import signal

from slowlint.tests.servers.fixtures import (  # noqa: F401 - fixtures of all tests
    hypopg_server,
    hypopg_url,
    mariadb_server,
    mariadb_url,
    postgres_server,
    postgres_url,
)

# A shell's background job inherits an ignored Ctrl-C, and so would every server that a test stops with one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

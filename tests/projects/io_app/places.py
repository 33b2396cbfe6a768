"""Where the services are that this application asks."""

import os

SERVER = os.environ.get("IO_SERVER", "http://127.0.0.1:1")
"""Answers, and counts connections."""
SILENT = os.environ.get("IO_SILENT", "http://127.0.0.1:2")
"""Accepts connections and never says a word."""
HOST, _, PORT = SILENT.removeprefix("http://").partition(":")
LIMIT = 0.2

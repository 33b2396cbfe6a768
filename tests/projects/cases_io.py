"""The cases of `io_app`: how each is measured, and the rules that must speak up; none for a look-alike."""

from __future__ import annotations

from dataclasses import dataclass

ENDLESS, AWAITS, CLIENT = "missing-timeout", "sequential-awaits", "client-per-call"
HELD, LOCKED, WAITS = "remote-call-in-transaction", "lock-across-io", "sync-io-in-request"
REUSE, CACHE, WHOLE = "no-connection-reuse", "unbounded-cache", "whole-file-in-memory"


@dataclass(frozen=True)
class Case:
    """`kind` and `entry` as `run_io.py` takes them; `codes`: of the lines that are slow in this case."""

    kind: str
    entry: str
    codes: tuple[str, ...] = ()


def _of(kind: str, module: str, slow: dict[str, tuple[str, ...]], silent: str) -> list[Case]:
    names = [*slow, *silent.split()]
    return [Case(kind, f"{module}:{name}", slow.get(name, ())) for name in names]


CASES = [
    *_of(
        "endless",
        "timeouts",
        dict.fromkeys("requests_get requests_session opened mail switched_off in_a_helper".split(), (ENDLESS,)),
        "requests_limited opened_by_position connection mail_by_position httpx_limited options_handed_on subclass "
        "mounted mounted_in_init replaced connected",
    ),
    *_of(
        "awaits",
        "coroutines",
        dict.fromkeys("two with_work_between through_coroutines in_a_branch".split(), (AWAITS,)),
        "gathered in_a_group needs_the_first needs_it_in_the_end only_if checked_first writes through_an_object",
    ),
    *_of(
        "clients",
        "clients",
        dict.fromkeys("/per-request /by-helper /engine /in-a-loop".split(), (CLIENT,)) | {"/anew": (REUSE,)},
        "/shared /session /remembered /kept /property /engine-kept",
    ),
    *_of(
        "held",
        "held",
        {
            "/in-atomic": (HELD,),
            "/decorated": (HELD, WAITS),
            "/program": (HELD,),
            "/locked": (LOCKED,),
            "/pause": (WAITS,),
            "awaited": (LOCKED,),
        },
        "/before /on-commit /lock-afterwards /token awaited_afterwards /retried",
    ),
    *_of("grows", "memory", {"Total": (CACHE,), "/page/<name>": (CACHE,)}, "Bounded OwnTotal /bounded/<name>"),
    *_of(
        "whole",
        "memory",
        {"/download": (WHOLE,), "copied": (WHOLE,), "lines": (WHOLE,)},
        "/streamed copied_in_pieces lines_one_by_one digest",
    ),
]

"""What a case of an executed project is: an entry, and the rule codes that the lines it makes slow must be found by.

Plain data; the lines themselves are marked in the project's sources. A case without codes is a look-alike that must
stay silent: the repaired form of another one, or something that only looks slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LOOP, TEMPLATE, SERIALIZER = "lazy-load-in-loop", "lazy-load-in-template", "lazy-load-in-serializer"
ADMIN, RESOLVER, QUERY, WRITE = "lazy-load-in-admin", "lazy-load-in-resolver", "query-in-loop", "write-in-loop"
DEFEATED, DEFERRED = "prefetch-defeated", "deferred-column-load"


@dataclass(frozen=True)
class Case:
    """`entry` as the project's runner reads it; `codes` of the marks on the lines that it makes slow.

    `repaired` is the entry of the case that does the same with the rows' query loading what is read.
    """

    entry: str
    codes: tuple[str, ...] = ()
    repaired: str = ""

    @property
    def id(self) -> str:
        kind, *words = re.findall(r"[^ {}]+", self.entry)
        return "/".join([kind.strip("/").replace(":", "/"), *(["-".join(words)] if words else [])])


def slow(entry: str, *codes: str, repaired: str = "") -> Case:
    return Case(entry, codes, repaired)


def silent(entry: str) -> Case:
    return Case(entry)

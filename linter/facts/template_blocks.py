"""A Django template's text in, facts out: which tags stand in which, and what becomes of their insides.

What a tag does is told by its name, as Django's own tags do it; any other tag is left for the reader to look up. An
unclosed tag ends where the tag around it ends, a stray end tag is ignored, and nesting deeper than anybody writes is
cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from . import ir
from .template_expressions import Reader, Word, constant
from .template_tags import TAGS, unknown
from .template_tokens import Tag, pairs, tags
from .templates import core, template_function

_MAX_DEPTH = 60  # levels that nest facts: each is some tuples deep, and whoever reads them recurses
_MAX_ALTERNATIVES = 30  # `{% elif %}` one in the other; later ones stand one after the other
Close: TypeAlias = Callable[["Frame"], Sequence[ir.Stmt]]


def lower(text: str) -> tuple[ir.Stmt, ...]:
    return Lowering(tags(text)).run()


class Frame:
    """An open tag: statements inside go to `out`. Its alternatives (`else`, `elif`, `empty`) and its own facts."""

    __slots__ = ("base", "body", "clauses", "close", "depth", "facts", "index", "middle", "nested", "otherwise", "out")

    def __init__(self, index: int, base: int, depth: int, out: list[ir.Stmt]) -> None:
        self.index = index
        self.base = base  # lines of its facts count from here
        self.depth = depth
        self.out = out
        self.close: Close | None = None
        """What makes its statements once it is closed. None: what is inside went elsewhere, or nowhere."""
        self.middle: tuple[str, ...] = ()
        """Words that start another part of it."""
        self.body = out
        self.clauses: list[tuple[Reader, list[Word], list[ir.Stmt]]] = []
        """Of each `elif`: the tag, the words of its test, its statements."""
        self.nested = 0
        """How many of them are nested in each other."""
        self.otherwise: list[ir.Stmt] = []
        self.facts: Any = None


class Lowering:
    """One file's tags, gone through once; open tags are a list, so that no nesting makes it recurse."""

    def __init__(self, found: list[Tag]) -> None:
        self.tags = found
        self.ended = pairs(found)
        self.paired = set(self.ended.values())
        self.blocks: dict[str, ir.Stmt] = {}
        self.extends: tuple[ir.Expr, int, int] | None = None
        """The parent's name, and where it stands."""
        self.index = 0
        """Of the tag that is lowered now."""
        self.frames = [Frame(-1, 0, 0, [])]

    def run(self) -> tuple[ir.Stmt, ...]:
        for index, tag in enumerate(self.tags):
            frame = self.frames[-1]
            name, content, line, column = tag
            if not name:
                self.show(frame, Reader(content, line - frame.base, column))
            elif index in self.ended:
                self.close_to(self.ended[index])
            elif name in frame.middle:
                self.part(frame, tag)
            elif name.startswith("end") or name in ("else", "elif", "empty", "plural"):
                pass  # strays
            else:
                self.index = index
                TAGS.get(name, unknown)(self, frame, Reader(content, line - frame.base, column))
                if index in self.paired and self.frames[-1].index != index:
                    self.push(frame, None)
        self.close_to(0)
        body = self.frames[0].out
        if self.extends is not None:
            parent, *place = self.extends
            body = [(ir.EXPRESSION, (ir.EXTENDS, parent, tuple(sorted(self.blocks)), *place))]
        return (template_function(body), *self.blocks.values())

    def show(self, frame: Frame, reader: Reader) -> None:
        value = reader.value(Word(reader.content, 0))
        if not constant(value):
            frame.out.append((ir.EXPRESSION, (ir.STRING, (value,), reader.line)))

    def push(self, frame: Frame, close: Close | None, middle: tuple[str, ...] = (), facts: Any = None) -> Frame:
        """Open the current tag; `close` None: what is inside belongs to the tag around it."""
        if close is None:
            made = Frame(self.index, frame.base, frame.depth, frame.out)
        else:
            made = Frame(self.index, frame.base, frame.depth + 1, [])
            if made.depth <= _MAX_DEPTH:
                made.close = close
        made.middle = middle
        made.facts = facts
        self.frames.append(made)
        return made

    def push_block(self, frame: Frame, name: str) -> None:
        line, column = self.tags[self.index].line, self.tags[self.index].column
        made = self.push(frame, self.close_block, (), (name, line, column))
        made.base = line
        made.depth = 0 if made.close is not None else made.depth

    def close_block(self, frame: Frame) -> Sequence[ir.Stmt]:
        name, line, column = frame.facts
        if name not in self.blocks:
            self.blocks[name] = (ir.FUNCTION, line, column, core(f"block {name}", frame.out))
        return ((ir.EXPRESSION, (ir.BLOCK, name, line - self.frames[-1].base, column)),)

    def close_to(self, index: int) -> None:
        """Close the tag of that index, and before it those inside that have no end."""
        while len(self.frames) > 1 and self.frames[-1].index >= index:
            frame = self.frames.pop()
            if frame.close is not None:
                self.frames[-1].out.extend(frame.close(frame))

    def part(self, frame: Frame, tag: Tag) -> None:
        """`else` and its like: what follows goes to another list."""
        if tag.name == "elif":
            reader = Reader(tag.content, tag.line - frame.base, tag.column)
            frame.out = []
            frame.clauses.append((reader, reader.words()[1:], frame.out))
            if frame.nested < _MAX_ALTERNATIVES and frame.depth < _MAX_DEPTH:
                frame.nested += 1
                frame.depth += 1
        else:
            frame.out = frame.otherwise

"""Which line of an executed project caused a statement. Imported by the runners only, whose working folder it is."""

from __future__ import annotations

import os
from pathlib import Path
from types import FrameType

from declarations import declared  # beside this file; the runners put its folder on the path

ROOT = Path(os.getcwd())


def place(frame: FrameType | None) -> tuple[str, int]:
    """The innermost line of the project that caused the statement: Python, template, or a declaration of fields."""
    inner = ""
    while frame is not None:
        file = frame.f_code.co_filename
        # `super().save()` in a model's own `save()` is not what repeats: whoever calls `save()` is.
        inherited = inner == frame.f_code.co_name and inner in ("save", "delete")
        inner = frame.f_code.co_name
        if file.startswith(f"{ROOT}{os.sep}") and not inherited:
            template = frame.f_globals.get("__jinja_template__")  # whose code has lines of its own
            return relative(file), template.get_corresponding_lineno(frame.f_lineno) if template else frame.f_lineno
        if frame.f_code.co_name == "render_annotated":
            node = frame.f_locals["self"]
            origin = getattr(getattr(node, "origin", None), "name", "")
            if origin.startswith(f"{ROOT}{os.sep}"):
                return relative(origin), node.token.lineno
        found = declared(frame)
        if found is not None:
            return relative(found[0]), found[1]
        frame = above(frame)
    return "", 0


def above(frame: FrameType) -> FrameType | None:
    """The caller; of the first frame of a greenlet, what waits for it, for that is where SQLAlchemy's asynchronous
    calls come from."""
    if frame.f_back is not None:
        return frame.f_back
    try:
        from greenlet import getcurrent
    except ImportError:
        return None
    parent = getcurrent().parent
    return parent.gr_frame if parent is not None and parent.gr_frame is not frame else None


def relative(file: str) -> str:
    return Path(file).relative_to(ROOT).as_posix()

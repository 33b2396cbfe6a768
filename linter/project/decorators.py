"""What decorators of the project do around the function that they are given: their wrapper's own work, on which thread.

In: a function of the project that takes a function and gives back one that it defines. Out: the effects of that wrapper
apart from the call of what it wraps, whether it is a coroutine, and whether the wrapped function is called right there
or handed to something else (`run_in_executor(pool, function)`, `Thread(target=function)`), so that another thread runs
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .effects import Effect
from .memo import Question

if TYPE_CHECKING:
    from .project import Project

_MAX_EFFECTS = 20
_STARTS = {"threading.Thread", "threading.Timer", "multiprocessing.Process", "_thread.start_new_thread"}


@dataclass(frozen=True, slots=True)
class Decoration:
    """`effects` in terms of nothing: places are those of the decorator."""

    effects: tuple[Effect, ...] = ()
    coroutine: bool = False
    handed_off: bool = False
    threaded: bool = False
    """A thread is started for it, perhaps unless a setting says otherwise: whoever calls it does not wait."""


NONE = Decoration()


def decorations(project: Project, ref: str, core: Any) -> tuple[Decoration, ...]:
    """Of the decorators of a function, those that do something; the one nearest to it last."""
    if not core[ir.C_DECORATORS]:
        return ()
    path = ref.partition("::")[0]
    found = []
    for decorator in core[ir.C_DECORATORS]:
        called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        binding = project.dotted(path, decorator[1] if called else decorator)
        if binding is not None and binding.kind == "function":
            told: Decoration = project.memo.ask(QUESTIONS["decoration"], binding.ref)
            if told != NONE:
                found.append(told)
    return tuple(found)


def handed_off(project: Project, ref: str, core: Any) -> bool:
    """Whether a decorator makes a coroutine of a plain function and lets its body run elsewhere."""
    return not core[ir.C_ASYNC] and any(d.coroutine and d.handed_off for d in decorations(project, ref, core))


def threaded(around: tuple[Decoration, ...]) -> bool:
    """Whether one of the decorators starts a thread for the function."""
    return any(d.threaded for d in around)


def _decoration(project: Project, ref: str) -> Decoration:
    from .interpret import Interpretation

    defined = project.function(ref)
    found = _wrapper(defined.core) if defined is not None else None
    if found is None:
        return NONE
    wrapped, line, wrapper = found
    run = Interpretation(project, ref, is_async=bool(wrapper[ir.C_ASYNC]))
    run.base_line = line
    try:
        effects = run.body_of(wrapper).effects[:_MAX_EFFECTS]
    except RecursionError:
        effects = ()
    calls = shapes.calls_name(wrapper[ir.C_BODY], wrapped)
    own = tuple(e for e in effects if not (e.origin is not None and e.origin.parameter))
    started = _starts(project, ref.partition("::")[0], wrapper[ir.C_BODY], wrapped)
    return Decoration(own, bool(wrapper[ir.C_ASYNC]), not calls, started)


def _starts(project: Project, path: str, body: Any, wrapped: str) -> bool:
    """Whether a wrapper hands what it wraps to a thread or to the pool of an executor."""
    pending = [body]
    while pending:
        part = pending.pop()
        pending.extend(p for p in part if isinstance(p, tuple))
        if len(part) != 8 or part[0] != ir.CALL:  # the shape of CALL
            continue
        if wrapped not in part[2] and wrapped not in (value for _, value in part[3]):
            continue
        func = part[1]
        binding = project.dotted(path, func)
        if binding is not None and binding.kind == "external" and binding.ref in _STARTS:
            return True
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "submit":
            return True
    return False


def _wrapper(core: Any, depth: int = 0, line: int = 0) -> tuple[str, int, Any] | None:
    """The name of what is wrapped, and the function that is given back in its place with its line: also of a decorator
    that is called with arguments first."""
    inner = {s[3][ir.C_NAME]: s for s in core[ir.C_BODY] if s[0] == ir.FUNCTION}
    given = {s[1] for s in core[ir.C_BODY] if s[0] == ir.RETURN and isinstance(s[1], str)}
    for name in given & inner.keys():
        _, below, _, wrapper = inner[name]
        parameters = core[ir.C_PARAMETERS]
        deeper = _wrapper(wrapper, depth + 1, line + below) if depth < 1 else None
        if deeper is not None:
            return deeper
        return (parameters[0][0], line + below, wrapper) if parameters else None
    return None


QUESTIONS: dict[str, Question[Any]] = {"decoration": Question("decoration", _decoration, lambda: NONE)}

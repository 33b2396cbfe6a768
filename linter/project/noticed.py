"""Calls of known libraries that cost something besides their wait: a client is made, a wait has no end.

In: a call of something outside the project. Out: the effect `client`, the observation `endless`; what a session is
told about timeouts. Arguments that nobody can see (`**options`) may hold anything, so nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks import traits
from . import holding, shapes
from .effects import CLIENT, PAUSE, REMOTE, Effect, Observation
from .frozen import replace
from .memo import Question
from .values import NONE, Const, External, ExternalInstance, Instance, Spot, Value
from .wholes import RESPONSE

if TYPE_CHECKING:
    from .project import Project
    from .run import Run

_MOUNT, _PLAIN = "requests.Session.mount", "requests.adapters.HTTPAdapter"
_LOCKING = (".acquire", ".release")
_REQUESTING = ("request", "send")
LIMITS = (*_REQUESTING, "timeout")  # attributes that, when they are set, may set a limit
_SHARED = {"connection_pool", "http_client", "transport"}  # arguments that are what is costly
# What says how a client asks, not whom or as whom: one client serves with any of it
_MANNERS = {
    "timeout", "limits", "follow_redirects", "verify", "headers", "connector", "max_retries", "config", "trust_env",
    "decode_responses", "poolclass", "pool_size", "echo", "loop",
}  # fmt: skip


def call(run: Run, callee: External, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> None:
    """Something outside is called."""
    trait = traits.of(callee.name)
    if trait is None:
        if callee.name.endswith(_LOCKING):
            lock = traits.of(callee.name.rpartition(".")[0])
            if lock is not None and lock.lock == "thread":
                holding.acquired(run, callee.name, lock.lock)
        if callee.name in traits.load().defaults and args and args[0] != NONE:
            effect = Effect(REMOTE, callee.name, spot)
            run.observed.setdefault(("limited",), Observation("limited", effect, run.owner))
        if callee.name.endswith(".mount") and run.project.catalogue.canonical(callee.name) == _MOUNT:
            adapter = args[1] if len(args) > 1 else keywords.get("adapter")
            if not isinstance(adapter, ExternalInstance) or adapter.cls != _PLAIN:
                patient(run)
        return
    known = callee.of is None or isinstance(callee.of, ExternalInstance)
    if trait.client is not None and known and not _shares(run):
        name = run.project.catalogue.canonical(callee.name)
        run.emit(Effect(CLIENT, name, spot, how=trait.client.what, assumed=_varies(run)))
    if trait.transaction:
        run.begun.add(id(run.expression))
    if trait.pause and args and args[0] != Const(0):
        run.emit(Effect(PAUSE, callee.name, spot, detail="sleep"))
    if trait.whole and not args and not keywords:
        run.wholes[id(run.expression)] = (trait.whole, callee.name, spot)
    elif trait.answers and "stream" not in keywords and "**" not in keywords:
        run.wholes[id(run.expression)] = (RESPONSE, callee.name, spot)
    if trait.endless is not None and _endless(run, callee, trait.endless, args, keywords):
        effect = Effect(REMOTE, callee.name, spot, detail=trait.endless.without)
        how = _meant(run, trait.endless)
        run.observed.setdefault(("endless", spot), Observation("endless", effect, run.owner, how=how))


def _endless(
    run: Run, callee: External, known: traits.Endless, args: Sequence[Value], keywords: Mapping[str, Value]
) -> bool:
    if isinstance(callee.of, ExternalInstance) and (callee.of.patient or _told_at_import(run)):
        return False
    if isinstance(callee.of, Instance) and any(run.project.lookup(callee.of.cls, name) for name in _REQUESTING):
        return False
    given = keywords.get(known.without)
    if given is None and 0 <= known.position < len(args):
        given = args[known.position]
    if given is not None:
        return given == NONE
    written = run.expression[2] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else ()
    unseen = "**" in keywords or any(isinstance(a, tuple) and a[0] == ir.STAR for a in written)
    return not known.only_none and not unseen


def _meant(run: Run, known: traits.Endless) -> str:
    """How a limit is switched off: "" by saying nothing, "none" in so many words, "passed" by what somebody passes."""
    given = shapes.keyword(run.expression, known.without, known.position)
    return "" if given is None else "none" if given == (ir.CONST, None) else "passed"


def _shares(run: Run) -> bool:
    """Whether a client is given the connections of something that was made before."""
    expr = run.expression
    given = expr[3] if isinstance(expr, tuple) and expr[0] == ir.CALL else ()
    return any(key in _SHARED and not shapes.calls(value) for key, value in given)


def _varies(run: Run) -> bool:
    """Whether a client is made for somebody: an argument depends on what the function around was given."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL:
        return False
    given = [*expr[2], *(value for key, value in expr[3] if key not in _MANNERS)]
    return any(name.partition(".")[0] in run.env for part in given for name in shapes.names(part))


def patient(run: Run) -> None:
    """The object whose method is being called has been told how long to wait."""
    func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
    if isinstance(func, tuple) and func[0] == ir.ATTR:
        make_patient(run, func[1])


def make_patient(run: Run, holder: Any) -> None:
    """What a name or an attribute of `self` holds has a limit of its own from now on."""
    own = isinstance(holder, tuple) and holder[0] == ir.ATTR and holder[1] == run.self_name
    value = run.self_writes.get(holder[2]) if own else run.env.get(holder) if isinstance(holder, str) else None
    if isinstance(value, ExternalInstance) and own:
        run.self_writes[holder[2]] = replace(value, patient=True)
    elif isinstance(value, ExternalInstance):
        run.env[holder] = replace(value, patient=True)


def limited(project: Project) -> bool:
    """Whether some file gives every socket a timeout when it is imported."""
    return any(project.memo.ask(LIMITED, path) for path in project.modules.paths)


def _limited(project: Project, path: str) -> bool:
    for s in project.file(path).loose:
        call = s[1] if s[0] == ir.EXPRESSION else None
        bound = project.dotted(path, call[1]) if isinstance(call, tuple) and call[0] == ir.CALL else None
        if bound is not None and bound.kind == "external" and bound.ref in traits.load().defaults:
            return True
    return False


def _told_at_import(run: Run) -> bool:
    """Whether the module-level object whose method is called has been told how long to wait by its module."""
    func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
    holder = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
    if not isinstance(holder, str) or holder in run.env:
        return False
    bound = run.project.name(run.path, holder)
    known = bound is not None and bound.kind == "value"
    return known and bound is not None and run.project.memo.ask(PATIENT, bound.ref, bound.name)


def _patient(project: Project, path: str, name: str) -> bool:
    for s in project.file(path).loose:
        call = s[1] if s[0] == ir.EXPRESSION else None
        if s[0] == ir.ASSIGN and any(_is_attribute(target, name, LIMITS) for target in s[1]):
            return True
        if not isinstance(call, tuple) or call[0] != ir.CALL or not _is_attribute(call[1], name, ("mount",)):
            continue
        adapter = shapes.keyword(call, "adapter", 1)
        made = isinstance(adapter, tuple) and adapter[0] == ir.CALL
        bound = project.dotted(path, adapter[1]) if made else None
        if bound is None or bound.ref != _PLAIN:
            return True
    return False


def _is_attribute(expr: Any, base: str, names: tuple[str, ...]) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.ATTR and expr[1] == base and expr[2] in names


PATIENT: Question[bool] = Question("patient", _patient, bool)
LIMITED: Question[bool] = Question("limited", _limited, bool)
QUESTIONS: dict[str, Question[Any]] = {"limited": LIMITED, "patient": PATIENT}

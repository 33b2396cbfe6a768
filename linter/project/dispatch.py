"""Which methods a call may reach when only a base class or a protocol is known: the overriding ones of the project.

In: a method found on a class, and the object it was found for. Out: the methods of subclasses (of a protocol: of the
classes that have all its methods) that may run instead; calling them all, what only some of them do is marked as
assumed. More than `MAX_CANDIDATES` say nothing, and neither does an object whose class is known for certain.
Source: docs.python.org, "abc", "typing.Protocol".
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .frozen import replace
from .memo import Question
from .run import Run
from .values import Awaitable, Class, Function, Instance, Spot, Value, parts, union

if TYPE_CHECKING:
    from .project import ClassInfo, Member, Project

MAX_CANDIDATES = 8
STUB, EMPTY = "stub", "empty"  # in the marks of a member: it is there to be overridden, perhaps
_PROTOCOLS = ("Protocol", "typing.Protocol", "typing_extensions.Protocol")
_ABSTRACT = ("abc.ABC", *_PROTOCOLS[1:])


def marks_of_body(core: Any) -> tuple[str, ...]:
    """STUB for a body that only raises, EMPTY for one that does nothing."""
    body = core[ir.C_BODY]
    if not body:
        return (EMPTY,)
    return (STUB,) if len(body) == 1 and body[0][0] == ir.RAISE else ()


def others(project: Project, cls: str, member: Member, value: Value) -> tuple[str, ...]:
    """The methods that may be called in place of `member` of an object of `cls`."""
    declared = isinstance(value, Instance) and value.declared
    if not declared and STUB not in member.marks and "abstract" not in member.marks and EMPTY not in member.marks:
        return ()
    if not declared and not _is_stub(project, member):
        return ()
    found: tuple[str, ...] = project.memo.ask(QUESTIONS["overriding"], cls, member.name)
    return found


def _is_stub(project: Project, member: Member) -> bool:
    """Whether a method is none that runs: what is called is another one."""
    if STUB in member.marks or "abstract" in member.marks:
        return True
    info = project.class_info(member.owner) if EMPTY in member.marks else None
    return info is not None and info.inherits(*_ABSTRACT)


def has_subclasses(project: Project, cls: str) -> bool:
    found: bool = project.memo.ask(QUESTIONS["has_subclasses"], cls)
    return found


def _overriding(project: Project, cls: str, name: str) -> tuple[str, ...]:
    found = []
    for below in project.memo.ask(QUESTIONS["implementers"], cls):
        info = project.class_info(below)
        member = info.members.get(name) if info is not None else None
        inherited = project.lookup(below, name) if member is None and not _inherits(info, cls) else None
        member = member or inherited  # of a class that has a protocol's methods without naming it
        if member is not None and member.kind == "function" and not _is_stub(project, member):
            found.append(f"{member.owner}.{name}")
    unique = tuple(dict.fromkeys(found))
    return unique if len(unique) <= MAX_CANDIDATES else ()


def _inherits(info: ClassInfo | None, cls: str) -> bool:
    return info is not None and cls in info.lineage


def _implementers(project: Project, cls: str) -> tuple[str, ...]:
    """All classes below one, and those that a protocol describes."""
    hierarchy: Mapping[str, tuple[str, ...]] = project.memo.ask(QUESTIONS["hierarchy"])
    out: dict[str, None] = {}
    pending = deque(hierarchy.get(cls, ()))
    while pending:
        below = pending.popleft()
        if below not in out:
            out[below] = None
            pending.extend(hierarchy.get(below, ()))
    info = project.class_info(cls)
    if info is not None and _is_protocol(info):
        out.update(dict.fromkeys(_structural(project, info)))
    return tuple(out)


def _is_protocol(info: ClassInfo) -> bool:
    """Whether a class is a protocol itself, not one that implements it."""
    from .lineage import spelled

    return any(spelled(base) in _PROTOCOLS for base in info.bases)


def _structural(project: Project, info: ClassInfo) -> list[str]:
    """The classes that have every method of a protocol."""
    names = [member.name for member in project.declared(info) if member.kind == "function"]
    if not names:
        return []
    defining: Mapping[str, tuple[str, ...]] = project.memo.ask(QUESTIONS["defining"])
    rarest = min(names, key=lambda name: len(defining.get(name, ())))
    out = []
    for cls in defining.get(rarest, ()):
        other = project.class_info(cls)
        if other is None or cls == info.ref or _is_protocol(other):
            continue
        if all(project.lookup(cls, name) is not None for name in names):
            out.append(cls)
    return out


def _hierarchy(project: Project) -> dict[str, tuple[str, ...]]:
    """Class → the classes that name it as a base, but those of tests."""
    out: dict[str, list[str]] = {}
    for cls in _warm(project):
        info = project.class_info(cls)
        for ancestor in _parents(project, info) if info is not None else ():
            out.setdefault(ancestor, []).append(cls)
    return {cls: tuple(below) for cls, below in out.items()}


def _parents(project: Project, info: ClassInfo) -> list[str]:
    """The ancestors in the project that no nearer ancestor has."""
    own = [a for a in info.lineage[1:] if not a.startswith("ext:")]
    above: set[str] = set()
    out = []
    for ancestor in own:
        if ancestor not in above:
            out.append(ancestor)
            known = project.class_info(ancestor)
            above.update(known.lineage if known is not None else ())
    return out


def _defining(project: Project) -> dict[str, tuple[str, ...]]:
    """Method → the classes whose body has one of that name, but those of tests."""
    out: dict[str, list[str]] = {}
    for cls in _warm(project):
        info = project.class_info(cls)
        for member in info.members.values() if info is not None else ():
            if member.kind == "function":
                out.setdefault(member.name, []).append(cls)
    return {name: tuple(classes) for name, classes in out.items()}


def _warm(project: Project) -> list[str]:
    from .cold import cold

    return [cls for cls in project.classes() if not cold(cls.partition("::")[0])]


class Dispatch(Run):
    """Calling one of several methods, in one run."""

    def method(self, member: Member, cls: str, value: Value) -> Function:
        """A method of an object, as what its call may reach."""
        return Function(f"{member.owner}.{member.name}", value, others(self.project, cls, member, value))

    def call_candidates(
        self, callee: Function, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot, *, memoised: bool
    ) -> Value:
        """Call each method that may be meant. What all of them do is certain; what half of them do or fewer is rare in
        a loop over the objects, which may be of many classes; and what less than half do in a caller's loop."""
        told: list[tuple[Value, list[Any]]] = []
        for candidate in self._candidates(callee):
            outer, self.held_back = self.held_back, []
            value = self.call_function(candidate, args, keywords, spot, memoised=memoised)
            told.append((value, self.held_back))
            self.held_back = outer
        kinds = [{each[0].kind for each in (*now, *_pending(value))} for value, now in told]
        doing = Counter(kind for each in kinds for kind in each)
        few = len(kinds) // 2 if self._other_object() else 0 if self.loops else (len(kinds) - 1) // 2
        sure = {kind for kind, count in doing.items() if count == len(kinds)}
        rare = {kind for kind, count in doing.items() if count <= few}
        for _, now in told:
            self.settle(_assumed(now, sure, rare, spot))
        return union([_less_sure(value, sure, rare, spot) for value, _ in told])

    def _other_object(self) -> bool:
        """Whether the method that is being called is one of another object in every round of the innermost loop."""
        func = self.expression[1] if isinstance(self.expression, tuple) else None
        if not self.loops or not isinstance(func, tuple) or func[0] != ir.ATTR:
            return False
        return self.freshness(func[1]) >= self.now

    def _candidates(self, callee: Function) -> list[Function]:
        path, _, name = callee.ref.partition("::")
        member = self.project.lookup(f"{path}::{name.rpartition('.')[0]}", name.rpartition(".")[2])
        own = [] if member is not None and _is_stub(self.project, member) else [replace(callee, others=())]
        return [*own, *(Function(ref, _narrowed(callee.bound, ref.rpartition(".")[0])) for ref in callee.others)]


def _narrowed(bound: Value | None, cls: str) -> Value | None:
    """The object that a method of a subclass is called with."""
    if isinstance(bound, Instance):
        return Instance(cls, bound.fields)
    return Class(cls) if isinstance(bound, Class) else bound


def _pending(value: Value) -> list[Any]:
    return [each for part in parts(value) if isinstance(part, Awaitable) for each in part.pending]


def _assumed(effects: Sequence[Any], sure: set[str], rare: set[str], spot: Spot) -> tuple[Any, ...]:
    """The effects of one of the methods. `sure`: kinds of effects that all of them have; `rare`: that few have."""
    out = []
    for effect, *rest in effects:
        assumed = effect.assumed or effect.kind not in sure
        guarded = effect.guarded or effect.kind in rare
        out.append((replace(effect, assumed=assumed, guarded=guarded, through=spot), *rest))
    return tuple(out)


def _less_sure(value: Value, sure: set[str], rare: set[str], spot: Spot) -> Value:
    if isinstance(value, Awaitable):
        return replace(value, pending=_assumed(value.pending, sure, rare, spot))
    return value


QUESTIONS: dict[str, Question[Any]] = {
    "hierarchy": Question("hierarchy", _hierarchy, dict),
    "defining": Question("defining", _defining, dict),
    "implementers": Question("implementers", _implementers, tuple),
    "overriding": Question("overriding", _overriding, tuple),
    "has_subclasses": Question(
        "has_subclasses", lambda project, cls: bool(project.memo.ask(QUESTIONS["implementers"], cls)), lambda: False
    ),
}

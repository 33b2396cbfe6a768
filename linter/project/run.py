"""One interpretation of one body: its state, and what its parts may ask of one another and frameworks of it.

The parts stand in files of their own, each for one question: `members` (names, attributes, items), `loops`, `targets`
(assignments), `calls`, `expressions`, `statements`. `interpret` puts them together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .effects import Summary
from .happenings import Happenings
from .record import OpenLoop
from .values import Closure, Container, Function, Spot, Value

if TYPE_CHECKING:
    from .names import Binding
    from .project import Member, Project


class Run(Happenings, ABC):
    """`env` holds local names; everything else is asked of the project."""

    def __init__(self, project: Project, owner: str, *, is_async: bool = False) -> None:
        super().__init__(project, owner, is_async=is_async)
        self.cls = ""
        self.above = ""
        """The class whose ancestors the `super()` that was asked last is about."""
        self.base_line = 0
        self.inline_depth = 0
        self.inlined: tuple[Any, ...] = ()
        """The bodies being interpreted inside one another, as facts."""
        self.inlines: list[Spot] = []
        """Where bodies were interpreted, of all runs inside one another together."""
        self.made: Value | None = None
        """The object that was constructed last."""
        self.returned: Value | None = None
        self.yielded: Value | None = None
        self.parameters: frozenset[str] = frozenset()
        self.body: Any = ()
        """The statements of the function that is run."""
        self.counted: set[str] = set()
        self.numbered: set[str] = set()
        """Variables that hold the number of a round."""
        self.read_from: dict[str, set[str]] = {}
        """Names that the last assignment to a name read."""
        self.fixed: Spot | None = None
        """Where everything happens: what is run is a template that stands in a string there."""
        self.narrowed = False
        """Whether `env` says of some attribute of a name, as `name.attribute`, what a test found it to be."""
        self.defaults: dict[str, Any] = {}
        """The facts of what parameters hold that nobody is known to pass."""

    # Places -----------------------------------------------------------------------------------------------

    def spot(self, line: int, column: int, end_line: int = 0, end_column: int = 0) -> Spot:
        if self.fixed is not None:
            return self.fixed
        base = self.base_line
        return Spot(self.owner, base + line, column, base + (end_line or line), end_column or column)

    @property
    def here(self) -> Spot:
        """The place of the call being interpreted."""
        e = self.expression
        return self.spot(e[4], e[5], e[6], e[7]) if isinstance(e, tuple) and e[0] == ir.CALL else self.spot(0, 0)

    def context_spot(self, expr: Any) -> Spot:
        """The place of a `with` statement's context expression."""
        if isinstance(expr, tuple) and expr[0] == ir.CALL:
            return self.spot(expr[4], expr[5], expr[6], expr[7])
        if isinstance(expr, tuple) and expr[0] == ir.ATTR:
            return self.spot(expr[3], expr[4], expr[3], expr[4] + len(expr[2]))
        return self.spot(0, 0)

    # Expressions ------------------------------------------------------------------------------------------

    @abstractmethod
    def value(self, expr: Any) -> Value:
        """What an expression is; evaluating it records what it does."""

    @abstractmethod
    def condition(self, expr: Any) -> Value:
        """Evaluate for truth."""

    @abstractmethod
    def narrow(self, test: Any, holds: bool = True) -> None:
        """What a test says of names and their attributes when it is true, or when it is not."""

    @abstractmethod
    def truth(self, value: Value, expr: Any) -> bool:
        """A value is asked whether it is empty, or holds something; True when that fetches rows."""

    @abstractmethod
    def awaited(self, value: Value) -> Value:
        """What awaiting gives; what was pending happens now."""

    @abstractmethod
    def keep_loaded(self, name: Any, row: Value) -> None:
        """A relation that was just read of the row that a name holds is in memory from now on."""

    # Members ----------------------------------------------------------------------------------------------

    @abstractmethod
    def name(self, name: str) -> Value:
        """What a name holds here."""

    @abstractmethod
    def bound_to(self, binding: Binding) -> Value:
        """The value of a name at module level."""

    @abstractmethod
    def attribute(self, value: Value, name: str, line: int, column: int) -> Value:
        """`value.name`, the name standing at this place."""

    @abstractmethod
    def inherited(self, cls: str, name: str, value: Value) -> Value:
        """A member that a class can only have from an ancestor outside the project."""

    @abstractmethod
    def item(self, value: Value, expr: Any, index: Value, spot: Spot) -> Value:
        """`value[index]`."""

    @abstractmethod
    def class_value(self, member: Member, cls: str) -> Value:
        """What an attribute written in the body of a class holds."""

    @abstractmethod
    def scope(self) -> Container:
        """All local names, as a dict."""

    # Loops and assignments --------------------------------------------------------------------------------

    @abstractmethod
    def iterate(
        self, value: Value, expr: Any, line: int, column: int, end_line: int, end_column: int
    ) -> tuple[Value, bool, bool]:
        """What each round gets, whether the rounds are many, and whether they are known to be rows."""

    @abstractmethod
    def iterated(self, value: Value, spot: Spot) -> tuple[Value, bool, bool]:
        """The same for one alternative of a value."""

    @abstractmethod
    def open_loop(
        self, many: bool, known: bool, target: Any, source: Value, expr: Any, line: int, column: int, kind: str
    ) -> OpenLoop:
        """Begin a loop; `close` ends it."""

    @abstractmethod
    def read_implied(self, element: Value, place: Sequence[int]) -> None:
        """What the framework reads of every row by itself, at the place of what is iterated."""

    @abstractmethod
    def refreshed(self, element: Value) -> Value:
        """An element as this round's own."""

    @abstractmethod
    def bind(self, target: Any, value: Value, number: int) -> None:
        """Assign to a name, a tuple of targets, an attribute or an item."""

    # Calls ------------------------------------------------------------------------------------------------

    @abstractmethod
    def call(self, expr: Any) -> Value:
        """Evaluate a call."""

    @abstractmethod
    def call_value(self, callee: Value, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
        """Call something with these arguments."""

    @abstractmethod
    def call_function(
        self,
        callee: Function,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        spot: Spot,
        *,
        memoised: bool = False,
    ) -> Value:
        """Call a function of the project: its summary for these kinds of arguments, in terms of these arguments."""

    @abstractmethod
    def method(self, member: Member, cls: str, value: Value) -> Function:
        """A method of an object, as what its call may reach."""

    @abstractmethod
    def call_candidates(
        self, callee: Function, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot, *, memoised: bool
    ) -> Value:
        """Call each method that may be meant."""

    @abstractmethod
    def bindings(
        self, core: Any, bound: Value | None, args: Sequence[Value], keywords: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Parameter → argument."""

    @abstractmethod
    def inline(
        self, core: Any, ref: str, bindings: dict[str, Value], spot: Spot, closure: Closure | None = None
    ) -> Value:
        """Interpret a body right here: what a closure sees cannot be put into a context."""

    @abstractmethod
    def perform(self, ref: str, receiver: Value, given: Value, spot: Spot) -> Value:
        """What a framework does by itself with a class or function (see `Framework.procedure`)."""

    @abstractmethod
    def call_special(self, value: Value, name: str) -> Value:
        """Call a dunder method if the class defines it."""

    @abstractmethod
    def shown(self, value: Value) -> None:
        """A value becomes text: `str(value)`, `f"{value}"`."""

    # Templates --------------------------------------------------------------------------------------------

    @abstractmethod
    def look_up(self, expr: Any, *, call: bool = True) -> Value:
        """`base.name` of a template; `call`: what is found is called, unless it is going to be."""

    @abstractmethod
    def of_file(self, name: str) -> Value:
        """A macro that the template being run defines or imports."""

    @abstractmethod
    def render(self, path: str, context: Container, spot: Spot, *, blocks: bool = False) -> None:
        """Render a template file with this context."""

    @abstractmethod
    def macros(self, path: str) -> dict[str, Value]:
        """The macros of a template file, by name."""

    @abstractmethod
    def render_text(self, text: str, context: Container, spot: Spot, *, jinja: bool = False) -> None:
        """Render a template that is written in a string of the source; all of it happens at this place."""

    # Statements -------------------------------------------------------------------------------------------

    @abstractmethod
    def block(self, statements: Iterable[Any]) -> bool:
        """Run statements; True when the end of the block is not reached."""

    @abstractmethod
    def body_of(self, core: Any) -> Summary:
        """Run a function's body with the parameters that `env` holds."""

    @abstractmethod
    def leave_transactions(self, count: int) -> None:
        """A transaction that wrote ends with a commit."""

    @abstractmethod
    def remembered(self, test: Any) -> bool:
        """Whether an answer is looked for among those that the function keeps."""

    @abstractmethod
    def rare(self, test: Any, body: Any) -> bool:
        """Whether a condition makes its branch rare in a loop: a memo (`key not in cache`), a first-round flag."""

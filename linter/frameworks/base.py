"""What a framework tells the interpreter. A method answers None for "not mine"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..project.databases import Database
from ..project.effects import Effect
from ..project.entries import Entry
from ..project.memo import Question
from ..project.migrations import Change, Migration
from ..project.schema import Model
from ..project.values import Rows, Spot, Value

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

Arguments = Sequence[Value]
Keywords = Mapping[str, Value]


class Framework:
    """Knows nothing; frameworks override what they know."""

    name = ""
    attributes_of: tuple[type, ...] = ()
    """The kinds of values whose attributes `attribute` may know; empty: it is asked about every value."""
    calls_of: tuple[type, ...] = ()
    """The same of `call`."""

    @property
    def questions(self) -> Sequence[Question[Any]]:
        """Memoised questions of its own."""
        return ()

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        """Whether a class is mapped to a table; must not ask for models."""
        return False

    def bases(self, project: Project, path: str, written: Any) -> Sequence[tuple[str, Any]] | None:
        """What a base of a class in the file `path`, as facts, stands for: (the file whose names it is spelled with,
        facts) of each; must not ask for models."""
        return None

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        """What a mapped class says."""
        return None

    def instance(self, project: Project, name: str) -> Value | None:
        """The value that an annotation with this external name, or a call of that class, stands for."""
        return None

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        """`value.name`, where value is a row, rows, a model class or something external."""
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        """A call of something external, of a bound method of rows, or of a model class."""
        return None

    def queues(self, project: Project, ref: str) -> bool:
        """Whether calling this decorated function only puts it into a queue, for another process to run."""
        return False

    def operation(self, run: Run, operator: str, values: Arguments) -> Value | None:
        """`a == b`, `a & b`, `~a`, where one of the values is a term."""
        return None

    def assigned(self, run: Run, row: Value, names: tuple[str, ...], spot: Spot) -> None:
        """A loop does nothing but set these attributes of its rows, each to one value for all rows."""

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        """What each round of a loop over `value` gets, having recorded what iterating costs."""
        return None

    def awaited(self, run: Run, value: Value, spot: Spot) -> Value | None:
        """What `await value` gives, where a query is sent by awaiting it."""
        return None

    def truth(self, run: Run, value: Value, spot: Spot) -> bool:
        """`if value:`, `len(value)`, `x in value`: record what finding out costs; True when it fetches the rows."""
        return False

    def asks_anew(self, rows: Rows, name: str) -> bool:
        """Whether a method of a query leaves the rows alone that the query may have fetched."""
        return False

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        """The procedures that the framework runs with a class by itself: what a request to a view does, what an admin
        page shows. A name may begin with one of `summaries.SETTINGS` and a dot."""
        return ()

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        """The same for the functions and methods of a file: (function, procedure). What such a procedure calls the
        function with says more than its signature."""
        return ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        """Do what the framework does with the class or function `run.owner`, through `run`; what it gives back.

        Places are relative to the owner. `receiver` is the object, `given` what is worked on, a row for instance.
        Must depend on nothing else, for it is remembered per kind of these two."""
        return None

    def nested(self, run: Run, core: Any, returned: Value) -> None:
        """A function inside another one, as facts, has been run as whoever keeps it would run it, and gives this: what
        the framework does with it that a decorator says it is given to."""

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        """What to do about something that its rows do once per round, in its own words; "" where it has none.

        `where`: " to the query at …" for a relation that is loaded row by row, when its query is known."""
        return ""

    def template(self, project: Project, name: str, near: str) -> str:
        """The path of the template file that a name means, seen from the file `near`; "" for none."""
        return ""

    def filter(
        self, run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        """`value|name:argument`, `value|name(argument, key=more)` in a template."""
        return None

    def tag(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        """`{% name args %}` in a template; what it gives when it is kept under a name."""
        return None

    def template_global(self, run: Run, name: str) -> Value | None:
        """A name that every template knows: a function that the project gave to the template engine."""
        return None

    def entries(self, project: Project) -> Iterator[Entry]:
        """Where the outside world enters the program."""
        return iter(())

    def migration(self, project: Project, path: str) -> Migration | None:
        """What a file changes in the schema, when it is a migration."""
        return None

    def safer(self, migration: Migration, change: Change) -> str:
        """How to make the index of a change without keeping writers out, in words; "" for another's migration."""
        return ""

    def databases(self, project: Project) -> Iterator[Database]:
        """How it connects to databases, as far as settings say."""
        return iter(())

    def hands_on(self, project: Project) -> Sequence[str]:
        """The beginnings of names whose calls only put something into a queue here, as settings say."""
        return ()

    def stays_here(self, project: Project) -> Sequence[str]:
        """The beginnings of names whose calls do not leave the process here, as settings say."""
        return ()

    def scatters(self, project: Project) -> bool:
        """Whether settings put models into different databases, so that one statement may not reach two of them."""
        return False

    def encloses(self, project: Project, handler: str) -> bool:
        """Whether a request handler runs in a transaction that the framework opens around it."""
        return False

    def enter(self, run: Run, context: object, value: Value) -> Spot | None:
        """`with value:`: the place, when it opens a transaction."""
        return None

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        """`rows[i]` with a single index: a row, having recorded what it costs."""
        return None

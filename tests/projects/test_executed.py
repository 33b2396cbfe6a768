"""A Django project that is linted and executed: what is slow there is measured, and the linter must say the same.

The first half needs no linter: every entry is run with N and with 2N rows, and exactly the marked lines send more
statements. The second half compares the linter's findings with these marks, case by case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from . import remedies
from .cases import CASES, Case
from .not_yet import FALSE_ALARMS, NOT_YET
from .shop import Line, Mark, Statement, execution, findings, growing, marks, places, reported

ASKED_IN = "catalog/questions.py"
"""The file written for the rules of `FORMS`; elsewhere they may speak up, rightly, about lines that are no case."""


def counts(sql: str) -> bool:
    return "COUNT(" in sql


def fetches(sql: str) -> bool:
    return sql.startswith("SELECT") and not counts(sql) and "LIMIT" not in sql


FORMS: dict[str, Callable[[str], bool]] = {
    "count-for-existence": lambda sql: counts(sql) or fetches(sql),
    "fetch-to-count": fetches,
    "filter-in-python": lambda sql: fetches(sql) and "WHERE" not in sql,
    "query-evaluated-twice": fetches,
    "unbounded-query": lambda sql: fetches(sql) and "WHERE" not in sql,
    "over-fetching": lambda sql: fetches(sql) and sql.partition(" FROM ")[0].count(",") > 0,
    "random-order": lambda sql: "ORDER BY RAND(" in sql,
}
"""Rules about one statement: what the statement of a marked line must look like, for it is sent once."""


REMEDIES = 18
"""At least so many findings ask for a loader in words that `remedies.py` can follow."""


def ids(cases: Sequence[Case]) -> list[object]:
    return [pytest.param(case, id=case.id) for case in cases]


def formed(case: Case) -> set[Mark]:
    """The marks of `FORMS` whose line sends a statement of that form in this case."""
    found: set[Mark] = set()
    sent = execution()[case.entry][1]
    for path, line in {(path, line) for _, path, line in sent}:
        for code in marks().get((path, line), ()):
            here = [sql for sql, *place in sent if place == [path, line] and code in FORMS and FORMS[code](sql)]
            if here and (code != "query-evaluated-twice" or elsewhere(sent, here[0], (path, line))):
                found.add((path, line, code))
    return found


def elsewhere(sent: Sequence[Statement], sql: str, line: Line) -> bool:
    return any(other == sql and (path, number) != line for other, path, number in sent)


def marked(case: Case) -> set[Mark]:
    """The marks that this case executes and proves."""
    repeated = {(*line, code) for line in growing(case) for code in marks().get(line, ()) if code not in FORMS}
    return repeated | formed(case)


@cache
def proofs() -> Counter[Line]:
    """How many cases prove each marked line."""
    return Counter((path, line) for case in CASES for path, line, _ in marked(case))


@pytest.mark.parametrize("case", ids(CASES))
def test_exactly_the_marked_lines_are_slow(case: Case) -> None:
    unmarked = [f"{path or 'a framework'}:{line}" for path, line in growing(case) if (path, line) not in marks()]
    assert not unmarked, "these lines ask once per row"
    assert execution()[case.entry][0] or case.entry.startswith("graphene"), "nothing is asked at all"
    assert sorted(code for _, _, code in marked(case)) == sorted(case.codes)


@pytest.mark.parametrize("case", ids([case for case in CASES if not case.codes]))
def test_a_look_alike_asks_no_more_when_there_are_more_rows(case: Case) -> None:
    few, many = (len(sent) for sent in execution()[case.entry])
    assert few == many


@pytest.mark.parametrize("case", ids([case for case in CASES if case.repaired]))
def test_the_repaired_form_asks_less(case: Case) -> None:
    """The loader that the finding asks for is in the other case; so the remedy is one that helps."""
    few, many = (len(sent) for sent in execution()[case.repaired])
    assert few == many < len(execution()[case.entry][1])


def test_every_mark_is_proved_by_a_case() -> None:
    proved = {mark for case in CASES for mark in marked(case)}
    assert sorted({(*line, code) for line, codes in marks().items() for code in codes} - proved) == []
    assert len(proved) == sum(len(codes) for codes in marks().values())


def test_two_of_five_cases_must_stay_silent() -> None:
    assert sum(not case.codes for case in CASES) >= 0.4 * len(CASES) >= 0.4 * 60
    assert {case.repaired for case in CASES if case.repaired} <= {case.entry for case in CASES if not case.codes}


@pytest.mark.parametrize("case", ids([case for case in CASES if case.codes]))
def test_the_linter_reports_the_marked_lines(case: Case) -> None:
    missed = sorted(marked(case) - reported())
    shown = [f"{path}:{line}: missed alarm [{code}]" for path, line, code in missed]
    known = Counter(NOT_YET.get(case.id, ()))
    codes = Counter(code for *_, code in missed)
    assert not codes - known, "\n".join(shown)
    assert not known - codes, f"found after all, so take it out of NOT_YET: {sorted((known - codes).elements())}"


def test_the_linter_reports_nothing_else() -> None:
    """Of the rules whose truth execution can tell; a known false alarm that is gone must go from the list."""
    judged = {code for codes in marks().values() for code in codes}
    wrong = {}
    for finding in findings():
        for path, line in places(finding):
            if finding.code in marks().get((path, line), ()) or finding.code not in judged:
                continue
            if finding.code not in FORMS or path == ASKED_IN:
                shown = f"{path}:{line}: false alarm [{finding.code}] {finding.message}"
                wrong[path, finding.symbol, finding.code] = shown
    new = [shown for alarm, shown in wrong.items() if alarm not in FALSE_ALARMS]
    assert not new, "\n".join(new)
    assert sorted(FALSE_ALARMS - set(wrong)) == [], "no longer reported, so take it out of FALSE_ALARMS"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, frozenset[Line]]:
    """A copy of the project with every loader that a finding asks for, and the lines of these findings."""
    copy = tmp_path_factory.mktemp("followed").resolve() / "django_shop"
    done = remedies.follow(findings(), copy)
    return copy, frozenset(line for finding in findings() if finding.fingerprint in done for line in places(finding))


@pytest.mark.parametrize("case", ids([case for case in CASES if case.codes]))
def test_the_linters_own_remedy_helps(case: Case, followed: tuple[Path, frozenset[Line]]) -> None:
    copy, lines = followed
    # A line that is slow in several cases has one finding, whose remedy names the query of one of them.
    before = {(path, line) for path, line, _ in marked(case) if proofs()[path, line] == 1}
    still = sorted(before & lines & growing(case, copy))
    assert not still, f"the loader stands where the finding asks for it; still slow: {still}"
    assert growing(case, copy) <= growing(case), "the loader made another line slow"


def test_remedies_are_followed(followed: tuple[Path, frozenset[Line]]) -> None:
    assert len(followed[1]) >= REMEDIES


def test_what_is_not_found_yet_names_cases() -> None:
    assert set(NOT_YET) <= {case.id for case in CASES if case.codes}

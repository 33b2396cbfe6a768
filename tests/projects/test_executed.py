"""Projects that are linted and executed: what is slow there is measured, and the linter must say the same.

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
from .cases import Case
from .not_yet import FALSE_ALARMS, NOT_YET
from .project import PROJECTS, Line, Mark, Project, Statement, places

ASKED_IN = {"catalog/questions.py", "core/questions.py"}
"""The files written for the rules of `FORMS`; elsewhere they may speak up, rightly, about lines that are no case."""


def counts(sql: str) -> bool:
    return "COUNT(" in sql.upper()


def fetches(sql: str) -> bool:
    return sql.startswith("SELECT") and not counts(sql) and "LIMIT" not in sql


FORMS: dict[str, Callable[[str], bool]] = {
    "count-for-existence": lambda sql: counts(sql) or fetches(sql),
    "fetch-to-count": fetches,
    "filter-in-python": lambda sql: fetches(sql) and "WHERE" not in sql,
    "query-evaluated-twice": fetches,
    "unbounded-query": lambda sql: fetches(sql) and "WHERE" not in sql,
    "over-fetching": lambda sql: fetches(sql) and sql.split("FROM")[0].count(",") > 0,
    "random-order": lambda sql: "ORDER BY RAND(" in sql,
    "deep-offset": lambda sql: "OFFSET" in sql,
    "large-in-list": fetches,
    "fetchall-in-memory": lambda sql: fetches(sql) and "WHERE" not in sql,
    "cached-count-missing": counts,
    "join-multiplied-distinct": lambda sql: "JOIN" in sql and "DISTINCT" in sql,
}
"""Rules about one statement: what the statement of a marked line must look like, for it is sent once."""

TWICE = ("query-evaluated-twice", "cached-count-missing")
"""Of these, the same statement must be sent from another line as well."""


REMEDIES = {"django_shop": 18, "web_shop": 25}
"""At least so many findings ask for a loader in words that `remedies.py` can follow."""


def every(chosen: Callable[[Case], object]) -> list[object]:
    """(project, case) of all projects, named by the case."""
    return [
        pytest.param(project, case, id=f"{project.name}/{case.id}")
        for project in PROJECTS
        for case in project.cases
        if chosen(case)
    ]


def formed(project: Project, case: Case) -> set[Mark]:
    """The marks of `FORMS` whose line sends a statement of that form in this case."""
    found: set[Mark] = set()
    sent = project.execution[case.entry][1]
    for path, line in {(path, line) for _, path, line in sent}:
        for code in project.marks.get((path, line), ()):
            here = [sql for sql, *place in sent if place == [path, line] and code in FORMS and FORMS[code](sql)]
            if here and (code not in TWICE or elsewhere(sent, here[0], (path, line))):
                found.add((path, line, code))
    return found


def elsewhere(sent: Sequence[Statement], sql: str, line: Line) -> bool:
    return any(other == sql and (path, number) != line for other, path, number in sent)


def marked(project: Project, case: Case) -> set[Mark]:
    """The marks that this case executes and proves."""
    growing = project.growing(case)
    repeated = {(*line, code) for line in growing for code in project.marks.get(line, ()) if code not in FORMS}
    return repeated | formed(project, case)


@cache
def proofs(project: Project) -> Counter[Line]:
    """How many cases prove each marked line."""
    return Counter((path, line) for case in project.cases for path, line, _ in marked(project, case))


@pytest.mark.parametrize(("project", "case"), every(lambda case: True))
def test_exactly_the_marked_lines_are_slow(project: Project, case: Case) -> None:
    growing = project.growing(case)
    unmarked = [f"{path or 'a framework'}:{line}" for path, line in growing if (path, line) not in project.marks]
    assert not unmarked, "these lines ask once per row"
    assert project.execution[case.entry][0] or case.entry.startswith("graphene"), "nothing is asked at all"
    assert sorted(code for _, _, code in marked(project, case)) == sorted(case.codes)


@pytest.mark.parametrize(("project", "case"), every(lambda case: not case.codes))
def test_a_look_alike_asks_no_more_when_there_are_more_rows(project: Project, case: Case) -> None:
    few, many = (len(sent) for sent in project.execution[case.entry])
    assert few == many


@pytest.mark.parametrize(("project", "case"), every(lambda case: case.repaired))
def test_the_repaired_form_asks_less(project: Project, case: Case) -> None:
    """The loader that the finding asks for is in the other case; so the remedy is one that helps."""
    few, many = (len(sent) for sent in project.execution[case.repaired])
    assert few == many < len(project.execution[case.entry][1])


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_mark_is_proved_by_a_case(project: Project) -> None:
    proved = {mark for case in project.cases for mark in marked(project, case)}
    assert sorted({(*line, code) for line, codes in project.marks.items() for code in codes} - proved) == []
    assert len(proved) == sum(len(codes) for codes in project.marks.values())


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_two_of_five_cases_must_stay_silent(project: Project) -> None:
    cases = project.cases
    assert sum(not case.codes for case in cases) >= 0.4 * len(cases) >= 0.4 * 60
    assert {case.repaired for case in cases if case.repaired} <= {case.entry for case in cases if not case.codes}


@pytest.mark.parametrize(("project", "case"), every(lambda case: case.codes))
def test_the_linter_reports_the_marked_lines(project: Project, case: Case) -> None:
    missed = sorted(marked(project, case) - project.reported)
    shown = [f"{path}:{line}: missed alarm [{code}]" for path, line, code in missed]
    known = Counter(NOT_YET.get(case.id, ()))
    codes = Counter(code for *_, code in missed)
    assert not codes - known, "\n".join(shown)
    assert not known - codes, f"found after all, so take it out of NOT_YET: {sorted((known - codes).elements())}"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_the_linter_reports_nothing_else(project: Project) -> None:
    """Of the rules whose truth execution can tell; a known false alarm that is gone must go from the list."""
    judged = {code for codes in project.marks.values() for code in codes}
    wrong = {}
    for finding in project.findings:
        for path, line in places(finding):
            if finding.code in project.marks.get((path, line), ()) or finding.code not in judged:
                continue
            if finding.code not in FORMS or path in ASKED_IN:
                shown = f"{path}:{line}: false alarm [{finding.code}] {finding.message}"
                wrong[path, finding.symbol, finding.code] = shown
    known = FALSE_ALARMS[project.name]
    new = [shown for alarm, shown in wrong.items() if alarm not in known]
    assert not new, "\n".join(new)
    assert sorted(known - set(wrong)) == [], "no longer reported, so take it out of FALSE_ALARMS"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Project], tuple[Path, frozenset[Line]]]:
    """A copy of a project with every loader that a finding asks for, and the lines of these findings."""

    @cache
    def copied(project: Project) -> tuple[Path, frozenset[Line]]:
        copy = tmp_path_factory.mktemp("followed").resolve() / project.name
        done = remedies.follow(project.root, project.findings, copy)
        lines = (line for finding in project.findings if finding.fingerprint in done for line in places(finding))
        return copy, frozenset(lines)

    return copied


@pytest.mark.parametrize(("project", "case"), every(lambda case: case.codes))
def test_the_linters_own_remedy_helps(
    project: Project, case: Case, followed: Callable[[Project], tuple[Path, frozenset[Line]]]
) -> None:
    copy, lines = followed(project)
    # A line that is slow in several cases has one finding, whose remedy names the query of one of them.
    before = {(path, line) for path, line, _ in marked(project, case) if proofs(project)[path, line] == 1}
    still = sorted(before & lines & project.growing(case, copy))
    assert not still, f"the loader stands where the finding asks for it; still slow: {still}"
    assert project.growing(case, copy) <= project.growing(case), "the loader made another line slow"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_remedies_are_followed(project: Project, followed: Callable[[Project], tuple[Path, frozenset[Line]]]) -> None:
    assert len(followed(project)[1]) >= REMEDIES[project.name]


def test_what_is_not_found_yet_names_cases() -> None:
    assert set(NOT_YET) <= {case.id for project in PROJECTS for case in project.cases if case.codes}

"""A connection that is opened anew where one could be kept: for every request to a service, for every web request."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.frameworks import traits
from ...linter.model import Finding
from ...linter.project.cold import cold
from ...linter.project.effects import REMOTE, SEARCH, Effect, Group, Observation
from ...linter.project.project import Project
from ...linter.project.telling import FAR, finding
from ...linter.project.whither import ANYWHERE


def check(project: Project) -> Iterator[Finding]:
    yield from _databases(project)
    told = project.observations
    looped = [group for group in told.repeated(REMOTE) if _one_shot(group.first.effect)]
    seen = {o.effect.spot for group in looped for o in group.observations}
    for group in looped:
        few = all(o.loops[-1].kind == SEARCH or len(o.effect.hops) > FAR for o in group.observations)
        likely = group.first.effect.how != ANYWHERE and not few and not told.aside(group)
        yield _finding(project, group, f"once per `{group.first.loops[-1].variable}`", likely=likely)
    for group in told.entered(("request", "task"), _one_shot):
        if not seen & {o.effect.spot for o in group.observations}:
            yield _finding(project, group, "for each request", likely=False)


def _one_shot(effect: Effect) -> bool:
    trait = traits.of(effect.subject) if effect.kind == REMOTE else None
    return trait is not None and trait.one_shot


def _finding(project: Project, group: Group, when: str, *, likely: bool) -> Finding:
    effect = group.first.effect
    library = effect.subject.partition(".")[0]
    session = {"requests": "a `requests.Session`", "httpx": "an `httpx.Client`", "aiohttp": "a `ClientSession`"}
    return finding(
        project,
        group,
        "no-connection-reuse",
        "resource",
        f"`{effect.subject}` opens a connection of its own {when}: 2-3 round trips before the first byte",
        subject=effect.subject,
        remedy=f"ask through {session.get(library, 'a `urllib3.PoolManager`')} that is kept: its connections are used "
        "again",
        confidence="likely" if likely else "possible",
    )


def _databases(project: Project) -> Iterator[Finding]:
    for framework in project.frameworks:
        for database in framework.databases(project):
            if not database.server or database.reused is not False or cold(database.spot.path):
                continue
            effect = Effect("connection", database.alias, database.spot)
            yield finding(
                project,
                Group((Observation("settings", effect, database.spot.owner),)),
                "no-connection-reuse",
                "resource",
                f"every request opens a connection to {database.server} (database `{database.alias}`) and closes it: "
                "2-20 ms",
                subject=database.alias,
                remedy="set `CONN_MAX_AGE` (under WSGI), or `OPTIONS` `pool` (Django 5.1, psycopg 3), or use PgBouncer",
                confidence="likely",
            )

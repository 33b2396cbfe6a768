"""From a missing index to a finding: the wording that the rules about indexes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Because, Finding, fingerprint
from . import conditions
from .index_remedies import remedy, spelled
from .indexes import is_key
from .needs import Need, Site
from .selectivity import is_log, is_small
from .summaries import PROCEDURE

if TYPE_CHECKING:
    from .project import Project

_MAX_SITES = 8  # sites listed in one finding


def finding(project: Project, need: Need, code: str, message: str, *, instead: str = "", sure: bool = True) -> Finding:
    """The finding of one missing index. The place is the column, the sites are the reasons.
    `instead`: another remedy than a plain index; `sure`: it may be certain."""
    told = project.observations
    sites = sorted(need.sites, key=lambda s: (not _hot(project, s), project.place(s.effect.spot)))
    place = project.place(need.place.spot)
    hot = any(_hot(project, s) for s in sites)
    small = is_small(need.model)  # by its name: nobody can be sure; keys are followed from tables that are not
    worth = any((s.equal or need.where or not _only_tasks(project, s)) and not s.weak for s in sites)
    worth = worth and (not small or is_key(need))
    certain = sure and worth and not small
    certain = certain and any(_hot(project, s) and s.alone and s.equal and not s.weak for s in sites)
    entries = [entry for s in sites for entry in told.entries_of(s.function)]
    routes = tuple(dict.fromkeys(e.route for e in entries if e.kind == "request" and e.route))
    symbol = need.place.spot.owner.rpartition("::")[2]
    model = need.model.name.rpartition(".")[2]
    subject = f"{model}.{need.subject}"
    asked = tuple(dict.fromkeys(_because(project, need, s) for s in sites))
    return Finding(
        code=code,
        family="index",
        message=message,
        place=place,
        severity="error" if certain else "warning",
        confidence="certain" if certain else "likely" if worth else "possible",
        symbol=symbol,
        fingerprint=fingerprint(code, place.path, symbol, subject),
        because=(*asked[:_MAX_SITES], *_many(project, need), *_flags(project, need), *_goes(project, need)),
        routes=routes,
        query=sites[0].effect.query,
        remedy=instead or remedy(project, need),
        snippets=() if instead else project.indexes.texts.of(need),
        hot=hot,
        weight=(4.0 if hot else 1.0) * (1.0 + 0.25 * min(len(sites), 8)),
    )


def _only_tasks(project: Project, site: Site) -> bool:
    """A scan in a job of its own, such as a daily clean-up, makes nobody wait."""
    entries = project.observations.entries_of(site.function)
    return bool(entries) and all(entry.kind == "task" or not entry.hot for entry in entries)


def _hot(project: Project, site: Site) -> bool:
    return any(entry.hot for entry in project.observations.entries_of(site.function))


def _because(project: Project, need: Need, site: Site) -> Because:
    name = site.function.rpartition("::")[2].partition(PROCEDURE)[0] or "the module"
    routes = [e.route for e in project.observations.entries_of(site.function) if e.kind == "request" and e.route]
    of = f", on {routes[0]}" if routes else ""
    verb = "may be asked for" if site.effect.chosen else "sorted" if need.sorted else "looked up"
    return Because(project.place(site.effect.spot), f"{verb} in `{name}`{of}")


def _many(project: Project, need: Need) -> tuple[Because, ...]:
    """Why the rows of one parent are taken for many."""
    within = need.columns[: len(need.columns) - need.sorted] if need.sorted else ()
    if not within or not is_log(need.model):
        return ()
    name = need.model.name.rpartition(".")[2]
    place = project.definition_place(need.model.ref)
    return (Because(place, f"`{name}` is taken for a log, of many rows for each `{spelled(need, within[0].name)}`"),)


def _flags(project: Project, need: Need) -> tuple[Because, ...]:
    """Flags that every one of the sorted queries filters by, as a default manager does: the index may leave out what
    they do."""
    if not need.sorted:
        return ()
    common = set.intersection(*(set(site.effect.conditions) for site in need.sites))
    found = (conditions.read(text) for text in sorted(common))
    flags = [c for c in found if not c.table and c.constant in ("TRUE", "FALSE")]
    columns = [(need.model.column(c.column), c.constant) for c in flags]
    return tuple(
        Because(
            project.place(column.spot),
            f"all of these ask for `{column.name} = {value.lower()}` as well: the index may hold only such rows",
        )
        for column, value in columns
        if column is not None and column not in need.columns
    )


def _goes(project: Project, need: Need) -> tuple[Because, ...]:
    """Where an index of several columns is written: `Meta`, or the class when it has none."""
    if len(need.columns) == 1 and not need.where and not need.kind:
        return ()
    meta = f"{need.model.ref}.Meta"
    ref = meta if need.model.dialect == "django" and project.class_info(meta) is not None else need.model.ref
    return (Because(project.definition_place(ref), "the index goes here"),)

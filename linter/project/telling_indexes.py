"""From a missing index to a finding: the wording that the rules about indexes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Because, Finding, fingerprint
from .indexes import Need, Site
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
    worth = any(s.equal or not _only_tasks(project, s) for s in sites)
    certain = sure and any(_hot(project, s) and s.alone and s.equal for s in sites)
    entries = [entry for s in sites for entry in told.entries_of(s.function)]
    routes = tuple(dict.fromkeys(e.route for e in entries if e.kind == "request" and e.route))
    symbol = need.place.spot.owner.rpartition("::")[2]
    model = need.model.name.rpartition(".")[2]
    subject = f"{model}.{'+'.join(c.name for c in need.columns)}"
    return Finding(
        code=code,
        family="index",
        message=message,
        place=place,
        severity="error" if certain else "warning",
        confidence="certain" if certain else "likely" if worth else "possible",
        symbol=symbol,
        fingerprint=fingerprint(code, place.path, symbol, subject),
        because=(*tuple(dict.fromkeys(_because(project, s) for s in sites))[:_MAX_SITES], *_goes(project, need)),
        routes=routes,
        query=sites[0].effect.query,
        remedy=instead or remedy(project, need),
        hot=hot,
        weight=(4.0 if hot else 1.0) * (1.0 + 0.25 * min(len(sites), 8)),
    )


def _only_tasks(project: Project, site: Site) -> bool:
    """A scan in a job of its own, such as a daily clean-up, makes nobody wait."""
    entries = project.observations.entries_of(site.function)
    return bool(entries) and all(entry.kind == "task" or not entry.hot for entry in entries)


def _hot(project: Project, site: Site) -> bool:
    return any(entry.hot for entry in project.observations.entries_of(site.function))


def _because(project: Project, site: Site) -> Because:
    name = site.function.rpartition("::")[2].partition(PROCEDURE)[0] or "the module"
    routes = [e.route for e in project.observations.entries_of(site.function) if e.kind == "request" and e.route]
    of = f", on {routes[0]}" if routes else ""
    return Because(project.place(site.effect.spot), f"looked up in `{name}`{of}")


def _goes(project: Project, need: Need) -> tuple[Because, ...]:
    """Where an index of several columns is written: `Meta`, or the class when it has none."""
    if len(need.columns) == 1:
        return ()
    meta = f"{need.model.ref}.Meta"
    ref = meta if need.model.dialect == "django" and project.class_info(meta) is not None else need.model.ref
    return (Because(project.definition_place(ref), "the index goes here"),)


def named(need: Need) -> str:
    """`Model.column`, or `Model(a, b)` for several."""
    model = need.model.name.rpartition(".")[2]
    names = [spelled(need, column.name) for column in need.columns]
    return f"{model}.{names[0]}" if len(names) == 1 else f"{model}({', '.join(names)})"


def spelled(need: Need, name: str) -> str:
    """A column as its class spells it: a relation of Django by its own name."""
    if need.model.dialect != "django":
        return name
    own = [r for r in need.model.relations if r.pair is None]
    return next((r.name for r in own if name in (r.column, f"{r.name}_id")), name)


def remedy(project: Project, need: Need) -> str:
    """The index to add, and where."""
    place = project.place(need.place.spot)
    where = f"{place.path}:{place.line}"
    names = [spelled(need, column.name) for column in need.columns]
    model = need.model.name.rpartition(".")[2]
    if need.model.dialect == "django":
        if len(names) > 1:
            fields = ", ".join(f'"{name}"' for name in names)
            return f"add `models.Index(fields=[{fields}])` to `Meta.indexes` of `{model}`"
        if need.place.foreign_key:
            return f"take `db_index=False` from `{names[0]}` ({where})"
        return f"add `db_index=True` to `{names[0]}` ({where})"
    if len(names) > 1:
        fields = ", ".join(f'"{name}"' for name in names)
        return f'add `Index("ix_{need.model.table}_{"_".join(names)}", {fields})` to `__table_args__` of `{model}`'
    return f"add `index=True` to the column `{names[0]}` ({where})"


def remedy_folded(need: Need) -> str:
    """The expression index that a comparison without regard to case needs."""
    column = need.columns[0].name
    model = need.model.name.rpartition(".")[2]
    if need.model.dialect == "django":
        name = f"{model.lower()}_{column}_upper"[:30]
        return f'add `models.Index(Upper("{column}"), name="{name}")` to `Meta.indexes` of `{model}`'
    name = f"ix_{need.model.table}_{column}_lower"
    return (
        f'add `Index("{name}", func.lower({column}))` (or `upper`, as the query does) to `__table_args__` of `{model}`'
    )

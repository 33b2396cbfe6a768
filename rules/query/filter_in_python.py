"""Rows are fetched, and then chosen, summed or sorted in Python."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.effects import Effect
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("sifted"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        does, remedy = _words(effect)
        sure: Confidence = "possible" if effect.subject == "sort" else "likely"
        yield finding(
            project,
            group,
            "filter-in-python",
            "query",
            f"all `{name}` rows are fetched, and then Python {does} by `{effect.detail}`",
            subject=f"{effect.model}.{effect.detail}",
            remedy=remedy,
            confidence=sure,
        )


def _words(effect: Effect) -> tuple[str, str]:
    column = effect.detail
    django = effect.how == "django"
    condition = f"`.filter({column}=…)`" if django else f"`.where(….{column} …)`"
    match effect.subject:
        case "filter":
            return "chooses among them", f"let the query choose: {condition}"
        case "count":
            return "counts some of them", f"let the database count: {condition} and `count()`"
        case "exists":
            return "looks for one of them", f"let the database look: {condition} and `exists()`"
        case "sort":
            return "sorts them", f"let the query sort: `.order_by({_quoted(column, django)})`"
        case "first":
            return (
                "sorts them and keeps a few",
                f"let the query sort and keep: `.order_by({_quoted(column, django)})[:n]`",
            )
        case how:
            call = f"`.aggregate({how.title()}({_quoted(column, django)}))`"
            return "folds them", f"let the database do it: {call if django else f'`select(func.{how}(….{column}))`'}"


def _quoted(column: str, django: bool) -> str:
    return f'"{column}"' if django else f"….{column}"

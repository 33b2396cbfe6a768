"""What Django's managers, querysets and rows have in memory, where a rule's page would be the wrong place to say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check

MODELS = """
    from django.core.cache import cache
    from django.db import models


    class Owner(models.Model):
        name = models.CharField(max_length=100)


    class SettingsManager(models.Manager):
        def get(self, *args, **kwargs):
            return cache.get("settings")


    class Thing(models.Model):
        class ThingQuerySet(models.QuerySet):
            def filter(self, *args, **kwargs):
                return super().filter(*args, **self.translated(kwargs))

            def translated(self, kwargs):
                return kwargs

        owner = models.ForeignKey(Owner, related_name="things", on_delete=models.CASCADE)
        maker = models.ForeignKey(Owner, related_name="made", on_delete=models.CASCADE)
        name = models.CharField(max_length=100)
        objects = ThingQuerySet.as_manager()


    class Part(models.Model):
        thing = models.ForeignKey(Thing, on_delete=models.CASCADE)


    class Limits(models.Model):
        from shop.models import SettingsManager

        size = models.IntegerField()
        objects = SettingsManager()
"""

CASES = {
    "a queryset whose own filter() is wrapped": """
    def makers():
        for thing in Thing.objects.filter(name="a").select_related("owner").order_by("pk"):
            yield thing.owner.name, thing.maker.name  # error: lazy-load-in-loop


    def others():
        for thing in Thing.objects.filter(name="b").filter(pk=3):
            yield thing.maker.name  # error: lazy-load-in-loop
    """,
    "a manager that a class body imports, and whose get() asks a cache": """
    def sizes(things):
        return [Limits.objects.get().size for thing in things]
    """,
    "related rows asked asynchronously": """
    async def parts():
        async for thing in Thing.objects.select_related("owner"):
            async for part in thing.part_set.all():  # error: lazy-load-in-loop
                yield part, thing.owner.name


    async def numbers():
        return [await thing.part_set.acount() async for thing in Thing.objects.all()]  # error: lazy-load-in-loop
    """,
    "values have no relations, whichever method ends the query": """
    def names(keys):
        first = Thing.objects.values_list("owner", flat=True).first()
        days = [day.owner for day in Thing.objects.dates("day", "year")]
        return first.owner, days, [row["owner"] for row in Thing.objects.values("owner")]
    """,
    "a Prefetch whose path nobody can tell": """
    from django.db.models import Prefetch


    def owners(prefix):
        known = Thing.objects.prefetch_related("part_set", "owner")
        for thing in Thing.objects.prefetch_related(Prefetch(prefix + "owner")):
            yield thing.owner.name, known
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_rows(tmp_path: Path, name: str) -> None:
    check(tmp_path, {"shop/models.py": MODELS, "shop/app.py": _module(CASES[name])})


def test_related_rows_asked_asynchronously_hold_nothing_up(tmp_path: Path) -> None:
    body = _module(CASES["related rows asked asynchronously"]).replace("# error: lazy-load-in-loop", "")
    check(tmp_path, {"shop/models.py": MODELS, "shop/app.py": body}, family="io")


def _module(body: str) -> str:
    return "    from shop.models import Limits, Owner, Part, Thing\n\n" + body

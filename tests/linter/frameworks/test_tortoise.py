"""Tortoise ORM beyond what the executed project shows."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from slowlint.linter.project.schema import model_of, reverse_of

from .projects import check, project

MODELS = """
    from tortoise import fields, models


    class Timed(models.Model):
        made = fields.DatetimeField(auto_now_add=True)

        class Meta:
            abstract = True


    class Team(Timed):
        name = fields.CharField(max_length=20, unique=True)
        players: fields.ReverseRelation["Player"]


    class Player(Timed):
        name = fields.CharField(max_length=20, db_index=True)
        team = fields.ForeignKeyField("models.Team", related_name="players", db_index=True)
        profile: fields.OneToOneRelation["Profile"]
        games = fields.ManyToManyField("models.Game")


    class Profile(Timed):
        player = fields.OneToOneField("models.Player", related_name="profile")


    class Game(Timed):
        name = fields.CharField(max_length=20, null=True)
"""
CASES = {
    "a relation is fetched for each row": """
        for player in await Player.all():
            await player.fetch_related("team")  # error: lazy-load-in-loop
            player.team.name
    """,
    "or for all of them": """
        players = await Player.all()
        for player in await Player.filter(team__name="x").prefetch_related("games", "team__players"):
            [game.name for game in player.games]
            [other.name for other in player.team.players]
    """,
    "one to one, from either side": """
        for player in await Player.all().order_by("name"):
            await player.profile  # error: lazy-load-in-loop
        for profile in await Profile.all().select_related("player"):
            profile.player.name
            await profile.player.team  # error: lazy-load-in-loop
    """,
    "a prefetch of its own": """
        from tortoise.query_utils import Prefetch

        for team in await Team.all().prefetch_related(Prefetch("players", queryset=Player.filter(name="x"))):
            [player.name for player in team.players]
    """,
    "rows that were given": """
        for player in given:
            await player.team
    """,
    "a row of a query that is about one": """
        player = await Player.get(id=ids[0]).prefetch_related("team")
        first = await Player.filter(name="x").first()
        return player.team.name, await first.team
    """,
    "writing row by row": """
        for name in ids:
            await Game.create(name=name)  # error: write-in-loop
        for game in await Game.all():
            await game.delete()  # error: write-in-loop
        for player in await Player.all():
            await player.games.clear()  # error: write-in-loop
        await Game.bulk_create([Game(name=name) for name in ids])
        await Game.filter(id__in=ids).update(name="x")
    """,
    "querying row by row": """
        for pk in ids:
            await Player.get_or_none(id=pk)  # error: query-in-loop
            await Player.filter(team_id=pk).exists()  # error: query-in-loop
            await Player.filter(team_id=pk)  # error: query-in-loop
            await Game.get_or_create(id=pk)  # error: query-in-loop
    """,
    "a queryset that is only built": """
        query = Player.all()
        for pk in ids:
            query = query.filter(id=pk)
        return await query
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_rows(name: str, tmp_path: Path) -> None:
    head = "from models import Game, Player, Profile, Team\n\n\nasync def read(ids, given: list[Player]):\n"
    check(tmp_path, {"models.py": MODELS, "app.py": head + indent(dedent(CASES[name]).strip("\n"), "    ")})


def test_what_models_say() -> None:
    made = project({"models.py": MODELS})
    player = model_of(made, "models.py::Player")
    assert player is not None
    assert (player.dialect, player.table) == ("tortoise", "player")
    assert {c.name: c.indexed for c in player.columns} == {"id": True, "made": False, "name": True, "team_id": True}
    assert set(reverse_of(made, "models.py::Player")) == {"profile"}
    assert set(reverse_of(made, "models.py::Game")) == {"players"}
    timed = model_of(made, "models.py::Timed")
    assert timed is not None
    assert timed.abstract

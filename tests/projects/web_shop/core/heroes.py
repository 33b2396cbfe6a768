"""SQLModel."""

from shop.database import engine
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, select


class TeamBase(SQLModel):
    name: str = Field(index=True)


class Team(TeamBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    team: Team | None = Relationship(back_populates="heroes")


def teams_of_heroes():
    with Session(engine) as session:
        return [hero.team.name for hero in session.exec(select(Hero))]  # slow: [lazy-load-in-loop]


def heroes_of_teams():
    with Session(engine) as session:
        return [len(team.heroes) for team in session.exec(select(Team)).all()]  # slow: [lazy-load-in-loop]


def heroes_of_teams_loaded():
    with Session(engine) as session:
        teams = session.exec(select(Team).options(selectinload(Team.heroes))).all()
        return [len(team.heroes) for team in teams]


def looked_up():
    with Session(engine) as session:
        for hero in session.exec(select(Hero)).all():
            session.expunge(hero)
            assert session.exec(select(Team).where(Team.id == hero.team_id)).one()  # slow: [query-in-loop]


def tuples():
    with Session(engine) as session:
        return [(hero.name, team.name) for hero, team in session.exec(select(Hero, Team).join(Team))]


def wildcard():
    with Session(engine) as session:
        return [hero.team.name for hero in session.exec(select(Hero).options(joinedload("*"))).unique()]

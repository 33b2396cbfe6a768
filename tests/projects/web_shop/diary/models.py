"""Tables that Tortoise ORM maps, in the same file as the others."""

from contextlib import asynccontextmanager

from shop.database import FILE
from tortoise import Tortoise, fields
from tortoise.models import Model


class Region(Model):
    name = fields.CharField(max_length=40)


class Walker(Model):
    name = fields.CharField(max_length=40, db_index=True)
    region = fields.ForeignKeyField("diary.Region", related_name="walkers", db_index=True)
    walks: fields.ReverseRelation["Walk"]


class Walk(Model):
    title = fields.CharField(max_length=40, db_index=True)
    metres = fields.IntField(default=0)
    walker = fields.ForeignKeyField("diary.Walker", related_name="walks", db_index=True)
    guide = fields.ForeignKeyField("diary.Walker", related_name=False, db_index=True)
    sights = fields.ManyToManyField("diary.Sight", related_name="walks")


class Sight(Model):
    name = fields.CharField(max_length=40)


@asynccontextmanager
async def connected():
    await Tortoise.init(db_url=f"sqlite://{FILE}", modules={"diary": ["diary.models"]})
    try:
        yield
    finally:
        await Tortoise.close_connections()

"""The rows of the tables that Tortoise ORM maps: each refers to rows of its own."""

from tortoise import Tortoise, connections

from diary.models import Region, Sight, Walk, Walker, connected


async def fill(rows):
    keys = range(1, rows + 1)
    async with connected():
        await Tortoise.generate_schemas()
        await Region.bulk_create([Region(name=f"region {i}") for i in range(2 * rows)])
        await Walker.bulk_create([Walker(name=f"walker {i}", region_id=i + 1) for i in range(2 * rows)])
        await Walk.bulk_create([Walk(title=f"walk {i}", walker_id=i, guide_id=rows + i) for i in keys])
        await Sight.bulk_create([Sight(name=f"sight {i}") for i in keys])
        await connections.get("default").execute_script(
            "INSERT INTO walk_sight (walk_id, sight_id) SELECT id, id FROM walk"
        )

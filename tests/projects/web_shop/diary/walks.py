"""Relations, queries and writes in loops, and their forms for all rows at once."""

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from diary.models import Region, Sight, Walk, Walker, connected


async def foreign_key():
    async with connected():
        return [(await walk.walker).name for walk in await Walk.all()]  # slow: [lazy-load-in-loop]


async def foreign_key_prefetched():
    async with connected():
        return [walk.walker.name for walk in await Walk.all().prefetch_related("walker")]


async def foreign_key_joined():
    async with connected():
        return [walk.walker.region.name for walk in await Walk.all().select_related("walker__region")]


async def foreign_key_of_a_stream():
    async with connected():
        async for walk in Walk.filter(Q(metres=0) | Q(title="walk 1")):
            walker = await walk.walker  # slow: [lazy-load-in-loop]
            assert walker.name


async def key_only():
    async with connected():
        return [walk.walker_id for walk in await Walk.all()]


async def reverse():
    async with connected():
        for walker in await Walker.all():
            async for walk in walker.walks:  # slow: [lazy-load-in-loop]
                assert walk.title


async def reverse_of_all():
    async with connected():
        for walker in await Walker.all():
            walks = await walker.walks.all()  # slow: [lazy-load-in-loop]
            assert walks is not None


async def reverse_prefetched():
    async with connected():
        for walker in await Walker.all().prefetch_related("walks"):
            assert len([walk.title for walk in walker.walks]) < 2


async def nested_half():
    async with connected():
        for walk in await Walk.all().prefetch_related("walker"):
            region = await walk.walker.region  # slow: [lazy-load-in-loop]
            assert region.name


async def nested_prefetched():
    async with connected():
        return [walk.walker.region.name for walk in await Walk.all().prefetch_related("walker__region")]


async def many_to_many():
    async with connected():
        for walk in await Walk.all():
            assert [sight.name for sight in await walk.sights]  # slow: [lazy-load-in-loop]


async def many_to_many_prefetched():
    async with connected():
        for walk in await Walk.all().prefetch_related("sights"):
            assert [sight.name for sight in walk.sights]


async def prefetched_and_filtered():
    async with connected():
        for walk in await Walk.all().prefetch_related("sights"):
            assert await walk.sights.filter(name="x") == []  # slow: [prefetch-defeated]


async def fetched_for_one_row():
    async with connected():
        walk = await Walk.first()
        await walk.fetch_related("walker", "sights")
        return [sight.name for sight in walk.sights], walk.walker.name


async def get_walker(name):
    return await Walker.get_or_none(name=name)  # slow: [query-in-loop]


async def looked_up():
    async with connected():
        titles = await Walk.all().values_list("id", flat=True)
        return [await get_walker(f"walker {key}") for key in titles]


async def looked_up_at_once():
    async with connected():
        keys = [walk.walker_id for walk in await Walk.all()]
        return await Walker.in_bulk(keys, "id")


async def first_of_each():
    async with connected():
        for region in await Region.all():
            await Walker.filter(region=region).first()  # slow: [query-in-loop]


async def counted():
    async with connected():
        for walker in await Walker.all():
            assert await Walk.filter(walker_id=walker.id).count() < 2  # slow: [query-in-loop]


async def counted_at_once():
    async with connected():
        return [walker.number for walker in await Walker.annotate(number=Count("walks"))]


async def saved():
    async with connected():
        for walk in await Walk.all():
            walk.metres += 1
            await walk.save()  # slow: [write-in-loop]


async def saved_at_once():
    async with connected():
        walks = await Walk.all()
        for walk in walks:
            walk.metres += 1
        await Walk.bulk_update(walks, fields=["metres"])


async def created():
    async with connected():
        names = await Walk.all().values_list("title", flat=True)
        async with in_transaction():
            for name in names:
                await Sight.create(name=name)  # slow: [write-in-loop]


async def created_at_once():
    async with connected():
        await Sight.bulk_create([Sight(name=walk.title) for walk in await Walk.all()])

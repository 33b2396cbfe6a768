"""Awaits one after another: of the marked ones the second needs nothing that the first gave."""

import asyncio

import httpx
from io_app.places import SERVER

client = httpx.AsyncClient()


async def two():
    price = await client.get(f"{SERVER}/price")
    stock = await client.get(f"{SERVER}/stock")  # slow: [sequential-awaits]
    return price.text, stock.text


async def with_work_between():
    price = await client.get(f"{SERVER}/price")
    shown = price.text.upper()
    stock = await client.get(f"{SERVER}/stock")  # slow: [sequential-awaits]
    return shown, stock.text


async def through_coroutines():
    now = await weather("here")
    money = await rates("here")  # slow: [sequential-awaits]
    return now, money


async def weather(city):
    answer = await client.get(f"{SERVER}/weather", params={"of": city})
    return answer.text


async def rates(city):
    answer = await client.get(f"{SERVER}/rates", params={"of": city})
    return answer.text


async def in_a_branch(wanted=True):
    if wanted:
        a = await client.get(f"{SERVER}/a")
        b = await client.get(f"{SERVER}/b")  # slow: [sequential-awaits]
        return a.text + b.text
    return ""


# What has to wait, or does not


async def gathered():
    price, stock = await asyncio.gather(client.get(f"{SERVER}/price"), client.get(f"{SERVER}/stock"))
    return price.text, stock.text


async def in_a_group():
    async with asyncio.TaskGroup() as group:
        price = group.create_task(client.get(f"{SERVER}/price"))
        stock = group.create_task(client.get(f"{SERVER}/stock"))
    return price.result().text, stock.result().text


async def needs_the_first():
    login = await client.get(f"{SERVER}/login")
    account = await client.get(f"{SERVER}/account", params={"token": login.text})
    return account.text


async def needs_it_in_the_end():
    login = await client.get(f"{SERVER}/login")
    token = login.text
    headers = {"Authorization": token}
    account = await client.get(f"{SERVER}/account", headers=headers)
    return account.text


async def only_if():
    known = await client.get(f"{SERVER}/known")
    if known.headers["x-known"] == "no":
        return None
    found = await client.get(f"{SERVER}/found")
    return found.text


async def checked_first():
    known = await client.get(f"{SERVER}/known")
    check(known)
    found = await client.get(f"{SERVER}/found")
    return found.text


def check(answer):
    if answer.headers["x-known"] == "no":
        raise PermissionError


async def writes():
    stored = await client.post(f"{SERVER}/store")
    listed = await client.get(f"{SERVER}/list")
    return stored.text, listed.text


class Loader:
    """The first coroutine fills in what the second one reads."""

    async def load(self):
        a = await self.first()
        b = await self.second()
        return a + b

    async def first(self):
        answer = await client.get(f"{SERVER}/first")
        self.token = answer.text
        return answer.text

    async def second(self):
        answer = await client.get(f"{SERVER}/second", params={"token": self.token})
        return answer.text


async def through_an_object():
    return await Loader().load()

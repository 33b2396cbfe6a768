"""Peewee beyond what the executed project shows: older spellings, overridden methods, indexes, asynchronous forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint.linter.project.schema import model_of, relation_of, reverse_of

from .projects import check, project

MODELS = """
    from peewee import *

    db = SqliteDatabase("shop.db")


    class BaseModel(Model):
        class Meta:
            database = db

        @classmethod
        def select(cls, *args):
            return super().select(*args)


    class Country(BaseModel):
        name = CharField(unique=True)


    class User(BaseModel):
        name = CharField(index=True)
        country = ForeignKeyField(Country, related_name="citizens")

        def save(self, *args, **kwargs):
            self.name = self.name.strip()
            return super().save(*args, **kwargs)


    class Message(BaseModel):
        sender = ForeignKeyField(User, backref="sent", index=True)
        receiver = ForeignKeyField(User, backref="received")
        text = TextField()
        read = BooleanField(default=False)

        class Meta:
            indexes = ((("sender", "text"), True),)
"""

HEAD = """
    import peewee
    from peewee import JOIN, fn
    from models import Country, Message, User, db


    def read(ids, names):
"""

CASES = {
    "a library that is imported whole, and a select that is overridden": """
        for user in User.select():
            user.country.name  # error: lazy-load-in-loop
        for country in Country.select():
            [user.name for user in country.citizens]  # error: lazy-load-in-loop
    """,
    "of two keys to one model, a join without `on` takes the first": """
        for message in Message.select(Message, User).join(User):
            message.sender.name
            message.receiver.name  # error: lazy-load-in-loop
        for message in Message.select(Message, User).join(User, JOIN.LEFT_OUTER, on=Message.receiver):
            message.receiver.name
            message.sender.name  # error: lazy-load-in-loop
    """,
    "a key that was not selected is no key": """
        for message in Message.select(Message.text):
            message.sender
        for message in Message.select(Message.text, Message.sender):
            message.sender.name  # error: lazy-load-in-loop
    """,
    "columns that are not known may be anything, a function is none of them": """
        columns = given()
        for message in Message.select(*columns).join(User):
            message.sender.name
        for message in Message.select(Message, fn.COUNT(User.id).alias("n")).join(User).group_by(Message.id):
            message.sender.name  # error: lazy-load-in-loop
    """,
    "rows that are no rows": """
        for row in Message.select().dicts():
            row["sender"]
        for text, sender in Message.select(Message.text, Message.sender).tuples():
            sender
    """,
    "building is free, executing is not": """
        for name in names:
            query = User.update(name=name).where(User.id << ids)
        for name in names:
            User.update(name=name).where(User.name == name).execute()  # error: write-in-loop
        User.insert_many([{"name": name} for name in names]).execute()
        for start in range(0, 1000, 100):
            User.insert_many(names[start : start + 100]).execute()
    """,
    "written through an overridden save": """
        for user in User.select():
            user.save()  # error: write-in-loop
        for name in names:
            User(name=name).save()  # error: write-in-loop
    """,
    "a transaction per row": """
        for name in names:
            with db.atomic():  # error: commit-in-loop
                User.create(name=name)  # error: write-in-loop
    """,
    "the same query each time": """
        for name in names:
            print(name, User.select().where(User.name == "root").first())  # error: loop-invariant-query
    """,
    "an exists is asked for once per row": """
        for user in User.select():
            user.received.where(Message.read == False).exists()  # error: query-in-loop
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_rows(name: str, tmp_path: Path) -> None:
    body = "\n".join(f"    {line}" if line.strip() else "" for line in _dedented(CASES[name]))
    check(tmp_path, {"models.py": MODELS, "app.py": f"{_text(HEAD)}\n{body}\n"})


def _text(source: str) -> str:
    from textwrap import dedent

    return dedent(source).strip("\n")


def _dedented(source: str) -> list[str]:
    return _text(source).split("\n")


def test_what_models_say() -> None:
    made = project({"models.py": MODELS})
    message = model_of(made, "models.py::Message")
    assert message is not None
    assert (message.dialect, message.table, message.primary_key) == ("peewee", "message", "id")
    assert [(c.name, c.indexed) for c in message.columns if c.foreign_key] == [
        ("sender_id", True),
        ("receiver_id", True),
    ]
    assert message.indexes[0].columns == ("sender_id", "text")
    assert {"sent", "received"} <= set(reverse_of(made, "models.py::User"))
    citizens = relation_of(made, "models.py::Country", "citizens")
    assert citizens is not None
    assert citizens.target == "models.py::User"
    base = model_of(made, "models.py::BaseModel")
    assert base is not None
    assert base.abstract


def test_asynchronous_peewee(tmp_path: Path) -> None:
    models = """
        import peewee
        import peewee_async

        database = peewee_async.PostgresqlDatabase("shop")
        objects = peewee_async.Manager(database)


        class User(peewee_async.AioModel):
            name = peewee.CharField(index=True)
        """
    app = """
        from models import User, objects


        async def read(names):
            for name in names:
                await User.aio_get(User.name == name)  # error: query-in-loop
            for name in names:
                await objects.get(User, User.name == name)  # error: query-in-loop
            for name in names:
                await objects.create(User, name=name)  # error: write-in-loop
            return await User.select().where(User.name << names).aio_execute()
        """
    check(tmp_path, {"models.py": models, "app.py": app})
    check(tmp_path, {"models.py": models, "app.py": app.replace("# error: ", "# ")}, family="io")


def test_columns_are_looked_up_with_an_index(tmp_path: Path) -> None:
    app = """
        from models import Message, User


        def find(name, text):
            User.get(User.name == name)
            return Message.select().where(Message.text == text).first()
        """
    models = MODELS.replace("text = TextField()", "text = TextField()  # error: unindexed-filter")
    check(tmp_path, {"models.py": models, "app.py": app}, family="index")


def test_templates_and_responses(tmp_path: Path) -> None:
    pages = """
        from flask import Flask, render_template
        from models import Message, User

        app = Flask(__name__)


        @app.route("/")
        def index():
            query = Message.select(Message, User).join(User, on=Message.receiver)
            return render_template("index.html", messages=query)
        """
    api = """
        from fastapi import FastAPI
        from models import Message, User
        from pydantic import BaseModel, ConfigDict

        app = FastAPI()


        class UserOut(BaseModel):
            model_config = ConfigDict(from_attributes=True)
            name: str


        class MessageOut(BaseModel):
            model_config = ConfigDict(from_attributes=True)
            text: str
            sender: UserOut  # error: lazy-load-in-serializer


        @app.get("/messages", response_model=list[MessageOut])
        def messages():
            return list(Message.select())


        @app.get("/joined", response_model=list[MessageOut])
        def joined():
            return list(Message.select(Message, User).join(User, on=Message.sender))
        """
    template = """
        {% for message in messages %}
          {{ message.receiver.name }} {{ message.sender_id }}
          {{ message.sender.name }} # error: lazy-load-in-template
        {% endfor %}
        """
    check(tmp_path, {"models.py": MODELS, "pages.py": pages, "api.py": api, "templates/index.html": template})

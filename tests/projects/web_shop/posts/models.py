"""Tables that Peewee maps, in the same file as the others."""

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DeferredForeignKey,
    ForeignKeyField,
    IntegerField,
    ManyToManyField,
    Model,
    SqliteDatabase,
    TextField,
)
from shop.database import FILE

db = SqliteDatabase(FILE)


class Base(Model):
    class Meta:
        database = db


class Town(Base):
    name = CharField()

    class Meta:
        table_name = "town"


class Author(Base):
    name = CharField(index=True)
    town = ForeignKeyField(Town, backref="authors")
    favourite = DeferredForeignKey("Post", null=True, deferrable="INITIALLY DEFERRED")

    class Meta:
        table_name = "author"

    @property
    def address(self):
        return f"{self.name}, {self.town.name}"  # slow: [lazy-load-in-loop]


class Topic(Base):
    name = CharField()
    parent = ForeignKeyField("self", null=True, backref="children")

    class Meta:
        table_name = "topic"


class Post(Base):
    title = CharField(index=True)
    body = TextField(default="")
    public = BooleanField(default=True)
    author = ForeignKeyField(Author, backref="posts")
    topic = ForeignKeyField(Topic, backref="posts")
    editor = ForeignKeyField(Author, backref="edited", lazy_load=False)

    class Meta:
        table_name = "post"


class Comment(Base):
    post = ForeignKeyField(Post, backref="comments")
    writer = ForeignKeyField(Author)
    text = CharField()
    likes = IntegerField(default=0)

    class Meta:
        table_name = "comment"


class Label(Base):
    name = CharField(unique=True)
    posts = ManyToManyField(Post, backref="labels")

    class Meta:
        table_name = "label"


class Reading(Base):
    author = ForeignKeyField(Author)
    post = ForeignKeyField(Post)

    class Meta:
        table_name = "reading"
        primary_key = CompositeKey("author", "post")


TABLES = (Town, Author, Topic, Post, Comment, Label, Label.posts.get_through_model(), Reading)

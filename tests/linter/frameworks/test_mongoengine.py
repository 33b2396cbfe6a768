"""MongoEngine: references that are followed when they are read. What is sent was measured with mongomock."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from .projects import check

MODELS = """
    from mongoengine import (
        Document, EmbeddedDocument, EmbeddedDocumentField, ListField, ReferenceField, StringField
    )


    class Author(Document):
        name = StringField()


    class Tag(Document):
        name = StringField()


    class Note(EmbeddedDocument):
        text = StringField()
        by = ReferenceField(Author)


    class Post(Document):
        meta = {"collection": "posts"}
        title = StringField()
        author = ReferenceField("Author")
        tags = ListField(ReferenceField(Tag))
        notes = ListField(EmbeddedDocumentField(Note))
"""
CASES = {
    "a reference, a list of them, and one in an embedded document": """
        for post in Post.objects:
            post.author.name  # error: lazy-load-in-loop
            [tag.name for tag in post.tags]  # error: lazy-load-in-loop
            for note in post.notes:
                note.text
                note.by.name  # error: lazy-load-in-loop
    """,
    "followed at once, or not at all": """
        for post in Post.objects(title="x").select_related():
            post.author.name, post.tags
        for post in Post.objects.no_dereference():
            post.author
        for row in Post.objects.as_pymongo():
            row["author"]
    """,
    "queries": """
        for pk in ids:
            Author.objects.get(id=pk)  # error: query-in-loop
            Author.objects(name=pk).first()  # error: query-in-loop
            Post.objects(author=pk).count()  # error: query-in-loop
        return Author.objects.in_bulk(ids), Author.objects(id__in=ids)
    """,
    "writes": """
        for pk in ids:
            Tag(name=pk).save()  # error: write-in-loop
        for post in Post.objects.only("title"):
            post.delete()  # error: write-in-loop
        Tag.objects.insert([Tag(name=pk) for pk in ids])
        Post.objects(title="x").update(title="y")
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_documents(name: str, tmp_path: Path) -> None:
    head = "from models import Author, Post, Tag\n\n\ndef read(ids):\n"
    check(tmp_path, {"models.py": MODELS, "app.py": head + indent(dedent(CASES[name]).strip("\n"), "    ")})

"""Beanie: links that are fetched, documents that are written, row by row and at once."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from .projects import check

MODELS = """
    from beanie import Document, Link


    class Author(Document):
        name: str


    class Tag(Document):
        name: str


    class Book(Document):
        title: str
        author: Link[Author]
        tags: list[Link[Tag]] = []
"""
CASES = {
    "links": """
        for book in await Book.find_all().to_list():
            author = await book.author.fetch()  # error: lazy-load-in-loop
            author.name
            for tag in book.tags:
                await tag.fetch()  # error: lazy-load-in-loop
        async for book in Book.find(Book.title == "x"):
            await book.fetch_all_links()  # error: lazy-load-in-loop
        for book in await Book.find(Book.title == "x", fetch_links=True).to_list():
            book.author.name, [tag.name for tag in book.tags]
        for book in await Book.find_all().to_list():
            book.title, book.id, book.author
    """,
    "queries": """
        for pk in ids:
            await Author.get(pk)  # error: query-in-loop
            await Author.find_one(Author.name == pk)  # error: query-in-loop
            await Book.find(Book.title == pk).count()  # error: query-in-loop
            Book.find(Book.title == pk)
        return await Author.find({"_id": {"$in": ids}}).to_list()
    """,
    "writes": """
        for pk in ids:
            await Tag(name=pk).insert()  # error: write-in-loop
        async for book in Book.find_all():
            book.title = "x"
            await book.save()  # error: write-in-loop
        await Tag.insert_many([Tag(name=pk) for pk in ids])
        await Book.find(Book.title == "x").update({"$set": {"title": "y"}})
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_documents(name: str, tmp_path: Path) -> None:
    head = "from models import Author, Book, Tag\n\n\nasync def read(ids):\n"
    check(tmp_path, {"models.py": MODELS, "app.py": head + indent(dedent(CASES[name]).strip("\n"), "    ")})

"""Which relations SQLAlchemy's loader options and mapper settings load: what is reported, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check

MODELS = """
    from sqlalchemy import Column, ForeignKey, Integer, String, Table, orm
    from sqlalchemy.orm import declarative_base, relationship, backref

    Base = declarative_base()

    tags = Table("tags", Base.metadata, Column("book", ForeignKey("book.id")), Column("tag", ForeignKey("tag.id")))


    class Country(Base):
        __tablename__ = "country"
        id = Column(Integer, primary_key=True)
        name = Column(String)


    class Author(Base):
        __tablename__ = "author"
        id = Column(Integer, primary_key=True)
        name = Column(String)
        bio = Column(String)
        country_id = Column(ForeignKey(Country.id))
        country = relationship("Country", backref=backref("authors", lazy="dynamic"))
        favourite_id = Column(ForeignKey("book.id"))
        favourite = relationship("Book", foreign_keys=[favourite_id])
        prizes = relationship(lambda: Prize, lazy="raise")
        agent_id = Column(ForeignKey("author.id"))
        agent = relationship("Author", remote_side=[id], lazy="joined")


    class Prize(Base):
        __tablename__ = "prize"
        id = Column(Integer, primary_key=True)
        author_id = Column(ForeignKey("author.id"))


    class Tag(Base):
        __tablename__ = "tag"
        id = Column(Integer, primary_key=True)


    class Book(Base):
        __tablename__ = "book"
        id = Column(Integer, primary_key=True)
        author_id = Column(ForeignKey("author.id"))
        author = relationship(Author, backref="books", foreign_keys=[author_id])
        tags = relationship("Tag", secondary=tags)
"""

HEAD = """
    from sqlalchemy import select
    from sqlalchemy.orm import (
        Load, Session, contains_eager, defaultload, defer, immediateload, joinedload, lazyload, load_only, noload,
        raiseload, selectinload, subqueryload,
    )
    from models import Author, Book, Country


    def read(session: Session):
"""

CASES = {
    "lazy many-to-one, many-to-many and backref": """
        for book in session.query(Book):
            book.author.name  # error: lazy-load-in-loop
            [tag.id for tag in book.tags]  # error: lazy-load-in-loop
        for author in session.query(Author):
            [book.id for book in author.books]  # error: lazy-load-in-loop
    """,
    "a chain of options, and its siblings": """
        statement = select(Book).options(joinedload(Book.author).selectinload(Author.country), subqueryload(Book.tags))
        for book in session.scalars(statement).unique():
            book.author.country.name
            [tag.id for tag in book.tags]
    """,
    "nested options and a list of options": """
        inner = [joinedload(Author.country), load_only(Author.name)]
        wanted = [joinedload(Book.author).options(*inner), immediateload(Book.tags)]
        for book in session.scalars(select(Book).options(*wanted)):
            book.author.country.name
            len(book.tags)
    """,
    "one hop is missing": """
        for book in session.scalars(select(Book).options(joinedload(Book.author))):
            book.author.country.name  # error: lazy-load-in-loop
    """,
    "defaultload loads nothing itself": """
        for book in session.query(Book).options(defaultload(Book.author).joinedload(Author.country)):
            book.author.name  # error: lazy-load-in-loop
            book.author.country
    """,
    "strings of 1.3": """
        for book in session.query(Book).options(joinedload("author").joinedload("country"), selectinload("tags")).all():
            book.author.country.name
            len(book.tags)
    """,
    "contains_eager after a join, and a join alone": """
        for book in session.query(Book).join(Book.author).options(contains_eager(Book.author)):
            book.author.name
        for book in session.query(Book).outerjoin(Book.author).order_by(Author.name):
            book.author.name  # error: lazy-load-in-loop
    """,
    "the mapper's lazy settings": """
        for author in session.scalars(select(Author)):
            author.agent.name
            author.prizes
        for author in session.scalars(select(Author).options(lazyload(Author.agent))):
            author.agent.name  # error: lazy-load-in-loop
    """,
    "what raises or gives nothing asks nothing": """
        for book in session.scalars(select(Book).options(noload(Book.tags), raiseload("*"))):
            book.tags
            book.author
    """,
    "wildcards and unknown options are trusted": """
        for book in session.scalars(select(Book).options(joinedload("*"))):
            book.author.name
        for book in session.scalars(select(Book).options(*session.info["options"])):
            book.author.name
    """,
    "columns that load_only and defer leave out": """
        for author in session.query(Author).options(load_only(Author.name)):
            author.id, author.name
            author.bio  # error: deferred-column-load
        for author in session.query(Author).options(defer("bio")):
            author.name
            author.bio  # error: deferred-column-load
    """,
    "a dynamic relationship is a query": """
        for country in session.query(Country).all():
            country.authors.count()  # error: query-in-loop
            for author in country.authors:  # error: query-in-loop
                author.country.name
    """,
    "several entities": """
        both = select(Book, Author).join(Book.author).options(Load(Author).joinedload(Author.country))
        for book, author in session.execute(both):
            author.country.name
            book.author.name
        for row in session.query(Book, Author.name).all():
            row[0].author.name  # error: lazy-load-in-loop
            row.Book.tags  # error: lazy-load-in-loop
    """,
    "values are no rows": """
        for name in session.scalars(select(Author.name)):
            name.country
        for name, country in session.execute(select(Author.name, Country.name)):
            country.authors
        for (name,) in session.query(Author.name).distinct():
            name.books
    """,
    "one row is not a loop, few rows are not many": """
        book = session.get(Book, 1)
        book.author.name
        for each in session.scalars(select(Book).limit(3)):
            each.author.name
        session.execute(select(Book).where(Book.id == 1)).scalar_one().author
    """,
    "a many-to-one finds rows that a collection brought": """
        for author in session.scalars(select(Author).options(selectinload(Author.books))):
            author.favourite.id
            author.country.name  # error: lazy-load-in-loop
    """,
    "rows of a collection know their parent": """
        for author in session.scalars(select(Author).options(selectinload(Author.books), joinedload(Author.country))):
            for book in author.books:
                book.author.country.name
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_loading(tmp_path: Path, name: str) -> None:
    body = "\n".join("    " + line[4:] if line.strip() else line for line in CASES[name].splitlines())
    check(tmp_path, {"models.py": MODELS, "app.py": HEAD + body})


def test_an_attribute_that_is_only_declared_holds_rows(tmp_path: Path) -> None:
    """A backref, or what a mixin makes, declared for type checkers; the real relation counts where it is known."""
    check(
        tmp_path,
        {
            "app.py": """
            from typing import TYPE_CHECKING

            from sqlalchemy import ForeignKey, select
            from sqlalchemy.orm import DeclarativeBase, Mapped, Session, backref, mapped_column, relationship

            class Base(DeclarativeBase):
                pass

            class Author(Base):
                __tablename__ = "author"
                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                if TYPE_CHECKING:
                    books: "list[Book]"

            class Book(Base):
                __tablename__ = "book"
                id: Mapped[int] = mapped_column(primary_key=True)
                author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
                author: Mapped[Author] = relationship(backref=backref("books", lazy="selectin"))
                if TYPE_CHECKING:
                    editor: Author
                    notes: list[str]

            def editors(session: Session):
                for book in session.scalars(select(Book)):
                    print(book.notes, book.editor.name)  # error: lazy-load-in-loop

            def titles(session: Session):
                return [(author.id, len(author.books)) for author in session.scalars(select(Author))]
            """
        },
    )

"""The rows of the tables that Peewee maps: each refers to rows of its own."""

from posts.models import TABLES, Author, Comment, Label, Post, Reading, Topic, Town, db


def fill(rows):
    authors, keys = 4 * rows, range(1, rows + 1)
    labelled = Label.posts.get_through_model()
    with db.connection_context():
        db.create_tables(TABLES)
        Town.insert_many([{"name": f"town {i}"} for i in range(authors)]).execute()
        # Of every four, one writes posts, one edits them, two write comments
        people = [
            {"name": f"author {i}", "town": i + 1, "favourite": i + 1 if i < rows else None} for i in range(authors)
        ]
        Author.insert_many(people).execute()
        fields = [{"name": f"field {i}", "parent": None} for i in keys]
        Topic.insert_many([*fields, *({"name": f"topic {i}", "parent": i} for i in keys)]).execute()
        posts = [{"title": f"post {i}", "author": i, "topic": rows + i, "editor": rows + i} for i in keys]
        Post.insert_many(posts).execute()
        Comment.insert_many(
            [{"post": i, "writer": (2 + n) * rows + i, "text": f"{n}"} for i in keys for n in range(2)]
        ).execute()
        Label.insert_many([{"name": f"label {i}"} for i in keys]).execute()
        labelled.insert_many([{"label": i, "post": i} for i in keys]).execute()
        Reading.insert_many([{"author": i, "post": i} for i in keys]).execute()

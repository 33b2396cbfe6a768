"""Relations read row by row, and the joins and prefetches that load them."""

from peewee import fn, prefetch
from playhouse.shortcuts import model_to_dict

from posts.models import Author, Comment, Label, Post, Reading, Topic, Town, db


@db.connection_context()
def foreign_key():
    return [post.author.name for post in Post.select()]  # slow: [lazy-load-in-loop]


@db.connection_context()
def foreign_key_selected():
    return [post.author.name for post in Post.select(Post, Author).join(Author, on=Post.author)]


@db.connection_context()
def foreign_key_columns_selected():
    query = Post.select(Post.title, Author.name).join(Author, on=(Post.author == Author.id))
    return [post.author.name for post in query]


@db.connection_context()
def joined_without_selecting():
    """A join filters; what is not selected is not loaded."""
    query = Post.select().join(Author, on=Post.author).where(Author.name != "")
    return [post.author.name for post in query]  # slow: [lazy-load-in-loop]


@db.connection_context()
def key_only():
    return [post.author_id for post in Post.select()]


@db.connection_context()
def key_not_lazy():
    """`lazy_load=False`: the attribute is the key."""
    return [post.editor for post in Post.select()]


@db.connection_context()
def deferred_key():
    query = Author.select().where(Author.favourite.is_null(False))
    return [author.favourite.title for author in query]  # slow: [lazy-load-in-loop]


@db.connection_context()
def nested():
    for post in Post.select():
        assert post.author.town.name  # slow: [lazy-load-in-loop]


@db.connection_context()
def nested_half():
    for post in Post.select(Post, Author).join(Author, on=Post.author):
        assert post.author.town.name  # slow: [lazy-load-in-loop]


@db.connection_context()
def nested_selected():
    query = Post.select(Post, Author, Town).join(Author, on=Post.author).join(Town)
    return [post.author.town.name for post in query]


@db.connection_context()
def switched():
    query = Post.select(Post, Author, Topic).join(Author, on=Post.author).switch(Post).join(Topic)
    return [(post.author.name, post.topic.name) for post in query]


@db.connection_context()
def joined_from():
    query = Post.select(Post, Author, Topic).join(Topic).join_from(Post, Author, on=Post.author)
    return [(post.author.name, post.topic.name) for post in query]


@db.connection_context()
def back_reference():
    for author in Author.select():
        for post in author.posts:  # slow: [lazy-load-in-loop]
            assert post.title


@db.connection_context()
def back_reference_prefetched():
    for author in prefetch(Author.select(), Post.select()):
        for post in author.posts:
            assert post.title and post.author.name


@db.connection_context()
def back_reference_prefetched_by_method():
    for author in Author.select().prefetch(Post, Comment):
        for post in author.posts:
            assert [comment.text for comment in post.comments]


@db.connection_context()
def prefetched_half():
    for author in Author.select().prefetch(Post):
        for post in author.posts:
            assert [c.text for c in post.comments]  # slow: [lazy-load-in-loop]


@db.connection_context()
def back_reference_counted():
    return {post.id: post.comments.count() for post in Post.select()}  # slow: [lazy-load-in-loop]


@db.connection_context()
def counted_in_the_query():
    query = Post.select(Post, fn.COUNT(Comment.id).alias("number")).join(Comment).group_by(Post.id)
    return {post.id: post.number for post in query}


@db.connection_context()
def parent_of_children():
    """Rows of a back reference do not know their parent."""
    for topic in Topic.select():
        for child in topic.children:  # slow: [lazy-load-in-loop]
            assert child.parent.name  # slow: [lazy-load-in-loop]


@db.connection_context()
def alias_joined():
    parent = Topic.alias()
    query = Topic.select(Topic, parent).join(parent, on=(Topic.parent == parent.id))
    return [topic.parent.name for topic in query]


@db.connection_context()
def many_to_many():
    for label in Label.select():
        assert [post.title for post in label.posts]  # slow: [lazy-load-in-loop]


@db.connection_context()
def plain_rows():
    rows = [(row["author"], row["title"]) for row in Post.select().dicts()]
    return rows, [title for (title,) in Post.select(Post.title).tuples()]


@db.connection_context()
def property_of_rows():
    return [author.address for author in Author.select()]


@db.connection_context()
def property_of_joined_rows():
    return [author.address for author in Author.select(Author, Town).join(Town)]


@db.connection_context()
def dictionaries():
    return [model_to_dict(reading) for reading in Reading.select()]  # slow: [lazy-load-in-loop]


@db.connection_context()
def flat_dictionaries():
    return [model_to_dict(post, recurse=False) for post in Post.select()]

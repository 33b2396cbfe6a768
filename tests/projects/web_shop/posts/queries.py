"""Queries and writes in loops, and their forms for all rows at once."""

from peewee import fn

from posts.models import Author, Comment, Post, Topic, db


def get_author(name):
    return Author.get_or_none(Author.name == name)  # slow: [query-in-loop]


@db.connection_context()
def looked_up():
    names = [name for (name,) in Author.select(Author.name).tuples()]
    return [Author.get(Author.name == name).id for name in names]  # slow: [query-in-loop]


@db.connection_context()
def looked_up_in_a_helper():
    return [get_author(f"author {post.id}") for post in Post.select()]


@db.connection_context()
def looked_up_by_id():
    keys = [post.author_id for post in Post.select()]
    return [Author.get_by_id(key) for key in keys]  # slow: [query-in-loop]


@db.connection_context()
def looked_up_at_once():
    keys = [post.author_id for post in Post.select()]
    return {author.id: author for author in Author.select().where(Author.id.in_(keys))}


@db.connection_context()
def counted():
    counts = {}
    for topic in Topic.select():
        counts[topic.id] = Post.select().where(Post.topic == topic).count()  # slow: [query-in-loop]
    return counts


@db.connection_context()
def counted_at_once():
    query = Post.select(Post.topic, fn.COUNT(Post.id).alias("number")).group_by(Post.topic)
    return {post.topic_id: post.number for post in query}


@db.connection_context()
def filtered_back_reference():
    for post in Post.select():
        assert post.comments.where(Comment.likes == 0).first()  # slow: [query-in-loop]


@db.connection_context()
def saved():
    for post in Post.select():
        post.body = post.title
        post.save()  # slow: [write-in-loop]


@db.connection_context()
def saved_at_once():
    posts = list(Post.select())
    for post in posts:
        post.body = post.title
    Post.bulk_update(posts, fields=[Post.body])


@db.connection_context()
def created():
    for topic in list(Topic.select()):
        Topic.create(name=f"below {topic.name}", parent=topic)  # slow: [write-in-loop]


@db.connection_context()
def created_at_once():
    rows = [{"name": f"below {topic.name}", "parent": topic.id} for topic in Topic.select()]
    Topic.insert_many(rows).execute()


@db.connection_context()
def inserted_in_a_transaction():
    """One commit, but still a statement for each row."""
    names = [topic.name for topic in Topic.select()]
    with db.atomic():
        for name in names:
            Topic.insert(name=f"new {name}").execute()  # slow: [write-in-loop]


@db.connection_context()
def updated():
    for post in Post.select():
        Comment.update(likes=1).where(Comment.post == post).execute()  # slow: [write-in-loop]


@db.connection_context()
def updated_at_once():
    Comment.update(likes=Comment.likes + 1).where(Comment.post.in_(Post.select())).execute()


@db.connection_context()
def deleted():
    for comment in Comment.select():
        comment.delete_instance()  # slow: [write-in-loop]


@db.connection_context()
def deleted_at_once():
    Comment.delete().where(Comment.likes == 0).execute()


@db.connection_context()
def got_or_created():
    for post in Post.select():
        Topic.get_or_create(name=f"of {post.title}")  # slow: [query-in-loop]


@db.connection_context()
def built_in_a_loop():
    """Building a query sends nothing."""
    query = Post.select()
    for word in [topic.name for topic in Topic.select()]:
        query = query.orwhere(Post.title == word)
    return list(query)


@db.connection_context()
def gone_through_twice():
    """A query keeps its rows."""
    query = Post.select()
    return [post.title for post in query], [post.body for post in query]

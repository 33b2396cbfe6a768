"""How a session is reached, and what is done with it per row."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check

MODELS = """
    from sqlalchemy import Column, ForeignKey, Integer, String
    from sqlalchemy.ext.hybrid import hybrid_property
    from sqlalchemy.orm import declarative_base, relationship

    Base = declarative_base()


    class User(Base):
        __tablename__ = "user"
        id = Column(Integer, primary_key=True)
        name = Column(String)
        active = Column(Integer)

        @hybrid_property
        def first_order(self):
            return self.orders[0]  # MARK


    class Order(Base):
        __tablename__ = "order"
        id = Column(Integer, primary_key=True)
        user_id = Column(ForeignKey("user.id"))
        user = relationship(User, backref="orders")
"""

CASES = {
    "unknown receivers with a mapped class": """
        from models import User

        def names(request, ids):
            for pk in ids:
                request.db.query(User).get(pk)  # error: query-in-loop

        class Handler:
            def get(self, ids):
                return [self.db.query(User).filter_by(id=pk).first() for pk in ids]  # error: query-in-loop

        def related(person, others):
            for other in others:
                person.things.filter(User.name == other).first()  # error: query-in-loop
    """,
    "a repository that is given its model": """
        from sqlalchemy import select
        from sqlalchemy.orm import Session
        from models import Order, User

        class Repository:
            def __init__(self, session: Session, model):
                self.session = session
                self.model = model

            def one(self, pk):
                return self.session.execute(select(self.model).where(self.model.id == pk)).scalar_one()  # error: query-in-loop

            def every(self):
                return self.session.scalars(select(self.model)).all()

        class Orders(Repository):
            def __init__(self, session):
                super().__init__(session, Order)

        def users(session: Session, ids):
            return [Repository(session, User).one(pk).name for pk in ids]

        def owners(session: Session):
            return [order.user.name for order in Orders(session).every()]  # error: lazy-load-in-loop
    """,
    "dependencies, factories and scoped sessions": """
        from fastapi import Depends
        from sqlalchemy.orm import scoped_session, sessionmaker
        from models import Order

        Local = sessionmaker()
        Scoped = scoped_session(Local)

        def get_session():
            session = Local()
            try:
                yield session
            finally:
                session.close()

        def handler(db=Depends(get_session)):
            for order in db.query(Order):
                order.user.name  # error: lazy-load-in-loop

        def worker():
            for order in Scoped.query(Order):
                order.user.name  # error: lazy-load-in-loop

        def again():
            for order in Scoped().query(Order):
                order.user.name  # error: lazy-load-in-loop
    """,
    "connections and text": """
        from sqlalchemy import create_engine, text

        engine = create_engine("sqlite://")

        def touch(ids):
            with engine.begin() as connection:
                for pk in ids:
                    connection.execute(text("UPDATE user SET active = 1 WHERE id = :pk"), {"pk": pk})  # error: write-in-loop
                    connection.execute(text("SELECT name FROM user WHERE id = :pk"), {"pk": pk})  # error: query-in-loop
    """,
    "refresh, merge and bulk methods": """
        from sqlalchemy.orm import Session
        from models import User

        def store(session: Session, names):
            users = [User(name=name) for name in names]
            session.add_all(users)
            session.commit()
            for user in users:
                session.refresh(user)  # error: query-in-loop
            session.bulk_save_objects(users)
            session.bulk_insert_mappings(User, [{"name": name} for name in names])
    """,
    "asynchronous sessions": """
        from sqlalchemy import select
        from sqlalchemy.ext.asyncio import AsyncSession
        from models import Order

        async def names(session: AsyncSession, ids):
            for pk in ids:
                await session.get(Order, pk)  # error: query-in-loop
            async for order in await session.stream_scalars(select(Order)):
                print(order.id)
    """,
    "one value for every row": """
        from sqlalchemy.orm import Session
        from models import User

        def deactivate(session: Session):
            for user in session.query(User):
                user.active = 0  # error: write-in-loop
            session.commit()

        def rename(session: Session, names):
            for user in session.query(User):
                user.name = names[user.id]
            for user in session.query(User):
                if user.name:
                    user.active = 0
            session.commit()
    """,
    "a paginated query": """
        from flask_sqlalchemy import SQLAlchemy
        from models import Order

        db = SQLAlchemy()

        def page():
            for order in db.session.query(Order).paginate(page=1).items:
                order.user.name  # error: lazy-load-in-loop
            for order in db.paginate(db.select(Order)):
                order.user.name  # error: lazy-load-in-loop
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_sessions(tmp_path: Path, name: str) -> None:
    check(tmp_path, {"models.py": MODELS, "app.py": CASES[name]})


def test_a_hybrid_property_is_run(tmp_path: Path) -> None:
    app = """
        from sqlalchemy.orm import Session
        from models import User

        def first(session: Session):
            return [user.first_order for user in session.query(User)]
    """
    check(tmp_path, {"models.py": MODELS.replace("# MARK", "# error: lazy-load-in-loop"), "app.py": app})


def test_a_lazy_load_of_an_asynchronous_session_blocks_nothing(tmp_path: Path) -> None:
    app = """
        from sqlalchemy import select
        from sqlalchemy.ext.asyncio import AsyncSession
        from sqlalchemy.orm import Session
        from models import Order

        async def one(session: AsyncSession):
            order = (await session.scalars(select(Order))).first()
            return order.user

        async def blocked(session: Session):
            return session.scalars(select(Order)).first()  # error: blocking-call-in-async
    """
    check(tmp_path, {"models.py": MODELS, "app.py": app}, family="io")

"""Background work that is handed to something by name: which functions are entered, and what is no loop there."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check, entries

SOURCES = {
    "arq": (
        """
        from arq import cron
        from arq.worker import func

        async def mail(ctx, pk): ...
        async def clean(ctx): ...
        async def other(ctx): ...

        class WorkerSettings:
            functions = [mail, func(clean, name="x")]
            cron_jobs = [cron(clean, hour=3)]
        """,
        {("task", "mail"), ("task", "clean")},
    ),
    "APScheduler, RQ and schedule": (
        """
        from apscheduler.schedulers.background import BackgroundScheduler
        import schedule

        def tidy(): ...
        def send(pk): ...
        def report(): ...
        def kept(): ...

        scheduler = BackgroundScheduler()
        scheduler.add_job(tidy, "interval", minutes=5)
        schedule.every().day.do(job_func=report)

        def view(queue, pk):
            queue.enqueue(send, pk)
            kept()
        """,
        {("task", "tidy"), ("task", "send"), ("task", "report")},
    ),
    "pika": (
        """
        class Worker:
            def run(self, channel):
                channel.basic_consume(queue="orders", on_message_callback=self.on_order)

            def on_order(self, channel, method, properties, body): ...
            def helper(self): ...
        """,
        {("consumer", "Worker.on_order")},
    ),
    "Kafka": (
        """
        from aiokafka import AIOKafkaConsumer

        async def run():
            consumer = AIOKafkaConsumer("orders")
            async for message in consumer:
                print(message)
        """,
        {("consumer", "run")},
    ),
    "gRPC": (
        """
        import shop_pb2_grpc

        class Orders(shop_pb2_grpc.OrdersServicer):
            def Get(self, request, context): ...
        """,
        {("request", "Orders")},
    ),
    "Lambda, Airflow, Prefect": (
        """
        from prefect import flow, task
        from airflow.operators.python import PythonOperator
        from ours import task as mine

        def lambda_handler(event, context): ...

        @task
        def load(): ...

        @mine
        def no_task(): ...

        def extract(): ...

        with_operator = PythonOperator(task_id="x", python_callable=extract)
        """,
        {("task", "lambda_handler"), ("task", "load"), ("task", "extract")},
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_entered(name: str) -> None:
    source, expected = SOURCES[name]
    found = {(e.kind, e.function.partition("::")[2]) for e in entries({"app.py": source})}
    assert found >= expected
    assert {function for _, function in found} <= {function for _, function in expected} | {"view"}


def test_messages_come_one_at_a_time(tmp_path: Path) -> None:
    source = """
        import redis
        from kafka import KafkaConsumer

        client = redis.Redis()


        def consume():
            for message in KafkaConsumer("orders"):
                client.set(message.key, message.value)


        def listen(pubsub):
            for message in pubsub.listen():
                client.delete(message["data"])


        def in_batches(consumer, keys):
            for batch in consumer.poll():
                client.mset(batch)
            for key in keys:
                client.get(key)  # error: remote-call-in-loop
        """
    check(tmp_path, {"app.py": source}, family="io")


def test_queuing_is_no_query(tmp_path: Path) -> None:
    source = """
        from celery import shared_task
        from models import Author


        @shared_task
        def refresh(pk):
            Author.get_by_id(pk)


        def every(pks):
            for pk in pks:
                refresh.delay(pk)
        """
    models = """
        from peewee import CharField, Model


        class Author(Model):
            name = CharField()
        """
    check(tmp_path, {"app.py": source, "models.py": models})

"""Waits while something is held: of the marked lines a transaction or a lock is open."""

import subprocess
import sys
import threading
import time

import httpx
import requests
from django.db import transaction
from flask import Flask
from io_app.places import LIMIT, SERVER

app = Flask(__name__)
lock = threading.Lock()
client = httpx.AsyncClient()
seen = []


@app.route("/in-atomic")
def in_atomic():
    with transaction.atomic():
        return requests.get(SERVER, timeout=LIMIT).text  # slow: [remote-call-in-transaction]


@app.route("/decorated")
@transaction.atomic
def decorated():
    announce()
    return "done"


def announce():
    time.sleep(0.01)  # slow: [remote-call-in-transaction, sync-io-in-request]


@app.route("/program")
def program():
    with transaction.atomic():
        render()
    return "done"


def render():
    subprocess.run([sys.executable, "-c", ""], check=True)  # slow: [remote-call-in-transaction]


@app.route("/locked")
def locked():
    with lock:
        seen.append(requests.get(SERVER, timeout=LIMIT).text)  # slow: [lock-across-io]
    return "done"


@app.route("/pause")
def pause():
    time.sleep(0.01)  # slow: [sync-io-in-request]
    return "done"


async def awaited():
    with lock:
        answer = await client.get(SERVER)  # slow: [lock-across-io]
    return answer.text


# What is called outside


@app.route("/before")
def before():
    answer = requests.get(SERVER, timeout=LIMIT)
    with transaction.atomic():
        seen.append(answer.text)
    requests.get(SERVER, timeout=LIMIT)
    return "done"


@app.route("/on-commit")
def on_commit():
    with transaction.atomic():
        transaction.on_commit(later)
    return "done"


def later():
    requests.get(SERVER, timeout=LIMIT)


@app.route("/lock-afterwards")
def lock_afterwards():
    answer = requests.get(SERVER, timeout=LIMIT)
    with lock:
        seen.append(answer.text)
    return "done"


class Token:
    """Asked for once, by whoever comes first; the others wait for that."""

    def __init__(self):
        self.lock = threading.Lock()
        self.value = None

    def get(self):
        with self.lock:
            if self.value is None:
                self.value = requests.get(SERVER, timeout=LIMIT).text
            return self.value


token = Token()


@app.route("/token")
def shared_token():
    return token.get()


async def awaited_afterwards():
    answer = await client.get(SERVER)
    with lock:
        seen.append(answer.text)
    return answer.text


@app.route("/retried")
def retried():
    for attempt in range(3):
        try:
            return requests.get(SERVER, timeout=LIMIT).text
        except OSError:
            time.sleep(0.01 * attempt)
    return "busy"

"""A call that waits, in the coroutine itself."""

import contextlib
import gzip
import hashlib
import importlib
import io
import json
import os
import pathlib
import queue
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath
from time import sleep

MENU = Path(__file__).parent / "menu.json"
CLOSED = "http://127.0.0.1:9/"  # nothing listens there
POOL = ThreadPoolExecutor(2)


async def case_sleep() -> None:
    sleep(0.3)  # blocks


async def case_file_text() -> str:
    return MENU.read_text()  # blocks


async def case_open_and_read() -> str:
    return open(MENU).read()  # blocks


async def case_open_then_parse() -> object:
    with open(MENU) as file:
        return json.load(file)  # blocks


async def case_lines_of_a_file() -> int:
    with MENU.open("rb") as file:
        return len(file.read().splitlines())  # blocks


async def case_stat() -> bool:
    return MENU.exists()  # blocks


async def case_is_file_of_a_sibling() -> bool:
    return MENU.with_suffix(".gz").is_file()  # blocks


async def case_os_path() -> int:
    return os.path.getsize(MENU)  # blocks


async def case_listing() -> list[str]:
    return os.listdir(MENU.parent)  # blocks


async def case_walk() -> int:
    return sum(1 for _ in os.walk(MENU.parent))  # blocks


async def case_copy() -> None:
    shutil.copyfile(MENU, Path(tempfile.gettempdir()) / "menu.copy")  # blocks


async def case_database() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("SELECT 1")  # blocks


async def case_http() -> None:
    urllib.request.urlopen(CLOSED)  # blocks


async def case_connection() -> None:
    socket.create_connection(("127.0.0.1", 9))  # blocks


async def case_program() -> None:
    subprocess.run(["sleep", "0.3"], check=True)  # blocks


async def case_password() -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"espresso", b"salt", 1_500_000)  # blocks


async def case_compression() -> bytes:
    return gzip.compress(os.urandom(16_000_000))  # blocks


async def case_queue() -> None:
    orders: queue.Queue[str] = queue.Queue()
    with contextlib.suppress(queue.Empty):
        orders.get(timeout=0.3)  # blocks


async def case_event() -> None:
    threading.Event().wait(0.3)  # blocks


async def case_future() -> None:
    POOL.submit(sleep, 0.3).result()  # blocks


async def case_thread() -> None:
    brewing = threading.Thread(target=sleep, args=(0.3,))
    brewing.start()
    brewing.join()  # blocks


async def case_held_lock() -> None:
    lock = threading.Lock()
    lock.acquire(blocking=False)
    lock.acquire(timeout=0.3)  # blocks


async def case_import_at_run_time() -> None:
    importlib.import_module("cafe.seasonal")  # blocks


async def case_own_name_for_a_module() -> str:
    import pathlib as paths

    return paths.Path(MENU).read_text()  # blocks


async def case_in_a_comprehension() -> list[bool]:
    return [path.is_dir() for path in [MENU, MENU.parent]]  # blocks


# What looks like it and does not wait ---------------------------------------------------------------------------------


async def case_paths_are_text() -> str:
    return str(MENU.with_suffix(".bak").relative_to(MENU.parent.parent)) + PurePath(MENU).name


async def case_files_in_memory() -> str:
    return io.StringIO("flat white").read() + io.BytesIO(b"lungo").read().decode()


async def case_text_is_parsed() -> object:
    return json.loads('{"espresso": 2.2}')


async def case_queue_that_answers_at_once() -> None:
    orders: queue.Queue[str] = queue.Queue()
    orders.put("cortado")
    orders.get_nowait()
    orders.put("ristretto")
    orders.get(block=False)


async def case_lock_that_is_only_tried() -> bool:
    lock = threading.Lock()
    return lock.acquire(blocking=False)


async def case_own_open() -> str:
    def open(name: object) -> str:
        return str(name)

    return open(MENU)


async def case_a_dict_is_no_client() -> str:
    requests = {"latte": "milk"}
    return requests.get("latte", "")


async def case_a_method_of_that_name() -> str:
    class Kettle:
        def sleep(self, seconds: float) -> str:
            return f"boils for {seconds} s"

    return Kettle().sleep(3)


async def case_joined_text() -> str:
    return os.path.join("beans", "arabica") + pathlib.posixpath.sep.join(["a", "b"])

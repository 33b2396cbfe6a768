"""A parent with spans of its own forks children that work on and leave without exit handlers."""

import os
import sqlite3
import time

connection = sqlite3.connect(":memory:")
connection.execute("SELECT 'parent'")
for number in range(3):
    child = os.fork()
    if child == 0:
        connection.execute(f"SELECT 'child {number}'")
        time.sleep(1.2)
        os._exit(0)
for _ in range(3):
    os.wait()
connection.execute("SELECT 'parent again'")

"""A plain program: marks its start, runs statements for ever (or N times), leaves its lines to the recorder."""

import os
import sqlite3
import sys
import time

connection = sqlite3.connect(":memory:")
times = int(sys.argv[1])
print("started", os.getpid(), flush=True)
for number in range(times):
    connection.execute("SELECT ?", (number,)).fetchall()  # the statement
    time.sleep(float(sys.argv[2]))
sys.exit(int(sys.argv[3]))

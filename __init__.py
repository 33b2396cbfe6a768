"""slowlint: the code of a Python back end that will be slow, priced by what production measured.

The 60-second tour, in the order in which things happen:

- `linter/facts` turns each file into plain facts (the only place that knows the syntax tree);
  `linter/project` joins them into one program: names, classes, calls, and for any expression *what it is*
  (rows of which model, with which relations loaded) and *what evaluating it does* (queries, writes, waits).
  `linter/frameworks` says how Django, SQLAlchemy, FastAPI … spell all that; `catalogue/` there says what blocks.
- `rules/` words what was observed, one `.py` and one `.md` a rule; the page is its test.
- `linter/engine.py` runs rules over a project and keeps answers between runs; `linter/check.py` applies a user's
  settings; `linter/report` and `linter/lsp` bring findings to people.
- `advisor/record` runs an application under OpenTelemetry; `advisor/ingest` reads telemetry into `advisor/store`;
  `advisor/evidence.py` ties it to findings; `advisor/replay.py` computes what a fix would save; `advisor/rank.py`
  orders by that; `advisor/verify.py` compares the promise with the measurement.
- `cli.py` is the front door and the only module that knows all of them; `demo/` shows the whole on a small shop.
"""

__version__ = "0.1.0"

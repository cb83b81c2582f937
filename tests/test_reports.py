"""A report stays in proportion to what it is about, and survives any name."""

from __future__ import annotations

import json

import pytest

from bot.comments.body import Desk, body
from bot.comments.proposal import proposals
from bot.model.finding import Fix
from bot.model.report import Report
from bot.reports import FORMATS, render
from tests.reviewing import review

ADD = "ALTER TABLE t ADD CHECK (x > 0); "


@pytest.mark.parametrize("form", FORMATS)
def test_many_statements_on_one_line_are_not_repeated_for_each_of_them(form: str) -> None:
    text = ADD * 500
    written = render(review({"1.sql": text}, framework="psql"), "error", form)
    assert len(written) < 100 * len(text)


@pytest.mark.parametrize("form", FORMATS)
def test_a_new_file_is_not_repeated_for_each_finding_that_leads_to_it(form: str) -> None:
    few, many = (
        "".join(f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" for n in range(number))
        for number in (200, 800)
    )
    short, long = (
        render(review({"V1__a.sql": text}, framework="flyway"), "error", form)
        for text in (few, many)
    )
    assert len(long) < 5 * len(short)


def test_programs_find_the_text_of_a_new_file_by_its_path() -> None:
    report = review({"V1__a.sql": ADD, "V2__b.sql": ADD}, framework="flyway")
    told = json.loads(render(report, "error", "json"))
    texts = {new["path"]: new["text"] for new in told["follow_ups"]}
    first, second = (texts[path] for one in told["findings"] for path in one["fix"]["follow_ups"])
    assert first.endswith("VALIDATE CONSTRAINT t_x_check;\n")
    assert second.endswith("VALIDATE CONSTRAINT t_x_check1;\n")


def test_a_change_that_is_left_out_is_null_for_programs_and_said_to_people() -> None:
    report = review({"1.sql": ADD * 500}, framework="psql")
    assert all(isinstance(remark.fix, Fix) for remark in report.remarks)
    fixes = [found["fix"] for found in json.loads(render(report, "error", "json"))["findings"]]
    assert fixes[0] and fixes[-1] is None
    assert "The change is too long to be shown here." in render(report, "error", "text")


def test_what_people_write_is_shown_whole() -> None:
    text = "".join(
        f"ALTER TABLE t{n}\n    ADD CHECK (x > 0),\n    ADD CHECK (y > 0);\n" for n in range(300)
    )
    findings = json.loads(render(review({"1.sql": text}, framework="psql"), "error", "json"))[
        "findings"
    ]
    assert len(findings) == 600
    assert all(found["fix"] for found in findings)


def odd() -> Report:
    """The report on a file whose name is no UTF-8, as os.fsdecode gives it."""
    return review({"db/V1__\udce9.sql": ADD, "db/V2__\udce9.sql": "SELEC"}, framework="flyway")


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_that_is_no_utf_8_can_be_written(form: str) -> None:
    render(odd(), "error", form).encode("utf-8")


def test_a_scanner_is_told_the_bytes_of_such_a_name() -> None:
    (run,) = json.loads(render(odd(), "error", "sarif"))["runs"]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "db/V1__%E9.sql"


def test_every_rule_of_a_scan_has_the_address_of_its_page() -> None:
    (run,) = json.loads(render(review({"1.sql": ADD}, framework="psql"), "error", "sarif"))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["helpUri"].endswith("/blob/main/bot/rules/check_validated_on_add.md")


def test_programs_are_told_how_to_find_the_rows_in_the_way() -> None:
    text = f"{ADD}\nALTER TABLE t ADD COLUMN y int CHECK (y > 0);"
    report = review({"1.sql": text}, framework="psql")
    query = "SELECT * FROM t WHERE NOT (x > 0);"
    found = json.loads(render(report, "error", "json"))["findings"]
    assert [one["violating_rows"] for one in found] == [query, None]
    (run,) = json.loads(render(report, "error", "sarif"))["runs"]
    with_query, without = (result["message"] for result in run["results"])
    assert with_query["markdown"].endswith(f"```sql\n{query}\n```")
    assert "markdown" not in without


def test_a_fix_that_is_a_new_file_and_no_more_replaces_no_line() -> None:
    text = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
    report = review({"V1__a.sql": text}, framework="flyway")
    (proposal,) = proposals(report.remarks)
    said = body(proposal, Desk("https://github.com/a/b", "main"), suggest=True)
    assert "`V2__validate_a.sql` · [create this file]" in said
    assert "```suggestion" not in said
    assert "fixes" not in json.loads(render(report, "error", "sarif"))["runs"][0]["results"][0]


def test_a_name_is_no_link_in_a_scanner() -> None:
    """In a SARIF message `[words](address)` is one (2.1.0, 3.11.6)."""
    text = 'ALTER TABLE "[a](javascript:x)" ADD CHECK (x > 0);\nSELEC "[b](http://c)";\n'
    run = json.loads(render(review({"1.sql": text}, framework="psql"), "error", "sarif"))["runs"][0]
    assert "`[a] (javascript:x)`" in run["results"][0]["message"]["text"]
    assert "](" not in json.dumps(run["invocations"])

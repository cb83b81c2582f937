"""A finding may be allowed with a reason, and what is allowed is always told."""

from __future__ import annotations

from time import process_time

import pytest

from bot.frameworks import frameworks, read
from bot.model.finding import Finding, Severity
from bot.model.source import Source
from bot.rules import findings
from bot.settings import Settings
from bot.simulation import simulate
from bot.suppression import suppress
from tests.reviewing import Texts, review

ADD = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)"
ALLOW = "lockstep: allow check-validated-on-add because it has forty rows"


def outcome(text: str, settings: Settings | None = None) -> tuple[list[str], list[str]]:
    """The rules that complain, and the reasons that were accepted."""
    report = review({"1.sql": text}, framework="psql", settings=settings)
    return (
        [remark.finding.rule for remark in report.remarks],
        [remark.because or "" for remark in report.suppressed],
    )


@pytest.mark.parametrize(
    "text",
    [
        f"-- {ALLOW}\n{ADD};",
        f"{ADD}; -- {ALLOW}",
        f"{ADD} -- {ALLOW}\n;",
        f"/* {ALLOW} */ {ADD};",
        f"-- {ALLOW}\n-- more words\n\n{ADD};",
        f"-- note: {ALLOW}\r\n{ADD};\r\n",
        f"-- {ALLOW.replace('lockstep', 'LOCKSTEP').replace('allow', 'Allow')}\n{ADD};",
        f"\ufeff-- {ALLOW}\n{ADD};",
        f"/* v9 */ -- {ALLOW}\n{ADD};",
        f"SELECT 1; /* v9\n */ -- {ALLOW}\n{ADD};",
        f"SELECT 1; /* {ALLOW} */ {ADD};",
        f"{ADD}; /* v9 */ -- {ALLOW}\nSELECT 1;",
        f"{ADD}\n; -- {ALLOW}",
        f"ALTER TABLE t -- {ALLOW}\n  ADD CONSTRAINT c CHECK (x > 0);",
        f"ALTER TABLE t\n  -- {ALLOW}\n  ADD CONSTRAINT c CHECK (x > 0);",
        f"ALTER TABLE t\n  ADD CONSTRAINT c -- {ALLOW}\n  CHECK (x > 0);",
    ],
)
def test_a_finding_is_allowed_where_it_stands(text: str) -> None:
    assert outcome(text) == ([], ["it has forty rows"])


FIRST, SECOND, THIRD = (f"ALTER TABLE {name} ADD CHECK (x > 0);" for name in "abc")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"-- {ALLOW}\n{FIRST} {SECOND} {THIRD}", ["b", "c"]),
        (f"/* {ALLOW} */ {FIRST} {SECOND}", ["b"]),
        (f"{FIRST} {SECOND} {THIRD} -- {ALLOW}", ["a", "b"]),
        (f"{FIRST} {SECOND} -- {ALLOW}\n{THIRD}", ["a", "c"]),
        (f"{FIRST} /* {ALLOW} */ {SECOND}", ["a"]),
        (f"-- {ALLOW}\nSELECT 1; {FIRST}", ["a"]),
        (f"-- {ALLOW}\nSELEC 1;\n{FIRST}", ["a"]),
        (f"{FIRST}\n-- {ALLOW}", ["a"]),
    ],
)
def test_only_the_statement_that_the_comment_stands_at_is_allowed(
    text: str, left: list[str]
) -> None:
    report = review({"1.sql": text}, framework="psql")
    tables = [remark.finding.table.name for remark in report.remarks if remark.finding.table]
    assert tables == left


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (f"ALTER TABLE t\n  ADD CHECK (x > 0), -- {ALLOW}\n  ADD CHECK (y > 0);", ["x"]),
        (f"ALTER TABLE t\n  ADD CHECK (x > 0),\n  ADD CHECK (y > 0); -- {ALLOW}", ["y"]),
        (f"ALTER TABLE t\n  ADD CHECK (x > 0)\n  -- {ALLOW}\n  , ADD CHECK (y > 0);", ["y"]),
        (f"ALTER TABLE t ADD CHECK (x > 0) /* {ALLOW} */, ADD CHECK (y > 0);", ["x"]),
        (f"ALTER TABLE t ADD CHECK (x > 0), /* {ALLOW} */ ADD CHECK (y > 0);", ["y"]),
        (f"ALTER TABLE t ADD CHECK (x > 0), ADD CHECK (y > 0); -- {ALLOW}", ["x", "y"]),
        (f"-- {ALLOW}\nALTER TABLE t\n  ADD CHECK (x > 0),\n  ADD CHECK (y > 0);", ["x", "y"]),
        (f"ALTER TABLE t -- {ALLOW}\n  ADD CHECK (x > 0),\n  ADD CHECK (y > 0);", ["x", "y"]),
    ],
)
def test_a_comment_inside_of_a_statement_allows_its_clause(text: str, allowed: list[str]) -> None:
    report = review({"1.sql": text}, framework="psql")
    clauses = [one.finding.source[one.finding.span] for one in report.suppressed]
    assert clauses == [f"ADD CHECK ({column} > 0)" for column in allowed]


def test_two_rules_can_be_allowed_in_one_comment() -> None:
    other = "lockstep: allow foreign-key-validated-on-add because it is empty"
    reference = "ALTER TABLE t ADD CHECK (x > 0), ADD FOREIGN KEY (y) REFERENCES u"
    assert outcome(f"/* {ALLOW}\n   {other} */\n{reference};") == (
        [],
        ["it has forty rows", "it is empty"],
    )


@pytest.mark.parametrize("reason", ["\u200b", "\u3164", "...", "-", "\u202e."])
def test_a_reason_without_a_word_is_none(reason: str) -> None:
    text = f"-- lockstep: allow check-validated-on-add because {reason}\n{ADD};"
    assert outcome(text) == (["suppression-not-honoured", "check-validated-on-add"], [])


def test_words_in_a_string_allow_nothing() -> None:
    assert outcome(f"SELECT '-- {ALLOW}'; {ADD};") == (["check-validated-on-add"], [])


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("allow check-validated-on-add", "is not allowed without a reason"),
        ("allow check-validated-on-add because ", "is not allowed without a reason"),
        (
            "allow check-validatet-on-add because x",
            "There is no rule `check-validatet-on-add`; `lockstep explain` lists those that there are.",
        ),
        ("ignore everything", "This is not understood"),
        ("allow foreign-key-validated-on-add because x", "There is nothing to allow here"),
    ],
)
def test_a_suppression_without_effect_is_a_finding(comment: str, complaint: str) -> None:
    report = review({"1.sql": f"{ADD}; -- lockstep: {comment}"}, framework="psql")
    rules = [remark.finding.rule for remark in report.remarks]
    assert sorted(rules) == ["check-validated-on-add", "suppression-not-honoured"]
    assert any(complaint in remark.finding.message for remark in report.remarks)


def test_the_configuration_may_forbid_suppressions() -> None:
    settings = Settings(allow_suppressions=False)
    rules, reasons = outcome(f"{ADD}; -- {ALLOW}", settings)
    assert sorted(rules) == ["check-validated-on-add", "suppression-not-honoured"]
    assert reasons == []


def test_a_suppression_that_covers_nothing_any_more_is_a_finding() -> None:
    split = f"{ADD} NOT VALID; -- {ALLOW}\nALTER TABLE t VALIDATE CONSTRAINT c;"
    assert outcome(split)[0] == ["suppression-not-honoured"]


def test_what_is_known_but_untouched_may_be_allowed_as_well() -> None:
    source = Source("1.sql", f"{ADD}; -- {ALLOW}")
    migration = read(frameworks()["psql"], source, Texts())
    known = tuple(findings(simulate([migration], 14)))
    assert not suppress(migration, (), allowed=True, known=known).complaints
    assert suppress(migration, (), allowed=True).complaints


@pytest.mark.parametrize("text", [f"{ADD}; -- {ALLOW}\n", f"/* {ALLOW} */ {ADD}; "])
def test_many_suppressions_take_no_longer_each_than_few(text: str) -> None:
    source = Source("1.sql", text * 2_000)
    migration = read(frameworks()["psql"], source, Texts())
    known = [
        Finding("check-validated-on-add", Severity.ERROR, source, statement.span, "")
        for batch in migration.batches
        for statement in batch.statements
    ]
    start = process_time()
    done = suppress(migration, known, allowed=True)
    assert process_time() - start < 2
    assert (len(done.allowed), done.left, done.complaints) == (2_000, (), ())


@pytest.mark.parametrize("end", [" ", "\n"])
def test_many_comments_in_a_row_take_no_longer_each_than_few(end: str) -> None:
    migration = read(frameworks()["psql"], Source("1.sql", f"/* {ALLOW} */{end}" * 4_000), Texts())
    start = process_time()
    assert len(suppress(migration, (), allowed=True).complaints) == 4_000
    assert process_time() - start < 2

"""A finding may be allowed with a reason, and what is allowed is always told."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from tests.reviewing import review

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
        f"ALTER TABLE t\n  -- {ALLOW}\n  ADD CONSTRAINT c CHECK (x > 0);",
        f"ALTER TABLE t\n  ADD CONSTRAINT c -- {ALLOW}\n  CHECK (x > 0);",
    ],
)
def test_a_finding_is_allowed_where_it_stands(text: str) -> None:
    assert outcome(text) == ([], ["it has forty rows"])


def test_only_the_clause_of_the_line_is_allowed() -> None:
    text = f"ALTER TABLE t\n  ADD CHECK (x > 0), -- {ALLOW}\n  ADD CHECK (y > 0),\n  ADD CHECK (z > 0);"
    assert outcome(text) == (["check-validated-on-add"] * 2, ["it has forty rows"])


def test_words_in_a_string_allow_nothing() -> None:
    assert outcome(f"SELECT '-- {ALLOW}'; {ADD};") == (["check-validated-on-add"], [])


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("allow check-validated-on-add", "is not allowed without a reason"),
        ("allow check-validated-on-add because ", "is not allowed without a reason"),
        ("allow check-validatet-on-add because x", "There is no rule `check-validatet-on-add`"),
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
    assert outcome(f"{ADD} NOT VALID; -- {ALLOW}")[0] == ["suppression-not-honoured"]

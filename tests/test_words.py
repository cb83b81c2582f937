"""A comment fits a screen, says nothing twice, and folds what only some want to know."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from bot.comments.body import Desk, body
from bot.comments.locks import with_stages
from bot.comments.overview import headline, overview
from bot.comments.proposal import Proposal, proposals
from tests.pages import Example, examples
from tests.reviewing import review
from tests.test_pages import of

DESK = Desk("https://github.com/acme/shop", "feature")
SCREEN, WIDTH = 25, 95  # lines that GitHub shows without scrolling, and characters in one
every_faulty_example = pytest.mark.parametrize(
    "example", [one for one in examples() if not one.harmless], ids=str
)


def comments(example: Example) -> Iterator[str]:
    for proposal in proposals(of(example).remarks):
        yield body(proposal, DESK, suggest=True)


def comment(text: str, path: str = "V7__a.sql") -> str:
    (proposal,) = proposals(review({path: text}, framework="flyway").remarks)
    return body(proposal, DESK, suggest=True)


def unfolded(text: str) -> str:
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)


def without_blocks(text: str) -> str:
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def lines(text: str) -> int:
    """How many lines a browser shows of a Markdown text."""
    shown = 0
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence":
            shown += token.content.count("\n")
        elif token.type == "inline":
            words = "".join(child.content for child in token.children or ())
            shown += -(-len(words) // WIDTH)
    return shown


@every_faulty_example
def test_a_comment_fits_a_screen(example: Example) -> None:
    """Besides a program's own lines, where it takes more of them to say the same."""
    program = example.file.endswith(".py")
    for text in comments(example):
        shown = unfolded(text)
        assert lines(without_blocks(shown) if program else shown) <= SCREEN


@every_faulty_example
def test_a_comment_says_nothing_twice(example: Example) -> None:
    for text in comments(example):
        told = [
            part
            for part in without_blocks(text).split("\n\n")
            if part.strip() and not part.startswith("<")
        ]
        assert len(told) == len(set(told))


@every_faulty_example
def test_a_comment_begins_with_the_consequence_and_ends_with_the_rule(example: Example) -> None:
    for text in comments(example):
        first = unfolded(text).partition("\n\n")[0]
        assert re.match(r"\*\*(Error|Warning|Notice|\d+ (error|warning|notice)s):\*\* \S", first)
        assert re.search(r"bot/rules/\w+\.md\)\n\n</details>\n\n<!-- pg-lockstep .*-->$", text)


def test_findings_of_the_same_words_are_counted() -> None:
    text = comment("ALTER TABLE t ADD CHECK (x > 0), ADD CHECK (y > 0);\n")
    assert text.startswith("**2 errors:** Reads and writes of `t` wait until every row")
    assert text.count("every row of `t` is checked") == 1


def test_many_lines_of_new_files_are_folded() -> None:
    several = "".join(f"ALTER TABLE t ADD CHECK (x > {number});\n" for number in range(9))
    assert "VALIDATE CONSTRAINT" in unfolded(comment("ALTER TABLE t ADD CHECK (x > 0);\n"))
    folded = [body(one, DESK, suggest=True) for one in _of(several)]
    assert all("VALIDATE CONSTRAINT" in text for text in folded)
    assert not any("VALIDATE CONSTRAINT" in unfolded(text) for text in folded)
    assert all("create this file" in unfolded(text) for text in folded)


def test_many_sentences_are_folded() -> None:
    keys = ", ".join(f"ADD FOREIGN KEY (x) REFERENCES p{n}" for n in range(12))
    text = comment(f"ALTER TABLE t {keys};\n")
    assert lines(unfolded(text).partition("```")[0]) <= SCREEN
    assert text.count("**Error:**") == 12
    assert unfolded(text).count("**Error:**") == 5


def _of(text: str) -> tuple[Proposal, ...]:
    return proposals(review({"V7__a.sql": text}, framework="flyway").remarks)


def test_what_moves_to_a_new_file_is_said_to_move() -> None:
    text = comment(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    )
    assert "Instead, once this migration has committed, a new one: `V8__validate_a.sql` ·" in text


def rows(text: str) -> list[str]:
    """The rows of the table of locks, without its head."""
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


def test_the_locks_are_told_as_they_are_and_as_suggested() -> None:
    report = review({"V7__a.sql": "ALTER TABLE t ADD CHECK (x > 0);\n"}, framework="flyway")
    (proposal,) = with_stages(proposals(report.remarks), report.suggested)
    everybody, end = "reads, writes and schema changes", "the end of the migration"
    assert rows(body(proposal, DESK, suggest=True)) == [
        f"| **Now** | ACCESS EXCLUSIVE on `t` | {everybody} | {end} | longer with every row of `t` |",
        "| Suggested: `ADD CONSTRAINT … NOT VALID` | ACCESS EXCLUSIVE on `t` |"
        f" {everybody} | {end} | an instant |",
        "| Suggested: `VALIDATE CONSTRAINT` | SHARE UPDATE EXCLUSIVE on `t` |"
        f" schema changes | {end} | longer with every row of `t` |",
    ]


def test_what_may_take_long_is_not_called_an_instant() -> None:
    (row,) = rows(comment("ALTER TABLE t ALTER x TYPE bigint;\n"))
    assert row.endswith("| perhaps longer with every row of `t` |")


def test_each_proposal_tells_of_its_own_lines_and_files() -> None:
    text = "ALTER TABLE t ADD CHECK (x > 0);\n\nCREATE INDEX i ON u (y);\nALTER TABLE w ADD CHECK (z > 0);\n"
    report = review({"1.sql": text}, framework="psql")
    told = [
        {
            table
            for row in rows(body(one, DESK, suggest=True))
            for table in "tuw"
            if f"`{table}`" in row
        }
        for one in with_stages(proposals(report.remarks), report.suggested)
    ]
    assert told == [{"t"}, {"u"}, {"w"}]


def test_a_lock_of_an_earlier_statement_is_told_as_such() -> None:
    text = comment(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT c;\n"
    )
    assert rows(text)[0].startswith(
        "| **Now**, since an earlier statement | ACCESS EXCLUSIVE on `t`"
    )


def overviews(files: dict[str, str]) -> tuple[str, str]:
    report = review(files, framework="flyway")
    return headline(report, "0123456789abcdef", "error"), overview(report)


def test_a_review_begins_with_the_verdict_and_what_each_migration_makes_wait() -> None:
    head, more = overviews(
        {
            "V7__a.sql": "ALTER TABLE t ADD CHECK (x > 0);\n",
            "V8__b.sql": "CLUSTER t USING i;\nCREATE INDEX j ON u (y);\nSELEC 1;\n",
        }
    )
    assert head == (
        "**pg-lockstep: the check fails.** 3 errors, 1 part not analysed, as of 0123456789ab."
    )
    assert rows(more)[0] == "| `V7__a.sql` | 1 error | reads and writes of `t` | nothing |"
    assert rows(more)[1].startswith("| `V8__b.sql` | 2 errors | reads and writes of `t` and ")
    assert "```mermaid" in more


def test_a_review_without_findings_says_so_in_a_line() -> None:
    assert overviews({"V7__a.sql": "SELECT 1;\n"}) == (
        "**pg-lockstep: the check passes.** Nothing found, as of 0123456789ab.",
        "",
    )


def test_many_migrations_are_counted() -> None:
    files = {f"V{n}__a.sql": f"ALTER TABLE t{n} ADD CHECK (x > 0);\n" for n in range(30)}
    _, more = overviews(files)
    assert "| … and 10 more migrations | | | |" in more
    assert len(more) < 10_000

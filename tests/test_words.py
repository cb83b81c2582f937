"""A comment fits a screen, says nothing twice, and folds what only some want to know."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from bot.comments.body import Desk, body
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
    assert all(lines(unfolded(text)) <= SCREEN for text in comments(example))


@every_faulty_example
def test_a_comment_says_nothing_twice(example: Example) -> None:
    for text in comments(example):
        told = [part for part in text.split("\n\n") if not part.startswith(("```", "<"))]
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

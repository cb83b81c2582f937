"""Spans, lines and edits count characters, and leave every other character alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.source import Edit, LineEdit, Lines, Source, Span


def test_a_carriage_return_belongs_to_its_line() -> None:
    source = Source("a.sql", "a\r\nb\r\n")
    assert source.newline == "\r\n"
    assert source[source.span_of(Lines(1, 1))] == "a\r\n"
    assert source.line(3) == 2


def test_an_unusual_line_separator_ends_no_line() -> None:
    source = Source("a.sql", "a\u2028b\vc\rd\ne")
    assert source.line(len(source.text) - 1) == 2


def test_columns_count_characters_from_one() -> None:
    source = Source("a.sql", "x\nÄé☃x")
    assert (source.line(5), source.column(5)) == (2, 4)


def test_insertions_at_one_place_keep_their_order() -> None:
    source = Source("a.sql", "ab")
    here = Span(1, 1)
    assert source.edited([Edit(here, "1"), Edit(here, "2")]) == "a12b"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlapping edit at character 1"):
        Source("a.sql", "abc").edited([Edit(Span(0, 2), ""), Edit(Span(1, 3), "")])


def test_edits_that_share_a_line_become_one_line_edit() -> None:
    source = Source("a.sql", "one\ntwo\nthree\n")
    edits = [Edit(Span(0, 0), "+"), Edit(Span(3, 3), "-"), Edit(Span(8, 14), "")]
    assert source.line_edits(edits) == (
        LineEdit(Lines(1, 1), "+one-\n"),
        LineEdit(Lines(3, 3), ""),
    )


@given(st.text(alphabet="a\n\rÄ☃ "), st.data())
def test_line_edits_make_the_same_text_as_the_edits(text: str, data: st.DataObject) -> None:
    source = Source("a.sql", text)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    edits = [Edit(span, data.draw(st.sampled_from(["", "x", "\n", "é"]))) for span in spans]
    result, place = "", 0
    for edit in source.line_edits(edits):
        span = source.span_of(edit.lines)
        result += text[place : span.start] + edit.text
        place = span.end
    assert result + text[place:] == source.edited(edits)

"""A source is a text with a path; spans and edits count its characters from 0."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property

UTF_8 = "utf-8"
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` up to, not including, `end`."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace `span` by `text`; an insertion where the span is empty."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Lines:
    """Lines `first` to `last`, both included, from 1."""

    first: int
    last: int

    def touches(self, numbers: Set[int]) -> bool:
        return any(number in numbers for number in range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class LineEdit:
    """`text` takes the place of whole lines, line ends included; empty, it removes them."""

    lines: Lines
    text: str


@dataclass(frozen=True)
class Source:
    """Text as the file holds it: line ends, a byte order mark and all else untouched.

    A line ends with "\\n" alone, as for git and GitHub; a "\\r" before it belongs to the line.
    `encoding` is how the file holds it.
    """

    path: str
    text: str
    encoding: str = UTF_8

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(newline.end() for newline in re.finditer("\n", self.text))]

    @property
    def newline(self) -> str:
        """What ends the first line, for the lines that a fix adds."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def line(self, offset: int) -> int:
        """The line of the character at `offset`, from 1."""
        return bisect_right(self._starts, offset)

    def column(self, offset: int) -> int:
        """The column of the character at `offset`, in characters from 1."""
        return offset - self._starts[self.line(offset) - 1] + 1

    def lines(self, span: Span) -> Lines:
        """The lines that hold `span`; an empty span lies on the line of its place."""
        return Lines(self.line(span.start), self.line(max(span.start, span.end - 1)))

    def span_of(self, lines: Lines) -> Span:
        """The characters of whole `lines`, the last one's line end included."""
        starts = self._starts
        end = starts[lines.last] if lines.last < len(starts) else len(self.text)
        return Span(starts[lines.first - 1], end)

    def __getitem__(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def edited(self, edits: Iterable[Edit]) -> str:
        """The whole text with all `edits` made, insertions at one place in the order given."""
        return self._edited(Span(0, len(self.text)), edits)

    def edited_lines(self, lines: Lines, edits: Iterable[Edit]) -> str:
        """The text of `lines` with `edits`, which must lie inside them, made."""
        return self._edited(self.span_of(lines), edits)

    def line_edits(self, edits: Iterable[Edit]) -> tuple[LineEdit, ...]:
        """`edits` as whole lines, those that share a line together."""
        groups: list[tuple[Lines, list[Edit]]] = []
        for edit in sorted(edits, key=lambda edit: edit.span):
            lines = self.lines(edit.span)
            if groups and lines.first <= groups[-1][0].last:
                before, together = groups.pop()
                lines = Lines(before.first, max(before.last, lines.last))
                together.append(edit)
                groups.append((lines, together))
            else:
                groups.append((lines, [edit]))
        return tuple(
            LineEdit(lines, self.edited_lines(lines, together)) for lines, together in groups
        )

    def _edited(self, within: Span, edits: Iterable[Edit]) -> str:
        done, place = list[str](), within.start
        for edit in sorted(edits, key=lambda edit: edit.span):
            if edit.span.start < place or edit.span not in within:
                raise ValueError(f"{self.path}: overlapping edit at character {edit.span.start}")
            done += self.text[place : edit.span.start], edit.text
            place = edit.span.end
        return "".join((*done, self.text[place : within.end]))

"""A file whose first words say so runs without its tool's transaction, still as one message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from re import Pattern

from bot.frameworks._contract import FollowUp, Section
from bot.frameworks._marks import span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import BYTE_ORDER_MARK, Edit, Source, Span


@dataclass(frozen=True, slots=True)
class FirstWords:
    """The `words` of `tool`, and lines that are `almost` so."""

    tool: str
    words: str
    almost: Pattern[str]

    def text(self, new: FollowUp) -> str:
        return f"{self.words}\n{new.sql}" if new.alone else new.sql

    def sections(self, source: Source, tree: Tree) -> Iterator[Section | Misreading]:
        loose = source.text.startswith(self.words)
        wrapping = Wrapping.MESSAGE if loose else Wrapping.FILE
        yield Section(Span(0, len(source.text)), wrapping)
        for match in () if loose else self.almost.finditer(source.text):
            yield Misreading(
                span_of(match),
                f"{self.tool} does not understand this: it takes `{self.words}` as the very first"
                " characters of the file.",
            )

    def unwrapped(self, source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
        """They cannot be the first behind a byte order mark."""
        if source.text.startswith(BYTE_ORDER_MARK):
            return None
        return (Edit(Span(0, 0), f"{self.words}{source.newline}"),)

"""The comments of a text: not those in strings, in the data of COPY or behind a psql command."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.source import Source, Span
from bot.sql.masking import comments_in, lexemes


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments of `source` stand, those of blocks too, whatever else cannot be read."""
    return tuple(_comments(source.text))


def _comments(text: str) -> Iterator[Span]:
    for lexeme in lexemes(text):
        if lexeme.kind == "comment":
            yield lexeme.span
        elif lexeme.kind == "quoted" and text[lexeme.span.start] == "$":
            behind = text.index("$", lexeme.span.start + 1) + 1
            yield from comments_in(text, Span(behind, lexeme.span.end))

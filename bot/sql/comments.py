"""The comments of a text: not those in strings, in the data of COPY or behind a psql command."""

from __future__ import annotations

from bot.model.source import Source, Span
from bot.sql.masking import lexemes


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments of `source` stand, whatever else cannot be read."""
    return tuple(lexeme.span for lexeme in lexemes(source.text) if lexeme.kind == "comment")

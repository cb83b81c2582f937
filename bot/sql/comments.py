"""The comments of a text, as far as the lexer can read it."""

from __future__ import annotations

from bot.model.source import Source, Span
from bot.sql.tokens import COMMENTS, Unlexable, tokens


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments of `source` stand."""
    text = source.text.replace("\ufeff", " ")
    try:
        found = tokens(text)
    except Unlexable as error:
        found = tokens(text[: error.offset])
    return tuple(token.span for token in found if token.name in COMMENTS)

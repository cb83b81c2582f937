"""The lexer's tokens, with offsets into the text that was asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pglast.parser import ParseError, scan

from bot.model.source import Span

COMMENTS = ("SQL_COMMENT", "C_COMMENT")
_OPENING, _CLOSING = ("ASCII_40", "ASCII_91"), ("ASCII_41", "ASCII_93")  # ( [ and ) ]


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is the lexer's: ALTER, IDENT, ASCII_44 (a comma) …"""

    name: str
    span: Span


class Unlexable(Exception):
    """The lexer stopped at `offset` for `reason`, as in a string that never ends."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


def tokens(text: str, offset: int = 0) -> tuple[Token, ...]:
    """All tokens of `text`, comments among them; `offset` is where `text` lies in its file."""
    try:
        found = scan(text)
    except ParseError as error:
        raise Unlexable(offset + _place_of_error(text), error.args[0]) from error
    return tuple(Token(t.name, Span(offset + t.start, offset + t.end + 1)) for t in found)


def _place_of_error(text: str) -> int:
    """pglast takes libpg_query's characters for bytes; in a text of ASCII they are the same."""
    try:
        scan(re.sub(r"[^\x00-\x7f]", "x", text))
    except ParseError as error:
        return int(error.args[1])
    return 0


def significant(text: str, offset: int = 0) -> tuple[Token, ...]:
    """The tokens that the parser sees: all but comments."""
    return tuple(token for token in tokens(text, offset) if token.name not in COMMENTS)


def split_at_commas(run: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """`run` cut at the commas that stand in no parentheses or brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in run:
        depth += (token.name in _OPENING) - (token.name in _CLOSING)
        if token.name == "ASCII_44" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts)

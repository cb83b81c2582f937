"""The lexer's tokens, with offsets into the text that was asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pglast.parser import ParseError, scan

from bot.model.source import Span

COMMENTS = ("SQL_COMMENT", "C_COMMENT")
_OPENING, _CLOSING = ("ASCII_40", "ASCII_91"), ("ASCII_41", "ASCII_93")  # ( [ and ) ]
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is the lexer's: ALTER, IDENT, ASCII_44 (a comma) …"""

    name: str
    span: Span


class Unlexable(Exception):
    """The lexer cannot read a text for `reason`, as with a string that never ends."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def tokens(text: str, offset: int = 0) -> tuple[Token, ...]:
    """All tokens of `text`, comments among them; `offset` is where `text` lies in its file."""
    try:
        # A character that is not ASCII is a letter (scan.l: ident_start), as is the one in its
        # place. pglast searches all such characters for each token's place; of none, it is quick.
        found = scan(_NOT_ASCII.sub("q", text))
    except ParseError as error:
        raise Unlexable(_reason(text) or error.args[0]) from error
    return tuple(Token(t.name, Span(offset + t.start, offset + t.end + 1)) for t in found)


def _reason(text: str) -> str:
    """In the words of `text`; where something never ends, not with all that follows."""
    try:
        scan(text)
    except ParseError as error:
        reason, near, rest = str(error.args[0]).partition(" at or near ")
        return reason if reason.startswith("unterminated") else f"{reason}{near}{rest}"
    return ""


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

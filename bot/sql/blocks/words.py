"""What PL/pgSQL adds to SQL: variables behind INTO, queries without SELECT, bare expressions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.model.source import Span
from bot.postgres import operations as op
from bot.sql.blocks.pieces import Kind, Piece
from bot.sql.queries import HARMLESS
from bot.sql.tokens import Token, significant

_DEFINES = re.compile(
    r"\b(?:alter|create|drop|truncate|lock|reindex|cluster|vacuum|refresh)\b", re.IGNORECASE
)
_DEFINES_NOTHING = re.compile(
    r"(?:select|insert|update|delete|merge|with|grant|revoke|comment|set|notify|analyze|call)\b",
    re.IGNORECASE,
)
_HARMLESS_TOO = re.compile(
    r"pg_\w+|to_reg\w+|quote_\w+|has_\w+_privilege|(?:array|string|jsonb?)_\w+"
    r"|any|array|format|length|replace|unnest"
)


@dataclass(frozen=True, slots=True)
class Words:
    """`text` stands at `start` in the body; `written` has its placeholders as they are."""

    text: str
    written: str
    start: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.text))

    def as_query(self) -> Words:
        """What follows PERFORM is a query, once SELECT stands in its place."""
        word = "SELECT "
        return replace(
            self, text=word + self.text[len(word) :], written=word + self.written[len(word) :]
        )

    def without_targets(self) -> Words:
        """With blanks for INTO and the variables that a query fills (read_into_target)."""
        part = _targets(self.text)
        if part is None:
            return self
        blanks = " " * (part.end - part.start)
        text, written = (
            one[: part.start] + blanks + one[part.end :] for one in (self.text, self.written)
        )
        return replace(self, text=text, written=written)


def _targets(text: str) -> Span | None:
    run = significant(text)
    for index, token in enumerate(run):
        before = run[index - 1].name if index else ""
        if token.name == "INTO" and before not in ("INSERT", "MERGE"):
            words = [text[one.span.start : one.span.end].lower() for one in run]
            return Span(token.span.start, run[_last_target(words, index + 1)].span.end)
    return None


def _last_target(words: list[str], index: int) -> int:
    """STRICT a, b.c, d [1]: where the last of the variables ends."""
    index += words[index : index + 1] == ["strict"]
    while words[index + 1 : index + 2] in ([","], ["."]):
        index += 2
    return min(index, len(words) - 1)


def evaluated(text: str, run: tuple[Token, ...]) -> Iterator[op.Operation]:
    """What an expression may do: the functions that it calls may write to any table."""
    if "search_path" in text.lower():
        yield op.SetSearchPath(None)
    names = [
        text[token.span.start : token.span.end].lower().strip('"')
        for token, behind in itertools.pairwise(run)
        if token.name == "IDENT" and behind.name == "ASCII_40"
    ]
    if not all(name in HARMLESS or _HARMLESS_TOO.fullmatch(name) for name in names):
        yield op.Call()


def defines(text: str) -> bool:
    """Whether it speaks of a change of tables, indexes or whatever else is defined."""
    return bool(_DEFINES.search(text))


def keeps_definitions(text: str, piece: Piece) -> bool:
    """Whether a string in it, which a variable may keep for EXECUTE, speaks of one."""
    words = text[piece.span.start : piece.span.end]
    if piece.kind is Kind.EXECUTE or words[:5].lower() == "raise":
        return False
    return says_definitions(words)


def says_what_is_harmless(words: str) -> bool:
    """Whether a string in it begins as a statement that defines nothing."""
    return any(
        _DEFINES_NOTHING.match(words[token.span.start : token.span.end].strip("'$ "))
        for token in significant(words)
        if token.name == "SCONST"
    )


def says_definitions(words: str) -> bool:
    """Whether a string in a piece of a block speaks of one."""
    return defines(words) and any(
        defines(words[token.span.start : token.span.end])
        for token in significant(words)
        if token.name == "SCONST"
    )

"""A variable that is set in one place says there what EXECUTE of it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.sql.blocks.pieces import Kind, Piece
from bot.sql.tokens import significant


def set_once(text: str, pieces: Sequence[Piece]) -> dict[str, str]:
    """The expressions of the variables that a body sets by one `:=` and by nothing else."""
    values: dict[str, list[str]] = defaultdict(list)
    elsewhere = set(_written(_words(text)))
    for piece in pieces:
        if piece.kind is not Kind.EXPRESSION:
            continue
        expression = text[piece.span.start : piece.span.end]
        name, *rest = _words(expression) or [""]
        if rest[:1] == [":="]:
            values[name].append(expression.partition(":=")[2])
        elif {":=", "=", "default"} & set(rest):  # declared with a value, or just compared
            elsewhere.add(name)
    return {
        name: several[0]
        for name, several in values.items()
        if len(several) == 1 and name not in elsewhere
    }


def _words(text: str) -> list[str]:
    return [text[token.span.start : token.span.end].lower() for token in significant(text)]


def _written(words: list[str]) -> Iterator[str]:
    """What queries and loops may write to; some of it is no variable."""
    until: tuple[str, ...] = ()
    for word in words:
        if word in until:
            until = ()
        until = _WRITE.get(word, until)
        if until:
            yield word


_WRITE: dict[str, tuple[str, ...]] = {
    "into": (";", "from", "using", "where", "values", "select", "("),
    "for": (";", "in", "loop"),
    "foreach": (";", "in"),
    "fetch": (";",),
    "get": (";",),
    "call": (";",),
}

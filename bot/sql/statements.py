"""Every statement of a text is found at its exact place, and one that is wrong hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.migration import Statement, Unreadable
from bot.model.source import Source, Span
from bot.sql.lowering import commands
from bot.sql.tokens import COMMENTS, Token, Unlexable, significant, tokens
from bot.sql.tree import ParseError, Tree, parsed

_SEMICOLON = "ASCII_59"
_AT_THE_END = "at end of input"


@dataclass(frozen=True, slots=True)
class _Parsed:
    """`end` lies behind the semicolon, or behind the last token where there is none.

    `origin` is the offset from which the tree counts its locations.
    """

    node: Tree
    origin: int
    span: Span
    end: int


def statements(source: Source, within: Span | None = None) -> Iterator[Statement | Unreadable]:
    """The statements of `source`, or of a part of it, in order."""
    part = within or Span(0, len(source.text))
    for found in _read(_masked(source[part]), part.start):
        match found:
            case Unreadable():
                yield found
            case _Parsed(node, origin, span, end):
                asked = commands(node, origin, span, source[span])
                yield Statement(source, span, end, asked)


def _masked(text: str) -> str:
    """A byte order mark is no SQL; a blank in its place keeps every offset."""
    return " " + text[1:] if text.startswith("\ufeff") else text


def _read(text: str, offset: int) -> Iterator[_Parsed | Unreadable]:
    if "\0" in text:
        # libpg_query would stop there in silence; PostgreSQL refuses such a text.
        yield Unreadable(Span(offset, offset + len(text)), "the file contains a NUL character")
        return
    try:
        yield from _parsed(text, offset)
    except ParseError:
        yield from _one_by_one(text, offset)


def _parsed(text: str, offset: int) -> Iterator[_Parsed]:
    """All statements of a text that parses as a whole. Raises ParseError for any other."""
    for raw in parsed(text):
        start = raw.stmt_location
        end = start + raw.stmt_len if raw.stmt_len else len(text)
        last = _last_token_end(text[start:end]) + start
        behind = end + 1 if raw.stmt_len else last
        yield _Parsed(raw.stmt, offset, Span(offset + start, offset + last), offset + behind)


def _last_token_end(text: str) -> int:
    stripped = text.rstrip()
    if "--" not in stripped and "/*" not in stripped:
        return len(stripped)
    return significant(stripped)[-1].span.end


def _one_by_one(text: str, offset: int) -> Iterator[_Parsed | Unreadable]:
    """Statement after statement, each up to the first semicolon at which it parses."""
    readable, unlexable = _lexable(text)
    runs = _runs(readable)
    index = 0
    while index < len(runs):
        found, used = _longest(text, runs, index)
        yield from (_moved(one, offset) for one in found)
        index += used
    if unlexable:
        span = Span(offset + unlexable.offset, offset + len(text.rstrip()))
        yield Unreadable(span, f"{unlexable.reason}; nothing after it could be read")


def _lexable(text: str) -> tuple[tuple[Token, ...], Unlexable | None]:
    """The tokens of whole statements up to the place where the lexer fails, if it does."""
    try:
        return tokens(text), None
    except Unlexable as error:
        before = tokens(text[: error.offset])
        ends = [token.span.end for token in before if token.name == _SEMICOLON]
        whole = tuple(token for token in before if ends and token.span.end <= ends[-1])
        rest = [t for t in before if t.span.start >= (ends or [0])[-1] and t.name not in COMMENTS]
        start = rest[0].span.start if rest else error.offset
        return whole, Unlexable(start, error.reason)


def _runs(lexed: tuple[Token, ...]) -> list[tuple[Span, int]]:
    """From semicolon to semicolon: the span of the tokens and the place behind the semicolon."""
    runs: list[tuple[Span, int]] = []
    start: int | None = None
    last = 0
    for token in lexed:
        if token.name in COMMENTS:
            continue
        if token.name == _SEMICOLON:
            if start is not None:
                runs.append((Span(start, last), token.span.end))
            start = None
            continue
        start = token.span.start if start is None else start
        last = token.span.end
    return [*runs, (Span(start, last), last)] if start is not None else runs


def _longest(
    text: str, runs: list[tuple[Span, int]], index: int
) -> tuple[tuple[_Parsed | Unreadable, ...], int]:
    """The statement that begins at run `index`, and how many runs it takes.

    A body such as BEGIN ATOMIC … END holds semicolons of its own: while the parser misses
    nothing but an end, the next run is joined.
    """
    start = runs[index][0].start
    reason = ""
    for used, (span, behind) in enumerate(runs[index:], start=1):
        try:
            (raw,) = parsed(text[start : span.end])
            return (_Parsed(raw.stmt, start, Span(start, span.end), behind),), used
        except ParseError as error:
            reason = reason or error.args[0]
            if _AT_THE_END not in error.args[0]:
                break
    return (Unreadable(runs[index][0], reason),), 1


def _moved(found: _Parsed | Unreadable, offset: int) -> _Parsed | Unreadable:
    span = Span(found.span.start + offset, found.span.end + offset)
    match found:
        case _Parsed(node, origin, _, end):
            return _Parsed(node, origin + offset, span, end + offset)
        case Unreadable(_, reason):
            return Unreadable(span, reason)

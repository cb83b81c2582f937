"""A DO block is the statements that it runs or may run, each with its own place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.model.migration import Command, Statement, Unreadable
from bot.model.source import Source, Span
from bot.postgres import operations as op
from bot.sql.abroad import REASON, runs_abroad
from bot.sql.blocks.doubts import ASSEMBLED, Doubts
from bot.sql.blocks.dynamic import Dynamic, executed, variable, verbatim
from bot.sql.blocks.parser import complaint
from bot.sql.blocks.pieces import Kind, Piece
from bot.sql.blocks.structure import Unstructured, pieces
from bot.sql.blocks.variables import set_once
from bot.sql.blocks.words import (
    Words,
    defines,
    evaluated,
    keeps_definitions,
    says_definitions,
    says_what_is_harmless,
)
from bot.sql.lowering import commands
from bot.sql.masking import with_templates_masked
from bot.sql.parsing import DEEPEST, Parsed, Parser, depth_of, read
from bot.sql.tokens import Unlexable, significant
from bot.sql.tree import ParseError, ast

Found = Iterator[Statement | Unreadable]

_CONTROL: dict[Kind, op.Operation] = {
    Kind.COMMIT: op.Commit(chain=True),
    Kind.ROLLBACK: op.Rollback(chain=True),
    Kind.FORK: op.Fork(),
    Kind.OTHERWISE: op.Otherwise(),
    Kind.JOIN: op.Join(),
}
_PUT_TOGETHER = "what EXECUTE runs here is put together when it runs, and cannot be read"
_TRANSACTION = (op.Begin, op.Commit, op.Rollback, op.Savepoint, op.Release, op.RollbackTo)
_SEMICOLON = re.compile(r"\s*;")


def block(source: Source, found: Parsed, offset: int) -> Found | None:
    """What the block `found` is, which lies at `offset` in `source`; None in other languages."""
    body = _body(found)
    if body is None:
        return None
    span = Span(found.span.start + offset, found.span.end + offset)
    start = None if body.place is None else span.start + body.place
    return _Block(source, span, found.end + offset, body.text, start).read()


@dataclass(frozen=True, slots=True)
class _Body:
    """`place` is where the text begins behind the start of its statement, if it stands as it is."""

    text: str
    place: int | None


def _body(found: Parsed) -> _Body | None:
    """The body of a block in PL/pgSQL, as it is written."""
    parts = {part.defname: part.arg.sval for part in found.node.args}
    if parts.get("language", "plpgsql").lower() != "plpgsql" or "as" not in parts:
        return None
    for token in significant(found.text):
        inside = verbatim(found.text[token.span.start : token.span.end])
        if token.name == "SCONST" and inside and inside[1] == parts["as"]:
            return _Body(inside[1], token.span.start + inside[0])
    return _Body(parts["as"], None)


@dataclass(frozen=True, slots=True)
class _Unread:
    """What EXECUTE of a variable may do: what is set to one, or what the block speaks of."""

    defines: bool
    sets_path: bool
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Block:
    """The statement at `span`; `start` is where its `body` begins, if it stands as it is."""

    source: Source
    span: Span
    end: int
    body: str
    start: int | None

    def read(self) -> Found:
        """The block with its statements, and what could not be read of it."""
        text = with_templates_masked(self.body)
        try:
            several = pieces(text)
        except (Unstructured, Unlexable) as error:
            yield Unreadable(self.span, f"the block cannot be read: {error.reason}")
            asked = (Command(op.SetSearchPath(None), self.span), Command(op.Call(), self.span))
            yield Statement(self.source, self.span, self.end, asked)
            return
        commits = any(piece.kind in (Kind.COMMIT, Kind.ROLLBACK) for piece in several)
        doubts = Doubts(self.source, self.start, commits)
        unread = self._unread(text, several)
        inside, gaps = list[Statement](), list[Unreadable]()
        for piece in several:
            for one in self._piece(piece, text, unread):
                if isinstance(one, Unreadable):
                    gaps.append(one)
                else:
                    inside.append(replace(one, doubt=one.doubt or doubts.about(piece, one)))
        wrong = None if gaps else complaint(text, several)
        yield from gaps
        if wrong:
            yield Unreadable(self.span, f"the block cannot be read: {wrong}")
        whole = Command(op.Operation(), self.span)
        yield Statement(self.source, self.span, self.end, (whole,), tuple(inside))

    def _unread(self, text: str, several: tuple[Piece, ...]) -> _Unread:
        return _Unread(
            defines=any(keeps_definitions(text, piece) for piece in several),
            sets_path="search_path" in text.lower(),
            variables=set_once(text, several),
        )

    def _piece(self, piece: Piece, text: str, unread: _Unread) -> Found:
        start, end = piece.span.start, piece.span.end
        words = Words(text[start:end], self.body[start:end], start)
        run = significant(words.text)
        if depth_of([token.name for token in run]) > DEEPEST:
            yield Unreadable(self._place(piece.span), "the statement is too deeply nested")
            return
        match piece.kind:
            case Kind.SQL:
                yield from self._sql(words.without_targets(), self._behind(piece, text))
            case Kind.PERFORM:
                yield from self._sql(words.as_query(), self._behind(piece, text))
            case Kind.EXECUTE:
                yield from self._execute(words, unread)
            case Kind.EXPRESSION:
                asked = tuple(evaluated(words.text, run))
                if asked:
                    yield self._statement(piece.span, end, *asked)
            case kind:
                yield self._statement(piece.span, end, _CONTROL[kind])

    def _behind(self, piece: Piece, text: str) -> int:
        """Behind the semicolon of a statement."""
        found = _SEMICOLON.match(text, piece.span.end)
        return found.end() if found else piece.span.end

    def _sql(self, words: Words, behind: int) -> Found:
        try:
            parsed = Parser(words.text, words.written).statement(Span(0, len(words.text)), 0)
        except ParseError as error:
            yield Unreadable(self._place(words.span), str(error.args[0]))
            return
        yield from self._lowered(parsed, words.span, behind, exact=True)

    def _execute(self, words: Words, unread: _Unread) -> Found:
        """EXECUTE: what its strings say, with names for the rest."""
        behind = len("EXECUTE")
        expression = words.text[behind:]
        known = unread.variables.get(variable(expression))
        try:
            what = executed(expression) if known is None else replace(executed(known), place=None)
        except (ParseError, Unlexable):
            what = Dynamic("", "")
        found = list(read(what.text, what.written))
        if not found or not all(isinstance(one, Parsed) for one in found):
            path = (op.SetSearchPath(None),) if unread.sets_path else ()
            yield self._statement(words.span, words.span.end, *path, op.Call())
            elsewhere = not what.known.strip() and unread.defines
            hidden = what.is_computed and not says_what_is_harmless(words.text)
            if elsewhere or hidden or defines(what.known) or says_definitions(words.text):
                yield Unreadable(self._place(words.span), _PUT_TOGETHER)
            return
        for one in found:
            if isinstance(one, Parsed) and what.place is not None:
                start = words.start + behind + what.place
                place = Span(start + one.span.start, start + one.span.end)
                yield from self._lowered(one, place, start + one.end, exact=True)
            elif isinstance(one, Parsed):
                yield from self._lowered(one, words.span, words.span.end, exact=False)

    def _lowered(self, parsed: Parsed, place: Span, behind: int, *, exact: bool) -> Found:
        """What was parsed and is said at `place`, or, where `exact`, stands there as it is."""
        if isinstance(parsed.node, ast.DoStmt) and defines(parsed.text):
            yield Unreadable(self._place(place), "a block inside of a block is not read")
        if runs_abroad(parsed.node, parsed.text):
            yield Unreadable(self._place(place), REASON)
        start = place.start + (self.start or 0)
        asked = commands(parsed.node, start, Span(start, start + len(parsed.text)), parsed.text)
        if not exact or self.start is None:
            asked = tuple(_all_at(self._place(place), one) for one in asked)
        several = tuple(one for one in asked if not isinstance(one.operation, _TRANSACTION))
        statement = self._statement(place, behind, op.Operation())
        doubt = None if exact else ASSEMBLED
        yield replace(statement, commands=several or statement.commands, doubt=doubt)

    def _statement(self, place: Span, behind: int, *operations: op.Operation) -> Statement:
        span = self._place(place)
        end = self.end if self.start is None else self.start + behind
        asked = tuple(Command(operation, span) for operation in operations)
        return Statement(self.source, span, end, asked)

    def _place(self, span: Span) -> Span:
        """Where a part of the body lies in the file, as exactly as can be told."""
        if self.start is None:
            return self.span
        return Span(self.start + span.start, self.start + span.end)


def _all_at(place: Span, command: Command) -> Command:
    return Command(command.operation, place, (place,) * len(command.parts))

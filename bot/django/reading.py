"""A migration becomes the messages that Django sends for it, in their transactions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.django.editor import Asked, Piece
from bot.django.fields import Key
from bot.django.operations import Operations, kind_of
from bot.django.programs import Messages
from bot.django.state import Model, State
from bot.django.written import Read
from bot.model.migration import Batch, Statement, Unreadable, Wrapping
from bot.model.source import Source, Span
from bot.python.embedded import Said, sent
from bot.python.layout import Layout
from bot.python.values import NOTHING, Call, Known, Several, Unknown, Value, truth
from bot.sql.statements import statements

_NOT_WRITTEN = "its operations are not written out"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent at once; `together` where it is a transaction even in a migration of none."""

    statements: tuple[Statement, ...]
    together: bool = False


def applied(migration: Read, state: State) -> dict[Key, Model]:
    """The models after a migration; what is not known of it changes none."""
    running = Operations(state)
    for call, inside, of_state, of_database in _operations(migration):
        if isinstance(call, Call) and kind_of(call) not in ("RunSQL", "RunPython"):
            running.apply(call, inside, state=of_state, database=of_database)
    return running.state.models


def batches(migration: Read, state: State, width: int) -> Iterator[Batch | Unreadable]:
    """What a migration sends, and what cannot be told of that; `width` is of its longest lines."""
    span = migration.module.span(migration.names.node)
    reading = _Reading(migration, state, width)
    messages = list(reading.run())
    yield from _undecided(migration)
    yield from reading.gaps
    if migration.atomic:
        several = tuple(one for message in messages for one in message.statements)
        yield Batch(several, Wrapping.FILE, span)
        return
    for message in messages:
        whole = len(message.statements) > 1 or message.together
        yield Batch(message.statements, Wrapping.FILE if whole else Wrapping.STATEMENT, span)


def _undecided(migration: Read) -> Iterator[Unreadable]:
    """What a migration says of itself that nobody can tell."""
    atomic, dependencies = migration.value("atomic"), migration.value("dependencies")
    if atomic is not None and not isinstance(atomic, Known):
        yield migration.unread("atomic", "its atomic is not written out")
    if dependencies is not None and not isinstance(dependencies, Several):
        yield migration.unread("dependencies", "its dependencies are not written out")


Operation = tuple[Value, Call | None, bool, bool]
"""A value in the list, the SeparateDatabaseAndState around it, and whether it changes the state and
the database."""


def _operations(migration: Read) -> Iterator[Operation]:
    value = migration.value("operations")
    if value is None:
        return
    if not isinstance(value, Several):
        yield Unknown(), None, True, True
        return
    stack = [(one, None, True, True) for one in reversed(value.items)]
    left: list[Operation] = [*stack]
    while left:
        one, inside, of_state, of_database = left.pop()
        if isinstance(one, Call) and kind_of(one) == "SeparateDatabaseAndState":
            left += reversed(list(_separate(one, of_state, of_database)))
        else:
            yield one, inside, of_state, of_database


def _separate(call: Call, of_state: bool, of_database: bool) -> Iterator[Operation]:
    given = call.bound("database_operations", "state_operations")
    for name, state, database in (
        ("database_operations", False, of_database),
        ("state_operations", of_state, False),
    ):
        value = given[name].value if name in given else NOTHING
        for one in value.items if isinstance(value, Several) else ():
            yield one, call, state, database
        if call.partial or not (isinstance(value, Several) or value == NOTHING):
            yield Unknown(), call, state, database


class _Reading:
    """Follows the operations of one migration."""

    def __init__(self, migration: Read, state: State, width: int) -> None:
        self.migration = migration
        self.module = migration.module
        self.layout = Layout(self.module, width)
        self.running = Operations(state, self.layout)
        self.gaps: list[Unreadable] = []
        self.programs = Messages(migration, state, self.gap)

    def run(self) -> Iterator[Message]:
        for value, inside, of_state, of_database in _operations(self.migration):
            if isinstance(value, Call):
                yield from self.operation(value, inside, of_state, of_database)
            elif of_state or of_database:
                self.gap(inside.node if inside else self.migration.operations, _NOT_WRITTEN)
        self.running.editor.finish()
        yield from self.pieces()

    def operation(
        self, call: Call, inside: Call | None, of_state: bool, of_database: bool
    ) -> Iterator[Message]:
        kind = kind_of(call)
        app = self.running.state.app
        asked = Asked(call, kind or "", app, inside=inside, layout=self.layout)
        if kind == "RunSQL":
            if of_database:
                yield from map(Message, self.programs.sql(call, asked))
            self.state_of(call, of_state)
        elif kind == "RunPython":
            if of_database:
                several = tuple(self.programs.python(call, asked))
                atomic = call.bound("code", "reverse_code", "atomic").get("atomic")
                if atomic and not isinstance(atomic.value, Known):
                    self.gap(call.node, "its atomic is not written out")
                if atomic and truth(atomic.value):
                    yield Message(tuple(one for each in several for one in each), together=True)
                else:
                    yield from map(Message, several)
        else:
            gap = self.running.apply(call, inside, state=of_state, database=of_database)
            if gap and of_database:
                self.gap(gap.node, gap.reason)
            yield from self.pieces()

    def state_of(self, call: Call, of_state: bool) -> None:
        """What RunSQL says that its SQL does to the models."""
        given = call.bound("sql", "reverse_sql", "state_operations").get("state_operations")
        value = given.value if given else NOTHING
        for one in value.items if isinstance(value, Several) else ():
            if isinstance(one, Call):
                self.running.apply(one, call, state=of_state, database=False)
        if call.partial or not (isinstance(value, Several) or value == NOTHING):
            self.gap(call.node, "its state_operations are not written out")

    def pieces(self) -> Iterator[Message]:
        for piece in self.running.editor.sent:
            yield Message(tuple(self.piece(piece)))
        self.running.editor.sent.clear()

    def piece(self, piece: Piece) -> Iterator[Statement]:
        span = self.module.span(piece.asked.call.node)
        source = self.migration.source
        for one in statements(Source(source.path, piece.sql)):
            if isinstance(one, Unreadable):
                self.gaps.append(Unreadable(span, one.reason))
            else:
                yield sent(one, Said(source, span, piece.asked, within=span))

    def gap(self, node: ast.AST | Span, reason: str) -> None:
        span = node if isinstance(node, Span) else self.module.span(node)
        self.gaps.append(Unreadable(span, reason))

"""Migrations run one after another in a simulated session, and every command gives a moment."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment
from bot.postgres.dependence import Subject, disturbed, subjects
from bot.postgres.operations import (
    Begin,
    Commit,
    Operation,
    Rollback,
    RollbackTo,
    Savepoint,
)
from bot.postgres.session import Outcome, Session


@dataclass(frozen=True, slots=True)
class _Ran:
    """A statement that ran, and whether it ended its transaction."""

    number: int
    statement: Statement
    wrapping: Wrapping
    outcomes: tuple[Outcome, ...]
    ends: bool

    def asks_for(self, *kinds: type[Operation]) -> bool:
        return any(isinstance(outcome.operation, kinds) for outcome in self.outcomes)


def simulate(
    migrations: Iterable[Migration], version: int, old: Container[str] = frozenset()
) -> Iterator[Moment]:
    """The moments of migrations that run in this order against one database of `version`.

    `old` are the paths of those that have run before, or may never run: what they create is there
    already, with rows and users.
    """
    session, numbers = Session(version), count()
    statements: dict[int, Statement] = {}
    for migration in migrations:
        ran: list[_Ran] = []
        for batch in migration.batches:
            for statement in batch.statements:
                number = next(numbers)
                statements[number] = statement
                ran.append(_run(session, number, statement, batch.wrapping))
            if batch.wrapping is not Wrapping.ALL:
                session.commit()
        session.reconnect()
        if migration.source.path in old:
            session.grow_old()
        yield from _moments(migration, version, ran, statements)


def _run(session: Session, number: int, statement: Statement, wrapping: Wrapping) -> _Ran:
    operations = [command.operation for command in statement.commands]
    if wrapping is not Wrapping.STATEMENT:
        session.begin()
    begins = any(isinstance(operation, Begin) for operation in operations)
    autocommit = not session.in_transaction and not begins
    outcomes = session.run(number, operations)
    if autocommit and not session.in_transaction:
        session.commit()
    ends = autocommit or any(isinstance(one, Commit | Rollback) for one in operations)
    return _Ran(number, statement, wrapping, outcomes, ends)


def _moments(
    migration: Migration, version: int, ran: list[_Ran], statements: dict[int, Statement]
) -> Iterator[Moment]:
    undone, disturbers = _undone(ran), _disturbers(ran)
    position = count()
    for one, end in zip(ran, _ends(ran), strict=True):
        for command, outcome in zip(one.statement.commands, one.outcomes, strict=True):
            yield Moment(
                migration=migration,
                postgres_version=version,
                wrapping=one.wrapping,
                statement=one.statement,
                command=command,
                number=one.number,
                outcome=outcome,
                ends_with=end,
                undone=one.number in undone,
                disturbed_by=_disturber(outcome.operation, next(position), disturbers),
                statements=statements,
            )


def _ends(ran: list[_Ran]) -> list[Statement | None]:
    """For each statement the one that ends its transaction, None where only the tool does."""
    ends: list[Statement | None] = []
    end: Statement | None = None
    for one in reversed(ran):
        end = one.statement if one.ends else end
        ends.append(end)
    return ends[::-1]


def _undone(ran: list[_Ran]) -> set[int]:
    """The statements that ROLLBACK or ROLLBACK TO takes back."""
    undone: set[int] = set()
    since: list[int] = []  # the statements of the open transaction
    marks: list[tuple[str, int]] = []
    for one in ran:
        match [outcome.operation for outcome in one.outcomes]:
            case [Savepoint(name)]:
                marks.append((name, len(since)))
            case [RollbackTo(name)] if any(mark == name for mark, _ in marks):
                while marks[-1][0] != name:
                    marks.pop()
                undone.update(since[marks[-1][1] :])
                del since[marks[-1][1] :]
            case [Rollback()]:
                undone.update(since)
            case _:
                since.append(one.number)
        if one.ends:
            since, marks = [], []
    return undone


def _disturbers(ran: list[_Ran]) -> dict[Subject, tuple[int, Statement]]:
    """The last command that disturbs a table (constraint None) or one of its constraints."""
    position = count()
    found: dict[Subject, tuple[int, Statement]] = {}
    for one in ran:
        for outcome in one.outcomes:
            place = next(position)
            for subject in disturbed(outcome.operation):
                found[subject] = (place, one.statement)
    return found


def _disturber(
    operation: Operation, position: int, disturbers: dict[Subject, tuple[int, Statement]]
) -> Statement | None:
    later = [found for subject in subjects(operation) if (found := disturbers.get(subject))]
    place, statement = max(later, key=lambda found: found[0], default=(-1, None))
    return statement if place > position else None

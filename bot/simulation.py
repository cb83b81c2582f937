"""Migrations run one after another in a simulated session, and every command gives a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Begin, Commit, OnTable, Operation, Rollback
from bot.postgres.session import Outcome, Session


@dataclass(frozen=True, slots=True)
class _Ran:
    """A statement that ran, and whether it ended its transaction."""

    number: int
    statement: Statement
    wrapping: Wrapping
    outcomes: tuple[Outcome, ...]
    ends: bool


def simulate(migrations: Iterable[Migration]) -> Iterator[Moment]:
    """The moments of migrations that run in this order against one database."""
    session, numbers = Session(), count()
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
        yield from _moments(migration, ran, statements)


def _run(session: Session, number: int, statement: Statement, wrapping: Wrapping) -> _Ran:
    operations = [command.operation for command in statement.commands]
    if wrapping is not Wrapping.STATEMENT:
        session.begin()
    autocommit = not session.in_transaction and not _is(operations, Begin)
    outcomes = session.run(number, operations)
    if autocommit and not session.in_transaction:
        session.commit()
    ends = autocommit or _is(operations, Commit, Rollback)
    return _Ran(number, statement, wrapping, outcomes, ends)


def _is(operations: list[Operation], *kinds: type[Operation]) -> bool:
    return any(isinstance(operation, kinds) for operation in operations)


def _moments(
    migration: Migration, ran: list[_Ran], statements: dict[int, Statement]
) -> Iterator[Moment]:
    uses = _uses(ran)
    for one, end in zip(ran, _ends(ran), strict=True):
        for command, outcome in zip(one.statement.commands, one.outcomes, strict=True):
            yield Moment(
                migration,
                one.wrapping,
                one.statement,
                command,
                one.number,
                outcome,
                end,
                uses,
                statements,
            )


def _uses(ran: list[_Ran]) -> dict[QualifiedName, int]:
    return {
        outcome.operation.table: one.number
        for one in ran
        for outcome in one.outcomes
        if isinstance(outcome.operation, OnTable)
    }


def _ends(ran: list[_Ran]) -> list[Statement | None]:
    """For each statement the one that ends its transaction, None where only the tool does."""
    ends: list[Statement | None] = []
    end: Statement | None = None
    for one in reversed(ran):
        end = one.statement if one.ends else end
        ends.append(end)
    return ends[::-1]

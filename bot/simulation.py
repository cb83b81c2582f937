"""Migrations run one after another in a simulated session, and every command gives a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment
from bot.postgres.operations import Begin, Commit, Operation, Rollback
from bot.postgres.session import Outcome, Session, State


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
                session, one = _run(session, number, statement, batch.wrapping)
                ran.append(one)
            if batch.wrapping is not Wrapping.ALL:
                session = session.commit()
        session = replace(session, state=_next_connection(session.state))
        yield from _moments(migration, ran, statements)


def _run(
    session: Session, number: int, statement: Statement, wrapping: Wrapping
) -> tuple[Session, _Ran]:
    operations = [command.operation for command in statement.commands]
    if wrapping is not Wrapping.STATEMENT:
        session = session.begin(explicit=False)
    autocommit = session.transaction is None and not _is(operations, Begin)
    session, outcomes = session.run(number, operations)
    if autocommit and session.transaction is None:
        session = session.commit()
    ends = autocommit or _is(operations, Commit, Rollback)
    return session, _Ran(number, statement, wrapping, outcomes, ends)


def _is(operations: list[Operation], *kinds: type[Operation]) -> bool:
    return any(isinstance(operation, kinds) for operation in operations)


def _next_connection(state: State) -> State:
    """What one file has SET is not relied on in the next."""
    return replace(state, search_path=State().search_path)


def _moments(
    migration: Migration, ran: list[_Ran], statements: dict[int, Statement]
) -> Iterator[Moment]:
    operations = [outcome.operation for one in ran for outcome in one.outcomes]
    positions = count()
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
                operations,
                next(positions),
                statements,
            )


def _ends(ran: list[_Ran]) -> list[Statement | None]:
    """For each statement the one that ends its transaction, None where only the tool does."""
    ends: list[Statement | None] = []
    end: Statement | None = None
    for one in reversed(ran):
        end = one.statement if one.ends else end
        ends.append(end)
    return ends[::-1]

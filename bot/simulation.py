"""Migrations run one after another in a simulated session, and every command gives a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment, Origin
from bot.origins import Origins
from bot.postgres.operations import Begin, Commit, Rollback
from bot.postgres.session import Session
from bot.sequel import Disturbers, Ran, ends, first_without_limit, undone


@dataclass(frozen=True, slots=True)
class _Change:
    """What is known of all statements together."""

    session: Session
    statements: dict[int, Statement]
    disturbers: Disturbers
    origins: Origins


def simulate(migrations: Iterable[Migration], version: int) -> Iterator[Moment]:
    """The moments of migrations that run in this order against one database of `version`."""
    session, numbers, origins = Session(version), count(), Origins()
    statements: dict[int, Statement] = {}
    all_ran: list[tuple[Migration, list[Ran]]] = []
    for migration in migrations:
        ran: list[Ran] = []
        gaps = sorted((gap.span.start for gap in migration.unreadable), reverse=True)
        for batch in migration.batches:
            for statement in batch.statements:
                while gaps and gaps[-1] < statement.span.start:
                    gaps.pop()
                    session.run_unread()
                for one in _run_all(session, numbers, statement, batch.wrapping):
                    statements[one.number] = one.statement
                    ran.append(one)
            if batch.wrapping is not Wrapping.ALL:
                session.commit()
        if gaps:
            session.run_unread()
        together = any(batch.wrapping is Wrapping.ALL for batch in migration.batches)
        if migration.ran:
            session.commit()
            session.grow_old()
        if not together or migration.ran:
            session.reconnect()
        all_ran.append((migration, ran))
    disturbers = Disturbers(one for _, ran in all_ran for one in ran)
    change = _Change(session, statements, disturbers, origins)
    for migration, ran in all_ran:
        yield from _moments(migration, ran, change)


def _run_all(
    session: Session, numbers: Iterator[int], statement: Statement, wrapping: Wrapping
) -> Iterator[Ran]:
    """A statement; of a block first what it runs, all in one transaction."""
    if not statement.body:
        yield _run(session, next(numbers), statement, wrapping)
        return
    if wrapping is not Wrapping.STATEMENT:
        session.begin()
    alone = not session.in_transaction
    session.begin()
    for inner in statement.body:
        yield _run(session, next(numbers), inner, wrapping)
    ran = _run(session, next(numbers), statement, wrapping)
    if alone:
        session.commit()
    yield replace(ran, ends=alone)


def _run(session: Session, number: int, statement: Statement, wrapping: Wrapping) -> Ran:
    operations = [command.operation for command in statement.commands]
    if wrapping is not Wrapping.STATEMENT:
        session.begin()
    begins = any(isinstance(operation, Begin) for operation in operations)
    autocommit = not session.in_transaction and not begins
    outcomes = session.run(number, operations)
    if autocommit and not session.in_transaction:
        session.commit()
    ends = autocommit or any(isinstance(one, Commit | Rollback) for one in operations)
    return Ran(number, statement, wrapping, outcomes, ends)


def _moments(migration: Migration, ran: list[Ran], change: _Change) -> Iterator[Moment]:
    taken_back, patient = undone(ran), first_without_limit(ran)
    change.origins.open_file()
    for one in ran:
        change.origins.expect(one.number, one.outcomes)
    for one, end in zip(ran, ends(ran), strict=True):
        for index, command in enumerate(one.statement.commands):
            outcome = one.outcomes[index]
            written = Origin(one.statement, command, outcome)
            # Without a transaction of the tool what comes later stands right behind the end.
            until = end.number if end and one.wrapping is Wrapping.STATEMENT else None
            place, disturbers = (one.number, index), change.disturbers
            yield Moment(
                migration=migration,
                postgres_version=change.session.version,
                wrapping=one.wrapping,
                statement=one.statement,
                command=command,
                number=one.number,
                outcome=outcome,
                ends_with=end.statement if end else None,
                undone=one.number in taken_back,
                disturbed_by=disturbers.of(outcome.operation, place, until),
                disturbed_later=disturbers.of(outcome.operation, place, None),
                first_without_limit=place == patient,
                never_validated=change.session.has_left_unvalidated(outcome.operation),
                origin=change.origins.of(one.number, written, undone=one.number in taken_back),
                statements=change.statements,
            )

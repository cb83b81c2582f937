"""A script runs on a server and in the simulation, and both are asked what each statement did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.frameworks import frameworks, read
from bot.model.migration import Command, Migration, Statement
from bot.model.moment import Moment
from bot.model.source import Source
from bot.postgres import effects
from bot.postgres.names import TEMPORARY, QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterType,
    AttachPartition,
    Begin,
    Commit,
    CreateTable,
    DetachPartition,
    ForeignKey,
    RefreshMaterializedView,
    RenameTable,
    Rollback,
    Truncate,
    Vacuum,
    ValidateConstraint,
    Write,
)
from bot.postgres.outcome import Outcome
from bot.simulation import simulate
from tests.reviewing import Texts
from tests.servers.measure import Measured, measure
from tests.servers.server import Server

Lock = tuple[str, str]
WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY")


@dataclass(frozen=True)
class Did:
    """What one statement did, according to the server or to the simulation.

    A write may read other tables too, for their foreign keys. `perhaps` are tables that the planner
    may read from end to end, or in an index, and those of which the text does not tell enough.
    `routed` are the partitions that a write may have locked by then: that depends on its rows.
    `passing` are tables that come one after another, so that locks on them may be given back by
    the end: partitions, and whatever VACUUM goes on to.
    """

    statement: str
    locks: frozenset[Lock] = frozenset()
    scans: frozenset[str] = frozenset()
    rewrites: frozenset[str] = frozenset()
    refused: bool = False
    perhaps: frozenset[str] = frozenset()
    routed: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()

    def agrees_with(self, simulated: Did) -> bool:
        return (
            (self.statement, self.refused) == (simulated.statement, simulated.refused)
            and self._locks_as(simulated)
            and self.rewrites - simulated.perhaps == simulated.rewrites - simulated.perhaps
            and simulated.scans - simulated.perhaps <= self.scans
            and (
                _word(self.statement) in WRITES or self.scans <= simulated.scans | simulated.perhaps
            )
        )

    def _locks_as(self, simulated: Did) -> bool:
        unsure = {(table, "ROW EXCLUSIVE") for table in simulated.routed}
        if _word(self.statement) in ("CLUSTER", "REINDEX", "VACUUM"):
            passing = {lock for lock in simulated.locks if lock[0] in simulated.passing}
            return simulated.locks - passing <= self.locks <= simulated.locks
        return self.locks - unsure == simulated.locks - unsure

    def __str__(self) -> str:
        locks = ", ".join(f"{table} {mode}" for table, mode in sorted(self.locks))
        reads = f"scans {sorted(self.scans)}, rewrites {sorted(self.rewrites)}"
        refused = "refused; " if self.refused else ""
        return f"{self.statement}\n    {refused}locks {locks or 'nothing'}; {reads}"


def disagreements(server: Server, given: str, script: str) -> list[str]:
    """Where the simulation differs from the server, statement by statement."""
    found = measured(server, given, script)
    expected = predicted(server.version, given, script)
    assert len(found) == len(expected), f"{len(found)} statements ran, {len(expected)} were read"
    return [
        f"server:     {one}\nsimulation: {other}"
        for one, other in zip(found, expected, strict=True)
        if not one.agrees_with(other)
    ]


def measured(server: Server, given: str, script: str) -> list[Did]:
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        done = measure(connection, script)
    return [_observed(one) for one in done]


def _observed(one: Measured) -> Did:
    """Without the building of empty indexes."""
    scans = one.scans if _word(one.statement) != "TRUNCATE" else frozenset()
    locks = _telling(one.statement, one.locks)
    return Did(one.statement, locks, scans, one.rewrites, refused=one.error is not None)


def _word(statement: str) -> str:
    return statement.split(maxsplit=1)[0].upper()


def _telling(statement: str, locks: Iterable[Lock]) -> frozenset[Lock]:
    """Without those of tables that a query looks up row by row for a foreign key, or just reads.

    ACCESS SHARE, the weakest, may be there from whatever a transaction has planned before.
    """
    weak = ("ACCESS SHARE", "ROW SHARE") if _word(statement) in WRITES else ("ACCESS SHARE",)
    return frozenset((table, mode) for table, mode in locks if mode not in weak)


def predicted(version: int, given: str, script: str) -> list[Did]:
    """The simulation knows the given tables as a person does who has read their history."""
    framework = frameworks()["psql"]
    files = [Source("0.sql", given), Source("1.sql", script)]
    moments = tuple(simulate((read(framework, file, Texts()) for file in files), version))
    wholes = _wholes(moments)
    by_statement: dict[int, list[Moment]] = {}
    number = 0
    for moment in moments:
        if moment.migration.source.path == "1.sql":
            by_statement.setdefault(number, []).append(moment)
            # What a block runs comes before the block itself, which the server runs as one.
            number += moment.command is _last(moment.migration, moment.statement)
    routed, new = frozenset[str](), None
    found = []
    for together in by_statement.values():
        routed |= frozenset(_routed(together))
        did = replace(_did(together, wholes), routed=routed)
        new = _new(together, new)
        found.append(replace(did, rewrites=did.rewrites - (new or set())))
    return found


def _new(moments: Iterable[Moment], before: frozenset[str] | None) -> frozenset[str] | None:
    """The tables of the open transaction, of which nobody tells whether they are rewritten."""
    for moment in moments:
        match moment.outcome.operation:
            case Begin() | Commit(chain=True) | Rollback(chain=True):
                before = frozenset()
            case Commit() | Rollback():
                before = None
            case CreateTable(table) if before is not None:
                before |= {str(table)}
            case RenameTable(table) as renamed if before and str(table) in before:
                before |= {str(renamed.new)}
    return before


def _routed(moments: Iterable[Moment]) -> Iterator[str]:
    for moment in moments:
        match moment.outcome.operation:
            case Write(table):
                locks = moment.outcome.effect.locks
                yield from (str(lock.table) for lock in locks if lock.table != table)


def _wholes(moments: Iterable[Moment]) -> dict[QualifiedName, QualifiedName]:
    """What has at any time been a partition of which table."""
    found: dict[QualifiedName, QualifiedName] = {}
    for moment in moments:
        match moment.outcome.operation:
            case CreateTable(part, parent=QualifiedName() as whole):
                found[part] = whole
            case AttachPartition(whole, part):
                found[part] = whole
    return found


def _is_below(
    table: QualifiedName, above: QualifiedName, wholes: Mapping[QualifiedName, QualifiedName]
) -> bool:
    while table in wholes and table != above:
        table = wholes[table]
    return table == above


def _last(migration: Migration, statement: Statement) -> Command | None:
    """The last command of a statement that stands in no block."""
    outermost = any(statement is one for batch in migration.batches for one in batch.statements)
    return statement.commands[-1] if outermost else None


def _did(moments: list[Moment], wholes: Mapping[QualifiedName, QualifiedName]) -> Did:
    outcomes = [moment.outcome for moment in moments]
    text = moments[-1].statement.text
    if any(outcome.refused for outcome in outcomes):
        return Did(text, refused=True)
    return Did(
        text,
        _telling(
            text,
            (
                (str(lock.table), str(lock.mode))
                for lock in _taken(outcomes)
                if _is_asked(lock.table)
            ),
        ),
        frozenset(
            str(table) for outcome in outcomes for table in outcome.effect.scans if _is_asked(table)
        ),
        frozenset(
            str(table) for outcome in outcomes for table in _rewritten(outcome) if _is_asked(table)
        ),
        perhaps=frozenset(
            str(table) for outcome in outcomes for table in _looked_up(outcome, wholes)
        ),
        passing=frozenset(map(str, (*wholes, *wholes.values(), *_further(outcomes)))),
    )


def _further(outcomes: Sequence[Outcome]) -> Iterator[QualifiedName]:
    """What VACUUM comes to behind its first table."""
    first = next((one.operation for one in outcomes if isinstance(one.operation, Vacuum)), None)
    if first:
        yield from (one.table for one in _taken(outcomes) if one.table != first.table)


def _is_asked(table: QualifiedName) -> bool:
    """The server is not asked about temporary tables."""
    return table.schema != TEMPORARY


def _taken(outcomes: Sequence[Outcome]) -> set[effects.Lock]:
    """The locks that together they took, without those that others say more than."""
    taken = {lock for outcome in outcomes for lock in outcome.taken}
    return {lock for lock in taken if not any(other.tells_more_than(lock) for other in taken)}


def _rewritten(outcome: Outcome) -> Iterable[QualifiedName]:
    """TRUNCATE and WITH NO DATA, which are over in an instant, replace the storage too."""
    match outcome.operation:
        case RefreshMaterializedView(table, with_data=False):
            return (table,)
        case Truncate(table):
            emptied = [lock.table for lock in outcome.effect.locks]
            return [one for one in emptied if one != table or not outcome.partitioned]
        case _:
            return outcome.effect.rewrites


def _looked_up(
    outcome: Outcome, wholes: Mapping[QualifiedName, QualifiedName]
) -> Iterator[QualifiedName]:
    """The tables that a foreign key's rows are looked up in, as the planner likes best.

    And those that are rewritten on conditions of which the text tells nothing.
    """
    yield from outcome.effect.perhaps
    match outcome.operation:
        case CreateTable(table, copies=copies) if copies:
            yield table  # the indexes that come with it are built on nothing
        case Truncate(table):  # partitioned ones have no storage
            yield from (lock.table for lock in outcome.effect.locks if lock.table != table)
        case AlterType(table, rewritten=rewritten) if outcome.effect.rewrites or rewritten:
            yield from (lock.table for lock in outcome.effect.locks if lock.table != table)
        case DetachPartition(_, part) if outcome.effect.scans:
            yield part  # RI_PartitionRemove_Check joins it with the tables that reference it
        case ValidateConstraint(table):
            yield from (name for name in outcome.effect.scans if name != table)
        case AddConstraint(table, ForeignKey(referenced=referenced)) if referenced != table:
            if referenced in wholes.values():  # then an index may be read on either side
                yield table
            read = (*outcome.effect.scans, referenced)
            yield from (one for one in read if one != table and _is_below(one, referenced, wholes))
        case AddColumn(table, constraints=several):
            keys = (one for one in several if isinstance(one, ForeignKey))
            yield from (
                one
                for key in keys
                for one in (*outcome.effect.scans, key.referenced)
                if one != table and _is_below(one, key.referenced, wholes)
            )

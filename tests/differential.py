"""A script runs on a server and in the simulation, and both are asked what each statement did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.frameworks import frameworks, read
from bot.model.moment import Moment
from bot.model.source import Source
from bot.postgres.names import QualifiedName
from bot.postgres.operations import Truncate
from bot.postgres.session import Outcome
from bot.simulation import simulate
from tests.reviewing import Texts
from tests.servers.measure import measure
from tests.servers.server import Server

Lock = tuple[str, str]


@dataclass(frozen=True)
class Did:
    """What one statement did, according to the server or to the simulation."""

    statement: str
    locks: frozenset[Lock]
    scans: frozenset[str]
    rewrites: frozenset[str]
    refused: bool = False

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
        if one != other
    ]


def measured(server: Server, given: str, script: str) -> list[Did]:
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        done = measure(connection, script)
    return [
        Did(one.statement, one.locks, one.scans, one.rewrites, refused=one.error is not None)
        for one in done
    ]


def predicted(version: int, given: str, script: str) -> list[Did]:
    """The simulation knows the given tables as a person does who has read their history."""
    framework = frameworks()["psql"]
    files = [Source("0.sql", given), Source("1.sql", script)]
    moments = simulate((read(framework, file, Texts()) for file in files), version)
    by_statement: dict[int, list[Moment]] = {}
    for moment in moments:
        if moment.migration.source.path == "1.sql":
            by_statement.setdefault(moment.number, []).append(moment)
    return [_did(together) for together in by_statement.values()]


def _did(moments: list[Moment]) -> Did:
    outcomes = [moment.outcome for moment in moments]
    text = moments[0].statement.text
    if any(outcome.refused for outcome in outcomes):
        return Did(text, frozenset(), frozenset(), frozenset(), refused=True)
    return Did(
        text,
        frozenset((str(lock.table), str(lock.mode)) for lock in outcomes[0].taken),
        frozenset(str(table) for outcome in outcomes for table in outcome.effect.scans),
        frozenset(str(table) for outcome in outcomes for table in _rewritten(outcome)),
    )


def _rewritten(outcome: Outcome) -> Iterable[QualifiedName]:
    """TRUNCATE, which is over in an instant, replaces the storage too."""
    match outcome.operation:
        case Truncate(table):
            return (table,)
        case _:
            return outcome.effect.rewrites

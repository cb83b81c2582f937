"""A script runs on a server and in the simulation, and both are asked what each statement did."""

from __future__ import annotations

from dataclasses import dataclass

from bot.frameworks import frameworks, read
from bot.model.moment import Moment
from bot.model.source import Source
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

    def __str__(self) -> str:
        locks = ", ".join(f"{table} {mode}" for table, mode in sorted(self.locks))
        return f"{self.statement}\n    locks {locks or 'nothing'}; scans {sorted(self.scans)}"


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
    for one in done:
        assert one.error is None, f"{one.statement}: {one.error}"
    return [Did(one.statement, one.locks, one.scans) for one in done]


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
    return Did(
        moments[0].statement.text,
        frozenset((str(lock.table), str(lock.mode)) for lock in outcomes[0].taken),
        frozenset(str(table) for outcome in outcomes for table in outcome.effect.scans),
    )

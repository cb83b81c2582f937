"""Generated migrations: every statement locks, scans and rewrites on five servers what is simulated.

`make differential EXAMPLES=1000` runs as many as one likes on every server. What a server says of
a name that is not there, or is taken, of rows that it finds and of objects that depend on others is no
matter of the simulation, which does not know the whole database: such statements are left out. All
others that a server refuses stay, since a predicted error must be a measured one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from tests.differential import disagreements, predicted
from tests.drawn_statements import scripts
from tests.schemas import schemas
from tests.servers.server import Connection, Server

TOLD = {"0A000", "25001", "42601", "42804", "42809", "42P16", "42P17", "55000"}
NOT_TOLD = (
    "is not a view",  # of kinds of relations just those are told apart that are locked apart
    "is not a materialized view",
    "is not a table",
    "cannot be performed on relation",
    "more expressions than target columns",  # which columns a table has
    "cannot alter type of column",  # what else the same ALTER TABLE does to the column
    "is not an index for table",  # which index a table is clustered by
    "cannot truncate a table referenced",  # which tables are emptied together
    'at or near "."',  # the parser refuses it itself, and it is not analysed
    "cannot be implemented",  # which types can be compared
    "cannot be cast automatically",
    "but expression is of type",
    "cannot create not-null constraint",  # how the constraint that is there is called
)
"""What those errors say where they speak of what the simulation does not look at."""


@dataclass
class Sound:
    """The statements that run, in their order, and those that the server refuses in between.

    Each of those comes with all that runs before it. Statements that miss or repeat a name, or find
    rows that they do not expect, are left out.
    """

    given: str
    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def sound(server: Server, given: list[str], script: list[str]) -> Sound:
    with server.database() as database, database.connect() as connection:
        made = [one for one in given if _error(connection, one) is None]
        found = Sound(";\n".join(made) + ";")
        for statement in script:
            error = _error(connection, statement)
            if error is None:
                found.kept.append(statement)
            elif _is_told(error):
                found.refused.append(("; ".join([*found.kept, statement]), str(error)))
    return found


def _error(connection: Connection, statement: str) -> psycopg.Error | None:
    """None where it runs; in an open transaction, which goes on, whatever it says."""
    inside = connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    ends = statement.startswith(("COMMIT", "ROLLBACK")) and not statement.endswith("TO m")
    guarded = inside and not ends
    passed_over = list[str]()
    connection.add_notice_handler(lambda notice: passed_over.append(str(notice.message_primary)))
    if guarded:
        connection.execute("SAVEPOINT probe")
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        if guarded:
            connection.execute("ROLLBACK TO probe")
        return error
    if any("does not exist, skipping" in notice for notice in passed_over):
        return psycopg.errors.UndefinedObject(passed_over[0])
    return None


def _is_told(error: psycopg.Error) -> bool:
    message = str(error.diag.message_primary)
    return error.sqlstate in TOLD and not any(one in message for one in NOT_TOLD)


def unforeseen(server: Server, found: Sound) -> Iterator[str]:
    """What the server refuses, and the simulation does not."""
    for script, error in found.refused:
        if not predicted(server.version, found.given, script)[-1].refused:
            yield f"server:     {script}\n    {error}\nsimulation: nothing of that"


@st.composite
def migrations(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    world, given = draw(schemas())
    return given, draw(scripts(world))


@given(migrations())
def test_every_statement_does_what_is_simulated(
    server: Server, migration: tuple[list[str], list[str]]
) -> None:
    found = sound(server, *migration)
    text = "; ".join(found.kept)
    assert not disagreements(server, found.given, text), f"{found.given}\n{text}"
    assert not list(unforeseen(server, found)), found.given

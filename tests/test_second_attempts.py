"""A migration that failed half-way runs again: by itself, or once what its review names is gone.

Every fixed example of a tool's page meets rows that break it, and an older snapshot for which
concurrent builds wait. The first attempt fails, these go, and what the tool has not remembered as
run is run again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import LiteralString, get_args

import psycopg
import pytest

from bot.fixing import changes
from bot.frameworks import frameworks, read
from bot.model.finding import Fix, Following
from bot.model.migration import Batch, Wrapping
from bot.model.report import Report
from bot.model.source import Source
from bot.settings import Settings, with_version
from tests.breaking import DONE, OLDER_SNAPSHOT, broken, named
from tests.pages import Example, examples, sql_of
from tests.reviewing import Texts, review
from tests.servers.catalog import catalog, difference
from tests.servers.measure import statements_of
from tests.servers.server import Connection, Server
from tests.test_pages import postponed

BEGIN, COMMIT = "BEGIN", "COMMIT"

of_sql = [
    example
    for example in examples()
    if example.page.parent.name == "frameworks" and example.files and example.file.endswith("sql")
]


def pieces(framework: str, files: dict[str, str]) -> list[list[str]]:
    """What the tool remembers piece by piece, each with the statements that it sends for it."""
    tool = frameworks()[framework]
    found: list[list[str]] = []
    for path, text in files.items():
        if tool.passes_over(PurePosixPath(path)) or not path.endswith("sql"):
            continue
        source = Source(path, text)
        batches = read(tool, source, Texts(files)).batches
        sent = [_sent(batch, source) for batch in batches]
        whole = [one for several in sent for one in several]
        if tool.resumes and whole[0] != BEGIN:
            found += ([one] for one in whole)
        else:
            found += sent if tool.by_section else [whole]
    return found


def _sent(batch: Batch, source: Source) -> list[str]:
    statements = statements_of(sql_of(batch, source))
    return [*statements] if batch.wrapping is Wrapping.STATEMENT else [BEGIN, *statements, COMMIT]


def attempt(connection: Connection, several: list[list[str]]) -> list[list[str]]:
    """Run the pieces in their order; what is left from the one on that fails."""
    for number, piece in enumerate(several):
        try:
            for statement in piece:
                connection.execute(statement.encode())
        except psycopg.Error:
            connection.execute("ROLLBACK")
            return several[number:]
    return []


@dataclass(frozen=True)
class Again:
    """Whether what the review names was in the way, and the schemas after two attempts and after one."""

    in_the_way: bool
    at_last: frozenset[str]
    at_once: frozenset[str]


def again(
    server: Server, example: Example, report: Report, held: LiteralString = OLDER_SNAPSHOT
) -> Again:
    made = {example.file: example.text, **{one.path: one.after for one in changes(report)}}
    several = pieces(example.framework, made)
    if later := postponed(report):
        several += [[BEGIN, later, COMMIT]]
    by_hand = named(report)
    with server.database() as database, database.connect() as connection:
        connection.execute(example.before.encode())
        with broken(connection, database, held=held) as state:
            left = attempt(connection, several)
            assert left, "nothing breaks it"
            state.mend()
        in_the_way = bool(by_hand and attempt(connection, left))
        state.clear(by_hand)
        assert not attempt(connection, left)
        at_last = catalog(connection)
    with server.database() as database, database.connect() as connection:
        connection.execute(example.before.encode())
        assert not attempt(connection, several)
        return Again(in_the_way, at_last, catalog(connection))


def reviewed(example: Example, following: Following) -> Report:
    return review(
        {example.file: example.text},
        framework=example.framework,
        repository=dict(example.earlier),
        settings=with_version(Settings(follow_up=following), example.version),
    )


@pytest.mark.postgres(14, 18)
@pytest.mark.parametrize("following", get_args(Following))
@pytest.mark.parametrize("example", of_sql, ids=str)
def test_a_second_attempt_succeeds_once_what_the_review_names_is_gone(
    example: Example, following: Following, server: Server
) -> None:
    if server.version < example.version:
        return
    report = reviewed(example, following)
    by_hand = named(report)
    assert following != "new-file" or DONE not in by_hand
    done = again(server, example, report)
    assert done.in_the_way == bool(by_hand)
    assert done.at_last == done.at_once, difference(done.at_last, done.at_once)


UNIQUE = "ALTER TABLE orders ADD CONSTRAINT code_is_unique UNIQUE (code);"
INDEXES = "CREATE INDEX by_total ON orders (total);\nCREATE UNIQUE INDEX one_code ON orders (code);"
BESIDE = f"ALTER TABLE orders ADD COLUMN note text;\n{INDEXES}"
NOTHING: LiteralString = ""
in_transactions = [
    one
    for one in of_sql
    if UNIQUE in one.text and frameworks()[one.framework].wrapping is not Wrapping.STATEMENT
]


@pytest.mark.postgres(14, 18)
@pytest.mark.parametrize("sql", [INDEXES, BESIDE], ids=["alone", "beside"])
@pytest.mark.parametrize("example", in_transactions, ids=lambda one: one.framework)
def test_an_index_that_was_built_is_in_nobody_s_way(
    example: Example, sql: str, server: Server
) -> None:
    """Or the review says so: the second one fails, and the first one is there."""
    several = replace(example, text=example.text.replace(UNIQUE, sql))
    report = reviewed(several, "auto")
    assert not [one.fix for one in report.remarks if not isinstance(one.fix, Fix)]
    done = again(server, several, report, NOTHING)
    assert done.at_last == done.at_once, difference(done.at_last, done.at_once)

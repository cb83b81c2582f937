"""A migration that failed half-way runs again: by itself, or once what its review names is gone.

Every fixed example of a tool's page meets rows that break it, and an older snapshot for which
concurrent builds wait. The first attempt fails, these go, and what the tool has not remembered as
run is run again.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import get_args

import psycopg
import pytest

from bot.fixing import changes
from bot.frameworks import frameworks, read
from bot.model.finding import Following
from bot.model.migration import Batch, Wrapping
from bot.model.source import Source
from bot.settings import Settings, with_version
from tests.breaking import COMMITTED, broken, named
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


@pytest.mark.postgres(14, 18)
@pytest.mark.parametrize("following", get_args(Following))
@pytest.mark.parametrize("example", of_sql, ids=str)
def test_a_second_attempt_succeeds_once_what_the_review_names_is_gone(
    example: Example, following: Following, server: Server
) -> None:
    if server.version < example.version:
        return
    report = review(
        {example.file: example.text},
        framework=example.framework,
        repository=dict(example.earlier),
        settings=with_version(Settings(follow_up=following), example.version),
    )
    made = {example.file: example.text, **{one.path: one.after for one in changes(report)}}
    several = pieces(example.framework, made)
    if later := postponed(report):
        several += [[BEGIN, later, COMMIT]]
    by_hand = named(report)
    assert following != "new-file" or COMMITTED not in by_hand
    with server.database() as database, database.connect() as connection:
        connection.execute(example.before.encode())
        with broken(connection, database) as state:
            left = attempt(connection, several)
            assert left, "nothing breaks it"
            state.mend()
        if by_hand:
            assert attempt(connection, left), "it need not be said"
            state.clear(by_hand)
        assert not attempt(connection, left)
        again = catalog(connection)
    with server.database() as database, database.connect() as connection:
        connection.execute(example.before.encode())
        assert not attempt(connection, several)
        assert again == catalog(connection), difference(again, catalog(connection))

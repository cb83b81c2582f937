"""Django itself runs the examples of its page, and prints the SQL that is read of its migrations."""

from __future__ import annotations

import re
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path, PurePosixPath
from typing import LiteralString

import pytest
from django.db import OperationalError

from bot.frameworks import frameworks, read
from bot.model.migration import Migration, Unreadable
from bot.model.source import Source
from bot.postgres.operations import Begin, Commit, Operation
from bot.sql.statements import statements
from tests.breaking import DONE, OLDER_SNAPSHOT, Rows, broken, named
from tests.django_project import Project, project
from tests.pages import Example, examples
from tests.reviewing import Texts
from tests.servers.catalog import catalog, difference
from tests.servers.server import Database, Server
from tests.test_pages import of
from tests.tools.witness import seen, watch

of_django = [example for example in examples() if example.framework == "django"]
fixed = [example for example in of_django if example.files]
OWN = re.compile(r"django_migrations")


def names(files: dict[str, str]) -> dict[str, str]:
    return {Path(path).stem: text for path, text in files.items()}


def stems(files: dict[str, str]) -> list[str]:
    return sorted(names(files))


def waited(database: Database, project: Project, first: str) -> tuple[str, ...]:
    """What others waited for, once `first` had run."""
    project.migrate(first)
    with database.connect() as connection:
        watch(connection)
        project.migrate()
        return seen(connection, OWN).waited


def ran(
    server: Server, folder: Path, example: Example, files: dict[str, str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The schema in the end, and what others waited for."""
    both = names({**dict(example.earlier), **files})
    with server.database() as database, project(database.conninfo, folder, both) as app:
        others = waited(database, app, stems(dict(example.earlier))[-1])
        with database.connect() as connection:
            return catalog(connection), others


@pytest.mark.parametrize("example", fixed, ids=str)
@pytest.mark.postgres(14, 16, 18)
def test_django_runs_the_fixed_example_so_that_nobody_waits(
    example: Example, server: Server, tmp_path: Path
) -> None:
    if server.version < example.version:
        return
    original, waiting = ran(server, tmp_path / "original", example, {example.file: example.text})
    after, nobody = ran(server, tmp_path / "fixed", example, example.files)
    assert waiting
    assert not nobody
    assert original == after, difference(original, after)


@pytest.mark.parametrize("example", fixed, ids=str)
@pytest.mark.postgres(18)
def test_the_fixed_example_can_be_undone(example: Example, server: Server, tmp_path: Path) -> None:
    both = names({**dict(example.earlier), **example.files})
    first = stems(dict(example.earlier))[-1]
    with server.database() as database, project(database.conninfo, tmp_path, both) as app:
        app.migrate(first)
        with database.connect() as connection:
            before = catalog(connection)
        app.migrate()
        app.migrate(first)
        with database.connect() as connection:
            after = catalog(connection)
    assert before == after, difference(before, after)


@pytest.mark.parametrize("example", fixed, ids=str)
@pytest.mark.parametrize("held", [OLDER_SNAPSHOT, "LOCK shop_order IN ROW EXCLUSIVE MODE"])
@pytest.mark.postgres(14, 18)
def test_each_migration_of_the_fixed_example_runs_again_after_a_failure(
    held: LiteralString, example: Example, server: Server, tmp_path: Path
) -> None:
    """Once nothing is in the way anymore, and what the review names has gone."""
    if server.version < example.version:
        return
    both = names({**dict(example.earlier), **example.files})
    by_hand, failed = named(of(example)), 0
    own = PurePosixPath(example.file).stem
    with (
        server.database() as database,
        database.connect() as connection,
        project(database.conninfo, tmp_path, both) as app,
    ):
        app.migrate(stems(dict(example.earlier))[-1])
        for name in stems(example.files):
            app.disconnect()
            again = list[str]()
            with broken(connection, database, Rows("", ""), held) as state:
                try:
                    app.migrate(name)
                except OperationalError:
                    again = [one for one in by_hand if one != DONE or name == own]
                    failed += 1
                state.mend()
                state.clear(again)
            app.migrate(name)
    builds = any("concurrently" in text.lower() for text in example.files.values())
    assert failed or (held == OLDER_SNAPSHOT and not builds)


@pytest.mark.parametrize("example", fixed, ids=str)
@pytest.mark.postgres(18)
def test_the_models_are_the_same_after_the_fixed_example(
    example: Example, server: Server, tmp_path: Path
) -> None:
    """What `makemigrations --check` asks."""
    one = names({**dict(example.earlier), example.file: example.text})
    other = names({**dict(example.earlier), **example.files})
    with server.database() as database:
        with project(database.conninfo, tmp_path / "original", one) as app:
            models = app.models()
        with project(database.conninfo, tmp_path / "fixed", other, models) as app:
            assert not app.changes()
        without = names(dict(example.earlier))
        with project(database.conninfo, tmp_path / "without", without, models) as app:
            assert app.changes() == ("RunSQL" not in example.text)


@pytest.mark.parametrize("example", of_django, ids=str)
@pytest.mark.postgres(18)
def test_django_sends_what_is_read_of_the_example(
    example: Example, server: Server, tmp_path: Path
) -> None:
    files = {**dict(example.earlier), example.file: example.text}
    assert_the_same(server, tmp_path, files)


def assert_the_same(server: Server, folder: Path, files: dict[str, str]) -> None:
    """Migration by migration, `sqlmigrate` prints what is read of it."""
    tree = Texts(files)
    paths = {Path(path).stem: path for path in files}
    with server.database() as database, project(database.conninfo, folder, names(files)) as app:
        for name in app.names():
            theirs = operations_of("\n".join(app.sql_of(name)))
            ours = read(frameworks()["django"], Source(paths[name], files[paths[name]]), tree)
            assert not ours.unreadable
            assert operations_in(ours) == theirs, files[paths[name]] + differing(ours, app, name)
            app.migrate(name)


def differing(ours: Migration, app: Project, name: str) -> str:
    """What is sent and what is read, line by line."""
    several = (one.in_sql.text for batch in ours.batches for one in batch.statements)
    found = [one for line in app.sql_of(name) for one in line.rstrip(";").split("; ")]
    return "\n".join(unified_diff(found, list(several), "Django", "read", lineterm="", n=0))


def operations_of(sql: str) -> list[Operation]:
    found = list(statements(Source("sqlmigrate", sql)))
    assert not [one for one in found if isinstance(one, Unreadable)]
    several = (
        command for one in found if not isinstance(one, Unreadable) for command in one.commands
    )
    return [one.operation for one in several if not isinstance(one.operation, Begin | Commit)]


def operations_in(migration: Migration) -> list[Operation]:
    return [
        command.operation
        for batch in migration.batches
        for one in batch.statements
        for command in one.commands
    ]


@pytest.mark.parametrize("example", fixed, ids=str)
def test_the_fixed_example_is_formatted(example: Example, tmp_path: Path) -> None:
    """As ruff formats it, where the original was so."""
    texts = {"original.py": example.text, **names(example.files)}
    for name, text in texts.items():
        path = tmp_path / f"{Path(name).stem}.py"
        path.write_text(text)
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

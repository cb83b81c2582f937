"""Migrations are deployed by their tool, or by what we believe of it, and watched meanwhile."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.frameworks import frameworks, read
from bot.model.migration import Migration, Wrapping
from bot.model.source import Source
from tests.breaking import broken
from tests.pages import sql_of
from tests.reviewing import Texts
from tests.servers.catalog import catalog
from tests.servers.measure import statements_of
from tests.servers.server import Connection, Server
from tests.tools.tool import Files, Tool, address
from tests.tools.witness import Seen, seen, watch

SECONDS = 60


@dataclass(frozen=True)
class Deployed:
    seen: Seen
    schema: frozenset[str]


@dataclass(frozen=True)
class Deploying:
    """`folder` holds the installed tool, `project` will hold a repository."""

    tool: Tool
    folder: Path
    project: Path

    def deployed(self, server: Server, given: str, deployments: Sequence[Files]) -> Deployed:
        """`given` is a migration that ran before anybody watched."""
        with server.database() as database, database.connect() as connection:
            files = {self.tool.first: self.tool.wrapped(given)}
            self._run(files, database.name, server)
            watch(connection)
            for deployment in filter(None, deployments):
                files |= deployment
                self._run(files, database.name, server)
            happened = seen(connection, self.tool.own)
            return Deployed(happened, catalog(connection))

    def deployed_at_last(
        self, server: Server, given: str, deployments: Sequence[Files], by_hand: Sequence[str]
    ) -> frozenset[str]:
        """The schema in the end, where one attempt fails, and the next does not once that is mended
        which was in its way, and what these queries name has gone.
        """
        with server.database() as database, database.connect() as connection:
            files = {self.tool.first: self.tool.wrapped(given)}
            self._run(files, database.name, server)
            failed = 0
            with broken(connection, database) as state:
                for deployment in filter(None, deployments):
                    files |= deployment
                    if self._attempt(files, database.name, server).returncode:
                        failed += 1
                        state.mend()
                        connection.execute(self.tool.forgive.encode())
                        if by_hand:
                            assert self._attempt(files, database.name, server).returncode
                            connection.execute(self.tool.forgive.encode())
                        state.clear(by_hand)
                        self._run(files, database.name, server)
            assert failed == 1
            return catalog(connection)

    def _run(self, files: Files, database: str, server: Server) -> None:
        done = self._attempt(files, database, server)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    def _attempt(
        self, files: Files, database: str, server: Server
    ) -> subprocess.CompletedProcess[str]:
        for path, text in self.tool.project(files).items():
            place = self.project / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        where = address(server.conninfo(database))
        return subprocess.run(
            self.tool.command(self.folder, where),
            check=False,
            cwd=self.project,
            env={**os.environ, **self.tool.environment(self.folder, where)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )


def believed(server: Server, tool: Tool, given: str, deployments: Sequence[Files]) -> Seen:
    """What there would be to see if the tool did what its module says."""
    with server.database() as database, database.connect() as connection:
        connection.execute(given.encode())
        watch(connection)
        for deployment in deployments:
            _run_as_believed(connection, tool, deployment)
        return seen(connection, tool.own)


def _run_as_believed(connection: Connection, tool: Tool, files: Files) -> None:
    framework = frameworks()[tool.framework]
    migrations = [
        read(framework, Source(path, text), Texts(files), tool.wrapping)
        for path, text in files.items()
        if not framework.passes_over(PurePosixPath(path))
    ]
    together = any(
        batch.wrapping is Wrapping.ALL for migration in migrations for batch in migration.batches
    )
    if together:
        connection.execute("BEGIN")
    for migration in migrations:
        _run_batches(connection, migration, together=together)
    if together:
        connection.execute("COMMIT")


def _run_batches(connection: Connection, migration: Migration, *, together: bool) -> None:
    for batch in migration.batches:
        statements = statements_of(sql_of(batch, migration.source))
        if batch.wrapping is Wrapping.FILE:
            statements = ("BEGIN", *statements, "COMMIT")
        elif together and batch.wrapping is Wrapping.STATEMENT:
            statements = ("COMMIT", *statements, "BEGIN")
        for statement in statements:
            connection.execute(statement.encode())

"""A server is up within a second, reached through a socket in its own folder, and makes databases in milliseconds."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from tests.servers.account import hand_over, lent_account, new_folder, within_reach
from tests.servers.installation import ENVIRONMENT, Installation, extract
from tests.servers.releases import Unavailable

Connection = psycopg.Connection[TupleRow]

KEEPER = Path(__file__).with_name("keeper.py")
SECONDS_TO_START = 60
# PostgreSQL waits 100 ms for the last connection to be gone, which after a moment it is by itself.
DROPPED_LATER = 3

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "max_prepared_transactions": "0",
    # A parallel worker would count its own scan.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "max_logical_replication_workers": "0",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Database:
    """An empty database of one test."""

    version: int
    name: str
    conninfo: str

    def connect(self) -> Connection:
        return psycopg.connect(self.conninfo, autocommit=True)


class Server:
    """One running server."""

    def __init__(self, version: int, folder: Path, keeper: subprocess.Popen[str]) -> None:
        self.version = version
        self.folder = folder
        self._keeper = keeper
        self._made = 0
        self._finished: list[str] = []
        self._administrator = self._await_start()

    def conninfo(self, database: str = "postgres") -> str:
        return make_conninfo(host=str(self.folder), user="postgres", dbname=database)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[Database]:
        """A copy of the template that is dropped soon afterwards, whoever is still connected."""
        self._drop_all_but(DROPPED_LATER)
        self._made += 1
        name = f"test_{self._made}"
        # Twice as quick as writing the new database to the log, which 15 and later do unasked.
        strategy = " STRATEGY file_copy" if self.version >= 15 else ""
        self._administer("CREATE DATABASE {} TEMPLATE {}" + strategy, name, template)
        try:
            yield Database(self.version, name, self.conninfo(name))
        finally:
            self._finished.append(name)

    def stop(self) -> None:
        self._administrator.close()
        self._keeper.communicate()

    def _drop_all_but(self, number: int) -> None:
        while len(self._finished) > number:
            self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._finished.pop(0))

    def _administer(self, statement: str, *names: str) -> None:
        self._administrator.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _await_start(self) -> Connection:
        deadline = time.monotonic() + SECONDS_TO_START
        while self._keeper.poll() is None:
            try:
                # The first connection to a database leaves a file that speeds up the later ones,
                # in its copies too.
                psycopg.connect(self.conninfo("template1")).close()
                return psycopg.connect(self.conninfo(), autocommit=True)
            except psycopg.OperationalError as problem:
                if time.monotonic() > deadline:
                    self._keeper.communicate()
                    raise Unavailable(f"the server does not answer: {problem}") from problem
                time.sleep(0.01)
        raise Unavailable(f"the server stopped at once: {self._keeper.communicate()[0].strip()}")


def start(
    version: int, installation: Installation, settings: Mapping[str, str] | None = None
) -> Server:
    """A new server with fresh data; settings are added to SETTINGS and win over them."""
    account = lent_account()
    folder = new_folder(account)
    try:
        programs = within_reach(installation.programs, folder, account)
        extract(installation.first_data, folder)
        (folder / "data").chmod(0o700)
        hand_over(folder / "data", account)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    command = [str(programs / "bin/postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in {**SETTINGS, **(settings or {})}.items():
        command += ["-c", f"{name}={value}"]
    owner = [str(account.user), str(account.group)] if account else ["", ""]
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", str(KEEPER), str(folder), *owner, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    return Server(version, folder, keeper)

"""What has to be known of a migration tool to run it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import Pattern
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from bot.model.migration import Wrapping

Install = Callable[[Path], None]
"""Puts a tool into an empty folder."""
Files = Mapping[str, str]
"""Texts by their paths below the project's folder."""


@dataclass(frozen=True)
class Address:
    """Where a database is, for tools that know no connection strings of libpq's."""

    host: str
    name: str

    @property
    def url(self) -> str:
        return f"postgres://postgres@/{self.name}?host={quote(self.host, safe='')}"


def address(conninfo: str) -> Address:
    parts = conninfo_to_dict(conninfo)
    return Address(str(parts["host"]), str(parts["dbname"]))


@dataclass(frozen=True)
class Tool:
    """One migration tool at one version.

    `first` is the path of a migration before all others and `last` of one after them, whose texts
    `wrapped` makes of SQL. `project` adds what the tool wants beside the migrations. `own` are the
    names of the objects in which it keeps its own account, and `forgive` is SQL that lets it try again
    what has failed, where it would not. `package` is what it is installed as.
    `programs` are those that the machine has to bring itself. `wrapping` is how it runs here, where
    that is not how it runs for most.
    """

    framework: str
    version: str
    install: Install | None
    first: str
    last: str
    command: Callable[[Path, Address], Sequence[str]]
    wrapped: Callable[[str], str] = lambda sql: sql
    project: Callable[[Files], Files] = lambda files: files
    environment: Callable[[Path, Address], Mapping[str, str]] = lambda folder, address: {}
    own: Pattern[str] = re.compile("(?!)")
    forgive: str = ""
    package: str = ""
    programs: tuple[str, ...] = ()
    wrapping: Wrapping | None = None

    @property
    def named(self) -> str:
        return f"{self.package or self.framework} {self.version}"

    def later(self, sql: str) -> dict[str, str]:
        """The migration of a later deployment."""
        return {self.last: self.wrapped(sql)} if sql else {}

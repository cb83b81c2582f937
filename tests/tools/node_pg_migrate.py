"""node-pg-migrate with its command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Tool

VERSION = "9.0.0"


def _command(folder: Path, address: Address) -> list[str]:
    program = node_program(folder, "node-pg-migrate/bin/node-pg-migrate.js")
    return [*program, "up", "--migrations-dir", "."]


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    return {"DATABASE_URL": address.url}


TOOL = Tool(
    framework="node-pg-migrate",
    version=VERSION,
    install=node_packages(f"node-pg-migrate@{VERSION}", "pg@8.23.1"),
    command=_command,
    environment=_environment,
    first="1700000000000_given.sql",
    last="1800000000000_last.sql",
    wrapped=lambda sql: f"-- Up Migration\n{sql}\n-- Down Migration\n",
    own=re.compile("pgmigrations"),
)

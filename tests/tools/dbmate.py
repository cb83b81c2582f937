"""dbmate, whose npm package brings its program."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Tool

VERSION = "2.36.0"


def _command(folder: Path, address: Address) -> list[str]:
    options = ["--url", address.url, "--migrations-dir", ".", "--no-dump-schema"]
    return [*node_program(folder, "dbmate/dist/cli.js"), *options, "migrate"]


TOOL = Tool(
    framework="dbmate",
    version=VERSION,
    install=node_packages(f"dbmate@{VERSION}"),
    command=_command,
    first="20260101000000_given.sql",
    last="20270101000000_last.sql",
    wrapped=lambda sql: f"-- migrate:up\n{sql}\n-- migrate:down\n",
    own=re.compile("schema_migrations"),
)

"""Knex's migrator, which `knex migrate:latest` and applications call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Tool

VERSION = "3.3.0"
MIGRATE = """
import knex from "knex";

const connected = knex({
  client: "pg",
  connection: { connectionString: process.env.DATABASE_URL },
  migrations: { directory: process.cwd() },
});
await connected.migrate.latest();
await connected.destroy();
"""


def migration(*queries: str, config: str = "") -> str:
    calls = "".join(f"  await knex.raw({json.dumps(one)});\n" for one in queries)
    return f"{config}\nexports.up = async (knex) => {{\n{calls}}};\nexports.down = () => {{}};\n"


def _install(folder: Path) -> None:
    node_packages(f"knex@{VERSION}", "pg@8.23.1")(folder)
    (folder / "migrate.js").write_text(MIGRATE)


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    return {"DATABASE_URL": address.url}


TOOL = Tool(
    framework="knex",
    version=VERSION,
    install=_install,
    command=lambda folder, address: node_program(folder, "../migrate.js"),
    environment=_environment,
    first="20200101000000_given.js",
    last="20990101000000_last.js",
    wrapped=migration,
    own=re.compile("knex_migrations"),
)

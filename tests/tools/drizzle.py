"""Drizzle's migrator, which `drizzle-kit migrate` and applications call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Files, Install, Tool

VERSION = "0.45.4"
MIGRATE = """
import pg from "pg";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await migrate(drizzle({ client }), { migrationsFolder: "FOLDER" });
await client.end();
"""


def migrator(version: str, folder: str) -> Install:
    """Runs what is in `folder` of a project."""

    def install(place: Path) -> None:
        node_packages(f"drizzle-orm@{version}", "pg@8.23.1")(place)
        (place / "migrate.js").write_text(MIGRATE.replace("FOLDER", folder))

    return install


def _project(files: Files) -> Files:
    """The journal names the migrations in their order."""
    entries = [
        {"idx": index, "when": index, "tag": path.removesuffix(".sql"), "breakpoints": True}
        for index, path in enumerate(sorted(files), 1)
    ]
    journal = {"version": "7", "dialect": "postgresql", "entries": entries}
    return {**files, "meta/_journal.json": json.dumps(journal)}


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    return {"DATABASE_URL": address.url}


TOOL = Tool(
    framework="drizzle",
    package="drizzle-orm",
    version=VERSION,
    install=migrator(VERSION, "."),
    command=lambda folder, address: node_program(folder, "../migrate.js"),
    environment=_environment,
    project=_project,
    first="0000_given.sql",
    last="0099_last.sql",
    own=re.compile("drizzle"),
)

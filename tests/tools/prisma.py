"""Prisma with its engine in JavaScript, since only that one comes from npm.

It splits a file at every semicolon and runs statement by statement, as 7.4 and later do. The adapter
is a later one because that of 6.19 cannot read a column of type `name`, which the engine asks for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.model.migration import Wrapping
from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Files, Tool

VERSION = "6.19.3"
CONFIG = """
export default {
  experimental: { adapter: true },
  engine: "js",
  schema: "prisma/schema.prisma",
  adapter: async () => {
    const { PrismaPg } = await import(process.env.ADAPTER);
    return new PrismaPg({ connectionString: process.env.DATABASE_URL });
  },
};
"""
SCHEMA = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'


def _project(files: Files) -> Files:
    return {
        **files,
        "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
        "prisma/schema.prisma": SCHEMA,
        "prisma.config.mjs": CONFIG,
    }


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    """Native engines that are there already, and never run, are not fetched."""
    return {
        "DATABASE_URL": address.url,
        "ADAPTER": str(folder / "node_modules/@prisma/adapter-pg/dist/index.mjs"),
        "PRISMA_QUERY_ENGINE_LIBRARY": sys.executable,
        "PRISMA_SCHEMA_ENGINE_BINARY": sys.executable,
        "CHECKPOINT_DISABLE": "1",
    }


TOOL = Tool(
    framework="prisma",
    version=VERSION,
    wrapping=Wrapping.STATEMENT,
    install=node_packages(f"prisma@{VERSION}", "@prisma/adapter-pg@7.10.1"),
    command=lambda folder, address: [
        *node_program(folder, "prisma/build/index.js"),
        "migrate",
        "deploy",
    ],
    environment=_environment,
    project=_project,
    first="prisma/migrations/20260101000000_given/migration.sql",
    last="prisma/migrations/20270101000000_last/migration.sql",
    own=re.compile("_prisma_migrations"),
    # What `prisma migrate resolve --rolled-back` does.
    forgive="UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL",
)

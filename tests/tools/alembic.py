"""Alembic with psycopg 3, from the tests' own packages."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

from tests.tools.tool import Address, Files, Tool

ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
RUN = """
import sys
from alembic.config import Config
from alembic import command
config = Config("alembic.ini")
config.set_main_option("sqlalchemy.url", sys.argv[1].replace("%", "%%"))
command.upgrade(config, "head")
"""


def revision(sql: str) -> str:
    """The first revision, which every example of the page follows."""
    return (
        'from alembic import op\n\nrevision = "0a1b2c3d4e5f"\ndown_revision = None\n\n\n'
        f"def upgrade():\n    op.get_bind().exec_driver_sql({sql!r})\n"
    )


def _project(files: Files) -> Files:
    return {
        "env.py": ENVIRONMENT,
        "script.py.mako": "",
        "alembic.ini": "[alembic]\nscript_location = .\n",
        **files,
    }


def _command(folder: Path, address: Address) -> list[str]:
    url = address.url.replace("postgres:", "postgresql+psycopg:", 1)
    return [sys.executable, "-W", "ignore", "-c", RUN, url]


TOOL = Tool(
    framework="alembic",
    package="Alembic",
    version=version("alembic"),
    install=None,
    command=_command,
    wrapped=revision,
    project=_project,
    first="versions/0a1b2c3d4e5f_given.py",
    last="versions/ffffffffffff_last.py",
    own=re.compile("alembic_version"),
)

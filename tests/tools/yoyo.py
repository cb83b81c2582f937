"""yoyo with psycopg 3."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.tools.installation import python_packages
from tests.tools.tool import Address, Tool

VERSION = "9.0.0"
RUN = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("yoyo", run_name="__main__")
"""


def _command(folder: Path, address: Address) -> list[str]:
    program = [sys.executable, "-c", RUN, str(folder / "packages")]
    database = address.url.replace("postgres:", "postgresql+psycopg:", 1)
    return [*program, "apply", "--batch", "--no-config-file", "--database", database, "."]


TOOL = Tool(
    framework="yoyo",
    package="yoyo-migrations",
    version=VERSION,
    install=python_packages(f"yoyo-migrations=={VERSION}", "psycopg[binary]==3.3.9"),
    command=_command,
    first="0001.given.sql",
    last="0099.last.sql",
    own=re.compile("yoyo"),
)

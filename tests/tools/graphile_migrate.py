"""graphile-migrate with migrations that are committed, as production has them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from tests.tools.installation import node_packages, node_program
from tests.tools.tool import Address, Files, Tool

VERSION = "1.4.1"


def _project(files: Files) -> Files:
    """What is current becomes the second of the committed migrations, each with its hash."""
    made = {".gmrc": "{}"}
    previous = ""
    for path in sorted(path.replace("current.sql", "committed/000002.sql") for path in files):
        text = files.get(path) or files["migrations/current.sql"]
        digest = hashlib.sha1(f"{previous}\n{text.strip()}".strip().encode() + b"\n").hexdigest()
        headers = f"--! Previous: {previous or '-'}\n--! Hash: sha1:{digest}\n\n"
        made[path] = f"{headers}{text.strip()}\n"
        previous = f"sha1:{digest}"
    return made


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    return {"DATABASE_URL": address.url}


TOOL = Tool(
    framework="graphile-migrate",
    version=VERSION,
    install=node_packages(f"graphile-migrate@{VERSION}"),
    command=lambda folder, address: [
        *node_program(folder, "graphile-migrate/dist/cli.js"),
        "migrate",
    ],
    environment=_environment,
    project=_project,
    first="migrations/committed/000001.sql",
    last="migrations/committed/000003.sql",
    own=re.compile("graphile_migrate"),
)

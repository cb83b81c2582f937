"""Sqitch and psql, where the machine has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tests.tools.tool import Address, Files, Tool

PLAN = "%syntax-version=1.0.0\n%project=example\n\n"
WHO = "2026-11-20T09:30:00Z Ann <ann@example.org>"


def _project(files: Files) -> Files:
    """The plan names the changes in the order in which they came."""
    names = [path.removeprefix("deploy/").removesuffix(".sql") for path in files]
    plan = PLAN + "".join(f"{name} {WHO}\n" for name in names)
    return {**files, "sqitch.plan": plan, "sqitch.conf": "[core]\n    engine = pg\n"}


def _environment(folder: Path, address: Address) -> Mapping[str, str]:
    somebody = {"SQITCH_FULLNAME": "Ann", "SQITCH_EMAIL": "ann@example.org"}
    return {"PGHOST": address.host, "PGUSER": "postgres", **somebody}


TOOL = Tool(
    framework="sqitch",
    version="1.3.1",
    install=None,
    programs=("sqitch", "psql"),
    command=lambda folder, address: ["sqitch", "deploy", f"db:pg:{address.name}"],
    environment=_environment,
    project=_project,
    first="deploy/given.sql",
    last="deploy/last.sql",
    own=re.compile(r"^sqitch\."),
)

"""Drizzle's migrator from 1.0 on, which looks for folders."""

from __future__ import annotations

from dataclasses import replace

from tests.tools.drizzle import TOOL as BEFORE
from tests.tools.drizzle import migrator

VERSION = "1.0.0-rc.5"

TOOL = replace(
    BEFORE,
    framework="drizzle-1",
    version=VERSION,
    install=migrator(VERSION, folder="drizzle"),
    project=lambda files: files,
    first="drizzle/20250101000000_given/migration.sql",
    last="drizzle/20270101000000_last/migration.sql",
)

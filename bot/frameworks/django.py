"""Django runs the operations of a migration in one transaction unless it says `atomic = False`."""

from __future__ import annotations

import re

from bot.frameworks._contract import Framework
from bot.frameworks._lazy import Lazy
from bot.model.migration import Wrapping

_MIGRATIONS = Lazy("bot.frameworks._migrations")

FRAMEWORK = Framework(
    name="django",
    # MigrationLoader.load_disk(): every module whose name does not begin so.
    file=re.compile(r"(?![_~.])[^/]+\.py"),
    place=re.compile(r"(?:^|/)[^/]*migrations[^/]*/$"),
    says=re.compile(
        r"^[ \t]*(?:from django\.db import [^\n]*\bmigrations\b|from django\.db\.migrations\b"
        r"|import django\.db\.migrations\b|from [\w.]+ import [^\n]*\bMigration\b"
        r"|class Migration\((?:[\w.]*\.)?Migration\))",
        re.MULTILINE,
    ),
    needs_proof=True,
    markers=frozenset({"manage.py"}),
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    program=_MIGRATIONS,
    planned=_MIGRATIONS.function("planned"),
    follow_up=_MIGRATIONS.function("follow_up"),
    unwrapped=_MIGRATIONS.function("unwrapped"),
    unwrapped_as=Wrapping.MESSAGE,  # so that only what stands alone loses the transaction
    alone_in_place=True,
    several_alone=True,
)

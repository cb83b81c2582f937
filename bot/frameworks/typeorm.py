"""TypeORM runs all pending migrations in one transaction, unless its mode is another."""

from __future__ import annotations

import re

from bot.frameworks._unread import in_javascript
from bot.model.migration import Wrapping

FRAMEWORK = in_javascript(
    "TypeORM",
    r"(?P<version>[0-9]{10,17})-(?P<title>.+)",
    re.compile(r"\bMigrationInterface\b|\bqueryRunner\b"),
    wrapping=Wrapping.ALL,
)

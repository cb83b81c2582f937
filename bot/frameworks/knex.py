"""Knex runs all pending migrations in one transaction, unless one of them says not to."""

from __future__ import annotations

import re

from bot.frameworks._unread import in_javascript
from bot.model.migration import Wrapping

FRAMEWORK = in_javascript(
    "Knex",
    r"(?P<version>[0-9]{14})_(?P<title>.+)",
    re.compile(r"\bknex\b", re.IGNORECASE),
    wrapping=Wrapping.ALL,
    markers=[f"knexfile.{ending}" for ending in ("js", "cjs", "mjs", "ts")],
)

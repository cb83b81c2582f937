"""Kysely runs all pending migrations in one transaction, unless its migrator has none."""

from __future__ import annotations

import re

from bot.frameworks._unread import in_javascript
from bot.model.migration import Wrapping

FRAMEWORK = in_javascript(
    "Kysely",
    r"(?P<title>.+)",
    re.compile(r"""(?:\bfrom\s|\brequire\()\s*["']kysely["']|\bKysely<"""),
    wrapping=Wrapping.ALL,
    place=re.compile(r"(?:^|/)migrations?/"),
)

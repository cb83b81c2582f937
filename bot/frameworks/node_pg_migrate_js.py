"""node-pg-migrate runs its migrations in JavaScript in the transaction of all that is pending."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.frameworks._unread import in_javascript
from bot.model.migration import Wrapping

_DETECTED = in_javascript(
    "node-pg-migrate-js",
    r"(?P<version>[0-9]{1,40})[_-](?P<title>.+)",
    re.compile(r"\bpgm\b"),
    wrapping=Wrapping.ALL,
)
FRAMEWORK = replace(
    _DETECTED,
    unread=(
        "node-pg-migrate runs all pending migrations in one transaction, and its JavaScript is not"
        " read; its migrations in SQL are"
    ),
)

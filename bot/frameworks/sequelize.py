"""Sequelize opens no transaction for a migration, which may open one itself."""

from __future__ import annotations

import re

from bot.frameworks._unread import in_javascript
from bot.model.migration import Wrapping

FRAMEWORK = in_javascript(
    "Sequelize",
    r"(?P<version>[0-9]{14})-(?P<title>.+)",
    re.compile(r"\bqueryInterface\b"),
    wrapping=Wrapping.STATEMENT,
    markers=[".sequelizerc"],
)

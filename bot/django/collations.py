"""Collations compare byte by byte in the end, unless the migrations make one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.django.operations import kind_of
from bot.django.written import Read
from bot.python.values import Call, Several, text_of, truth

_SQL = re.compile(
    r"CREATE\s+COLLATION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\w+\.)?\\?\"?(?P<name>\w+)\\?\"?\s*"
    r"\([^)]*\bdeterministic\s*=\s*(?:false|off|no|0)\b",
    re.IGNORECASE,
)


def could_make_some(text: str) -> bool:
    return "deterministic" in text.lower()


def not_deterministic(migration: Read) -> Iterator[str]:
    """The collations that a migration makes by which different strings may be the same."""
    for found in _SQL.finditer(migration.source.text):
        yield found["name"]
    operations = migration.value("operations")
    for one in operations.items if isinstance(operations, Several) else ():
        if isinstance(one, Call) and kind_of(one) == "CreateCollation":
            given = one.bound("name", "locale")
            says = given.get("deterministic")
            if says and truth(says.value) is False and "name" in given:
                yield text_of(given["name"].value) or ""

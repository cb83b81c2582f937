"""pop runs each file as one message in one transaction, and knows no way out of it."""

from __future__ import annotations

import re

from bot.frameworks._beside import paired
from bot.frameworks._contract import Framework
from bot.frameworks._impossible import unless_alone
from bot.model.migration import Wrapping

# migrator.go of 6.3.0; dialect_postgresql.go knows these names of PostgreSQL.
_OURS = "postgres|postgresql|pg|pgx"
_FILE = re.compile(rf"(?P<version>[0-9]{{1,40}})_(?P<title>[^.]+)(?:\.(?:{_OURS}))?\.up\.sql")
_DOWN = re.compile(rf"(?P<version>[0-9]{{1,40}})_[^.]+(?:\.(?:{_OURS}))?\.down\.sql")
_OTHER = rf"[0-9]+_[^.]+\.(?!(?:up|down|{_OURS})\.)[a-z0-9]+\.up\.sql"  # another database's

FRAMEWORK = Framework(
    name="pop",
    file=_FILE,
    ignored=re.compile(rf"{_DOWN.pattern}|{_OTHER}|[0-9]+_[^.]+\.[a-z0-9]+\.down\.sql"),
    markers=frozenset({"database.yml"}),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    follow_up=unless_alone("pop", paired(_FILE, _DOWN)),
)

"""Hasura's CLI has its server run each folder's up.sql in one transaction."""

from __future__ import annotations

import re

from bot.frameworks import _folders
from bot.frameworks._contract import Framework
from bot.frameworks._impossible import unless_alone
from bot.frameworks._numbering import next_number
from bot.model.migration import Wrapping

# cli/migrate/source/file: milliseconds since 1970 in a folder's name, as the CLI and console write.
_FOLDER = re.compile(r"(?P<version>[0-9]{13})_(?P<title>.*)")

FRAMEWORK = Framework(
    name="hasura",
    file=re.compile(r"up\.sql"),
    ignored=re.compile(r"down\.sql"),
    folder=_FOLDER,
    hints=frozenset({"config.yaml"}),
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    follow_up=unless_alone("Hasura", _folders.in_folders(_FOLDER, next_number)),
    series=_folders.series,
    order=_folders.order,
)

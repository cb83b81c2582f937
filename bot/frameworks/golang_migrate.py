"""golang-migrate sends each file as one message: one transaction unless BEGIN, COMMIT split it."""

from __future__ import annotations

import re

from bot.frameworks._beside import paired
from bot.frameworks._contract import Framework
from bot.model.migration import Wrapping

# source/parse.go takes any extension, so SQL runs from .up.json too; .fizz is another tool's.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.*)\.up\.(?!fizz$).+")
_DOWN = re.compile(r"(?P<version>[0-9]{1,40})_.*\.down\..+")


FRAMEWORK = Framework(
    name="golang-migrate",
    file=_FILE,
    ignored=_DOWN,
    hints=frozenset({"go.mod"}),
    folders=frozenset({"migrations", "migration"}),
    wrapping=Wrapping.MESSAGE,
    follow_up=paired(_FILE, _DOWN),
    alone_in_place=True,
    reads_version=int,
    skips_older=True,
)

"""Supabase's CLI sends a file as one pipeline, which is one transaction unless it says COMMIT."""

from __future__ import annotations

import re

from bot.frameworks._beside import beside
from bot.frameworks._contract import Framework
from bot.model.migration import Wrapping

# pkg/migration/file.go of 2.104.0
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.*)\.sql")

FRAMEWORK = Framework(
    name="supabase",
    file=_FILE,
    lies_in=re.compile(r"(?:.*/)?supabase/migrations"),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.MESSAGE,
    follow_up=beside(_FILE),
    alone_in_place=True,
    refuses_older="refuses to push, unless it is run with `--include-all`",
)

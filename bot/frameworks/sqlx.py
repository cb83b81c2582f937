"""sqlx sends each file as one message, in a transaction unless its first words say not to."""

from __future__ import annotations

import re

from bot.frameworks._beside import paired
from bot.frameworks._contract import Framework
from bot.frameworks._first_words import FirstWords
from bot.model.migration import Wrapping

# sqlx-core/src/migrate/source.rs of 0.8.6
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+?)(?:\.up)?\.sql")
_DOWN = re.compile(r"(?P<version>[0-9]{1,40})_.*\.down\.sql")
_WORDS = FirstWords(
    "sqlx",
    "-- no-transaction",
    re.compile(r"^[ \t\ufeff]*--[ \t]*no[-_ ]?transaction\b[^\r\n]*", re.M | re.I),
)

FRAMEWORK = Framework(
    name="sqlx",
    file=_FILE,
    ignored=_DOWN,
    markers=frozenset({".sqlx", "sqlx.toml", "sqlx-data.json"}),
    hints=frozenset({"Cargo.toml"}),
    needs_proof=True,
    hints_prove=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_WORDS.sections,
    unwrapped=_WORDS.unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    # Two versions that differ by one would make sqlx number the next one so too.
    follow_up=paired(_FILE, _DOWN, _WORDS.text, seconds=60),
    alone_in_place=True,
    reads_version=int,
)

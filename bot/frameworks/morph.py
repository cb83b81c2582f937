"""morph sends each file as one message, in a transaction unless its first words say not to."""

from __future__ import annotations

import re

from bot.frameworks._beside import paired
from bot.frameworks._contract import Framework
from bot.frameworks._first_words import FirstWords
from bot.model.migration import Wrapping

# models/parse.go and drivers/postgres/postgres.go of 1.1.0
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.*)\.up\.sql")
_DOWN = re.compile(r"(?P<version>[0-9]{1,40})_.*\.down\.sql")
_WORDS = FirstWords(
    "morph",
    "-- morph:nontransactional",
    re.compile(r"^[ \t\ufeff]*--[ \t]*morph\b[^\r\n]*", re.M | re.I),
)

FRAMEWORK = Framework(
    name="morph",
    file=_FILE,
    ignored=_DOWN,
    says=_WORDS.almost,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_WORDS.sections,
    unwrapped=_WORDS.unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    follow_up=paired(_FILE, _DOWN, _WORDS.text),
    alone_in_place=True,
    reads_version=int,
)

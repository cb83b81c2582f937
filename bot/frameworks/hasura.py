"""Hasura's CLI has its server run each folder's up.sql in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks import _folders
from bot.frameworks._contract import Framework, Section
from bot.frameworks._impossible import unless_alone
from bot.frameworks._numbering import next_number
from bot.frameworks._tree import Tree
from bot.model.migration import Wrapping
from bot.model.source import Source, Span

# cli/migrate/source/file: milliseconds since 1970 in a folder's name, as the CLI and console write.
_FOLDER = re.compile(r"(?P<version>[0-9]{13})_(?P<title>.*)")

# The newest CLI knows these words, in the first line; how it runs the file then is not known here.
_LOOSE = "-- hasura:no-transaction"


def _sections(source: Source, tree: Tree) -> Iterator[Section]:
    loose = source.text.partition("\n")[0].strip() == _LOOSE
    yield Section(Span(0, len(source.text)), Wrapping.MESSAGE if loose else Wrapping.FILE)


FRAMEWORK = Framework(
    name="hasura",
    file=re.compile(r"up\.sql"),
    ignored=re.compile(r"down\.sql"),
    folder=_FOLDER,
    hints=frozenset({"config.yaml"}),
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    follow_up=unless_alone("Hasura", _folders.in_folders(_FOLDER, next_number)),
    series=_folders.series,
    order=_folders.order,
)

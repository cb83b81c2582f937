"""morph sends each file as one message, in a transaction unless its first words say not to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import paired
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import at_start, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# models/parse.go and drivers/postgres/postgres.go of 1.1.0
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.*)\.up\.sql")
_DOWN = re.compile(r"(?P<version>[0-9]{1,40})_.*\.down\.sql")
_LOOSE = "-- morph:nontransactional"
_ALMOST = re.compile(r"^[ \t\ufeff]*--[ \t]*morph\b[^\r\n]*", re.M | re.I)


def _text(new: FollowUp) -> str:
    return f"{_LOOSE}\n{new.sql}" if new.alone else new.sql


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """Without its own transaction it still is one message."""
    loose = source.text.startswith(_LOOSE)
    wrapping = Wrapping.MESSAGE if loose else Wrapping.FILE
    yield Section(Span(0, len(source.text)), wrapping)
    for match in () if loose else _ALMOST.finditer(source.text):
        yield Misreading(
            span_of(match),
            f"morph does not understand this: it takes `{_LOOSE}` as the very first characters of"
            " the file.",
        )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    return at_start(source, _LOOSE)


FRAMEWORK = Framework(
    name="morph",
    file=_FILE,
    ignored=_DOWN,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    follow_up=paired(_FILE, _DOWN, _text),
    alone_in_place=True,
    reads_version=int,
)

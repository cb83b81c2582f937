"""sqlx sends each file as one message, in a transaction unless its first words say not to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import paired
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import at_start, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# sqlx-core/src/migrate/source.rs of 0.8.6
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+?)(?:\.up)?\.sql")
_DOWN = re.compile(r"(?P<version>[0-9]{1,40})_.*\.down\.sql")
_LOOSE = "-- no-transaction"
_ALMOST = re.compile(r"^[ \t\ufeff]*--[ \t]*no[-_ ]?transaction\b[^\r\n]*", re.M | re.I)


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
            f"sqlx does not understand this: it takes `{_LOOSE}` as the very first characters of"
            " the file.",
        )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    return at_start(source, _LOOSE)


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
    sections=_sections,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    # Two versions that differ by one would make sqlx number the next one so too.
    follow_up=paired(_FILE, _DOWN, _text, seconds=60),
    alone_in_place=True,
    reads_version=int,
)

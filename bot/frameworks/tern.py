"""tern runs a file up to its "drop below" line in one transaction, unless a line says not to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import BYTE_ORDER_MARK, Edit, Source, Span

# migrate/migrate.go of 2.4.2
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)\.sql")
_BELOW = "---- create above / drop below ----"
_LOOSE = "---- tern: disable-tx ----"
_DISABLED = re.compile(rf"^{_LOOSE}$", re.MULTILINE)  # a line that ends in \r\n is another one
_ALMOST = re.compile(
    r"^[ \t]*-{2,}[ \t]*(?:tern:[ \t]*disable-tx|create above)\b[^\r\n]*\r?",
    re.MULTILINE | re.IGNORECASE,
)


def _text(new: FollowUp) -> str:
    alone = f"{_LOOSE}\n" if new.alone else ""
    return f"{alone}{new.sql}\n{_BELOW}\n\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    end = source.text.find(_BELOW)
    up = Span(0, end if end >= 0 else len(source.text))
    loose = _DISABLED.search(source.text.lstrip(), 0, up.end)
    yield Section(up, Wrapping.STATEMENT if loose else Wrapping.FILE)
    for match in _ALMOST.finditer(source.text):
        above = match.start() < up.end
        if _BELOW in match[0] or (match[0] == _LOOSE and above):
            continue
        yield Misreading(
            span_of(match),
            f"tern does not understand this: it takes `{_BELOW}`, and above it `{_LOOSE}` as a"
            " whole line that ends with a line feed alone.",
        )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    if source.text.startswith(BYTE_ORDER_MARK):
        return None
    return (Edit(Span(0, 0), f"{_LOOSE}\n"),)


FRAMEWORK = Framework(
    name="tern",
    file=_FILE,
    says=_ALMOST,
    markers=frozenset({"tern.conf"}),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    several_alone=True,
    reads_version=int,
    no_gaps=True,
    skips_older=True,
)

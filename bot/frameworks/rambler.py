"""rambler sends each section below "-- rambler up" as one message, without a transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import divided, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Source

# migration.go and service.go of 5.5.0: any line that begins so ends the section before it.
_FILE = re.compile(r"(?:(?P<version>[0-9]{1,40})[-_]?)?(?P<title>.*)\.sql")
_MARK = re.compile(r"^-- rambler(?P<word>[^\n]*)$\n?", re.MULTILINE)
_ALMOST = re.compile(
    r"^[ \t]*--[ \t]*rambler\b[ \t]*(?:up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE
)


def _text(new: FollowUp) -> str:
    return f"-- rambler up\n{new.sql}\n-- rambler down\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    understood = set[int]()
    for match, span in divided(source, _MARK):
        word = match["word"].strip()
        if word in ("up", "down"):
            understood.add(match.start())
        if word == "up":
            yield Section(span, Wrapping.MESSAGE)
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "rambler does not understand this: it takes `-- rambler up` and `-- rambler down`"
                " as whole lines, written so.",
            )


FRAMEWORK = Framework(
    name="rambler",
    file=_FILE,
    says=_ALMOST,
    markers=frozenset({"rambler.json", "rambler.hjson"}),
    needs_proof=True,
    folders=frozenset({"migrations"}),
    begins="-- rambler up",
    wrapping=Wrapping.MESSAGE,
    sections=_sections,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    same_versions=True,
    refuses_older="refuses to migrate at all",
)

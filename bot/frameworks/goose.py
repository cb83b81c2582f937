"""goose runs what stands below "-- +goose Up" in one transaction, unless the file says not to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frameworks._beside import beside
from bot.frameworks._contract import FollowUp, Framework, Section, Tree
from bot.frameworks._marks import divided, span_of
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# internal/sqlparser/parser.go: a comment from the first column on, its words exactly so.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)\.sql")
_MARK = re.compile(r"^--[ \t]*\+goose[ \t]+(?P<word>[^\r\n]*?)[ \t]*\r?$\n?", re.MULTILINE)
_ALMOST = re.compile(r"^[ \t]*--[ \t]*\+goose\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_NO_TRANSACTION = "NO TRANSACTION"
_WORDS = frozenset(
    {"Up", "Down", "StatementBegin", "StatementEnd", _NO_TRANSACTION, "ENVSUB ON", "ENVSUB OFF"}
)


def _text(new: FollowUp) -> str:
    alone = f"-- +goose {_NO_TRANSACTION}\n" if new.alone else ""
    undone = "-- What this adds stays until the migration that it belongs to is undone.\n"
    return f"{alone}-- +goose Up\n{new.sql}\n-- +goose Down\n{undone}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """One part in all, or without a transaction each statement, and each block, by itself."""
    marks = list(divided(source, _MARK))
    loose = any(match["word"] == _NO_TRANSACTION for match, _ in marks)
    words = [match["word"] for match, _ in marks]
    up = words.index("Up") if "Up" in words else len(words)
    down = words.index("Down") if "Down" in words else len(words)
    inside = marks[up:down]
    if inside and not loose:
        yield Section(Span(inside[0][1].start, inside[-1][1].end), Wrapping.FILE)
    for match, span in inside if loose else ():
        block = match["word"] == "StatementBegin"
        yield Section(span, Wrapping.MESSAGE if block else Wrapping.STATEMENT)
    understood = {match.start() for match, _ in marks if match["word"] in _WORDS}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "goose does not understand this: it takes `-- +goose` at the beginning of a line,"
                f" followed by one of {', '.join(f'`{word}`' for word in sorted(_WORDS))}.",
            )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...]:
    up = next(match for match, _ in divided(source, _MARK) if match["word"] == "Up")
    place = Span(up.start(), up.start())
    return (Edit(place, f"-- +goose {_NO_TRANSACTION}{source.newline}"),)


FRAMEWORK = Framework(
    name="goose",
    file=_FILE,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations", "migration"}),
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    several_alone=True,
)

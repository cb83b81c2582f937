"""dbmate runs what stands below "-- migrate:up" as one message, in a transaction by default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import Match

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import divided, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import BYTE_ORDER_MARK, Edit, Source, Span

# pkg/dbmate/migration.go of 2.35.0
_FILE = re.compile(r"(?P<version>[0-9]{1,40})[_-]?(?P<title>.*)\.sql")
_MARK = re.compile(
    r"^--[ \t\r\f]*migrate:(?P<word>up|down)(?P<options>|[ \t\r\f][^\n]*)$\n?", re.MULTILINE
)
_ALMOST = re.compile(
    r"^[ \t]*--[ \t]*migrate[ \t]*:[ \t]*(?:up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE
)
_LOOSE = "transaction:false"
_OPTIONS = (_LOOSE, "transaction:true")


def _text(new: FollowUp) -> str:
    options = f" {_LOOSE}" if new.alone else ""
    return f"-- migrate:up{options}\n{new.sql}\n-- migrate:down\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """Without its own transaction a part still is one message."""
    marks = list(divided(source, _MARK))
    for match, span in marks:
        if match["word"] == "up":
            yield Section(span, Wrapping.MESSAGE if _is_loose(match) else Wrapping.FILE)
    yield from _misread(source, [match for match, _ in marks])


def _is_loose(mark: Match[str]) -> bool:
    return [one for one in mark["options"].split() if one in _OPTIONS][-1:] == [_LOOSE]


def _misread(source: Source, marks: Sequence[Match[str]]) -> Iterator[Misreading]:
    for match in marks:
        if any(option not in _OPTIONS for option in match["options"].split()):
            yield Misreading(
                span_of(match),
                "dbmate does not understand what follows: it knows `transaction:true` and"
                " `transaction:false`.",
            )
    understood = {match.start() for match in marks}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "dbmate does not understand this: it takes `-- migrate:up` and `-- migrate:down`"
                " at the beginning of a line, written so.",
            )
    yield from _refused(source, marks)


def _refused(source: Source, marks: Sequence[Match[str]]) -> Iterator[Misreading]:
    """dbmate takes pairs of an up and a down part, and no statement above them."""
    expected = "up"
    for match in marks:
        if match["word"] != expected:
            yield Misreading(
                span_of(match),
                "dbmate refuses the file: to each `-- migrate:up` belongs one `-- migrate:down`"
                " below it.",
            )
            return
        expected = "down" if expected == "up" else "up"
    if marks and expected == "down":
        yield Misreading(
            span_of(marks[-1]),
            "dbmate refuses the file: below `-- migrate:up` it lacks a line `-- migrate:down`.",
        )
    above = source.text[: marks[0].start()] if marks else ""
    lines = (line.strip(f" \t\r{BYTE_ORDER_MARK}") for line in above.split("\n"))
    if any(line and not line.startswith("--") for line in lines):
        yield Misreading(
            span_of(marks[0]), "dbmate refuses the file for what stands above this line."
        )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...] | None:
    up = next(match for match, below in divided(source, _MARK) if below == span)
    place = up.end("word")
    return None if up["options"].strip() else (Edit(Span(place, place), f" {_LOOSE}"),)


FRAMEWORK = Framework(
    name="dbmate",
    file=_FILE,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    begins="-- migrate:up",
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
)

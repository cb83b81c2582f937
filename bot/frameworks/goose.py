"""goose runs what stands below "-- +goose Up" in one transaction, unless the file says not to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import Match

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import by_line, divided, span_of, unfinished
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Wrapping
from bot.model.source import Edit, Source, Span

# internal/sqlparser/parser.go of 3.27.3: from the first column on, in capitals or not.
_FILE = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)\.sql")
_MARK = re.compile(
    r"^[\r\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*"
    r"--(?=[^\n]*\+goose)(?P<words>[^\n]*)$\n?",
    re.MULTILINE,
)
_ALMOST = re.compile(r"^[ \t]*--[ \t]*\+goose\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_NO_TRANSACTION = "NO TRANSACTION"
_WORDS = (
    "Up",
    "Down",
    "StatementBegin",
    "StatementEnd",
    _NO_TRANSACTION,
    "ENVSUB ON",
    "ENVSUB OFF",
)
_KNOWN = {word.casefold(): word for word in _WORDS}


def _text(new: FollowUp) -> str:
    alone = f"-- +goose {_NO_TRANSACTION}\n" if new.alone else ""
    return f"{alone}-- +goose Up\n{new.sql}\n-- +goose Down\n{UNDONE}"


def _word(mark: Match[str]) -> str | None:
    """What is left of the line without any `--` and without `+goose`, wherever they stand."""
    words = mark["words"].replace("--", "").replace("+goose", "", 1)
    return _KNOWN.get(words.strip().casefold())


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading]:
    """One part in all, or without a transaction each statement, and each block, by itself."""
    marks = list(divided(source, _MARK))
    words = [_word(match) for match, _ in marks]
    loose = _NO_TRANSACTION in words
    up = words.index("Up") if "Up" in words else len(words)
    down = words.index("Down", up) if "Down" in words[up:] else len(words)
    inside = marks[up:down]
    if inside and not loose:
        yield Section(Span(inside[0][1].start, inside[-1][1].end), Wrapping.FILE)
    for match, span in inside if loose else ():
        if _word(match) == "StatementBegin":
            yield Section(span, Wrapping.MESSAGE)
        else:
            yield from by_line(source, span)
    last = inside[-1] if inside and _word(inside[-1][0]) != "StatementBegin" else None
    if last and (line := unfinished(source, last[1])):
        yield Misreading(
            line, "goose refuses the file: what begins here lacks a `;` at the end of a line."
        )
    yield from _out_of_place(match for match, _ in marks)
    understood = {match.start() for match, _ in marks if _word(match)}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "goose does not understand this: it takes `-- +goose` at the beginning of a line,"
                f" followed by one of {', '.join(f'`{word}`' for word in sorted(_WORDS))}.",
            )


def _out_of_place(marks: Iterable[Match[str]]) -> Iterator[Misreading]:
    """goose takes one Up, and below it at the most one Down."""
    seen = set[str]()
    for match in marks:
        word = _word(match)
        if word == "Up" and "Up" in seen:
            yield Misreading(span_of(match), "goose refuses the file for a second `-- +goose Up`.")
        if word == "Down" and ("Up" not in seen or "Down" in seen):
            yield Misreading(
                span_of(match),
                "goose refuses the file for this: it takes one `-- +goose Down`, below"
                " `-- +goose Up`.",
            )
        seen |= {word} if word else set()


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...]:
    up = next(match for match, _ in divided(source, _MARK) if _word(match) == "Up")
    place = Span(up.start(), up.start())
    return (Edit(place, f"-- +goose {_NO_TRANSACTION}{source.newline}"),)


FRAMEWORK = Framework(
    name="goose",
    file=_FILE,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations", "migration"}),
    begins="-- +goose Up",
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    several_alone=True,
    reads_version=int,
    refuses_older="refuses this file, unless it is run with `-allow-missing`",
)

"""sql-migrate runs what stands below "-- +migrate Up" in one transaction, or line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import Match

from bot.frameworks._beside import UNDONE, beside
from bot.frameworks._contract import FollowUp, Framework, Section
from bot.frameworks._marks import GO_BLANKS, by_line, divided, span_of
from bot.frameworks._tree import Tree
from bot.model.migration import Misreading, Unreadable, Wrapping
from bot.model.source import Edit, Source, Span
from bot.sql.comments import comments
from bot.sql.masking import lexemes

# sqlparse/sqlparse.go of 1.8.0: the prefix exactly so; what else it is, it passes over.
_FILE = re.compile(r"(?:(?P<version>[0-9]{1,40})[-_]?)?(?P<title>.*)\.sql")
_MARK = re.compile(
    rf"^-- \+migrate [{GO_BLANKS}]*(?P<word>Up|Down|StatementBegin|StatementEnd)"
    rf"(?P<options>|[{GO_BLANKS}][^\n]*)$\n?",
    re.MULTILINE,
)
_ALMOST = re.compile(r"^[ \t]*--[ \t]*\+[ \t]*migrate\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_LOOSE = "notransaction"
_COMMENT = re.compile(r"^-- (?!\+)[^\n]*", re.MULTILINE)


def _text(new: FollowUp) -> str:
    options = f" {_LOOSE}" if new.alone else ""
    return f"-- +migrate Up{options}\n{new.sql}\n-- +migrate Down\n{UNDONE}"


def _sections(source: Source, tree: Tree) -> Iterator[Section | Misreading | Unreadable]:
    """One part in all, or without a transaction each statement, and each block, by itself.

    There may be several Up, which are one transaction; a Down between is taken along.
    """
    marks = list(divided(source, _MARK))
    loose = any(_is_loose(match) for match, _ in marks)
    up = list(_on_the_way_up(marks))
    if up and not loose:
        yield Section(Span(up[0][1].start, up[-1][1].end), Wrapping.FILE)
    for match, span in up if loose else ():
        if match["word"] == "StatementBegin":
            yield Section(span, Wrapping.MESSAGE)
        else:
            yield from by_line(source, span)
    yield from _misread(source, [match for match, _ in marks])
    yield from _left_out(source)


def _left_out(source: Source) -> Iterator[Unreadable]:
    """It drops each line that begins with "-- ", in strings too, which may then end elsewhere."""
    sent = _COMMENT.sub(lambda line: " " * len(line[0]), source.text)
    if _ends(sent) == _ends(source.text):
        return
    known = {span.start for span in comments(source)}
    several = list(_COMMENT.finditer(source.text))
    first = next((line for line in several if line.start() not in known), several[0])
    yield Unreadable(
        span_of(first), "sql-migrate leaves this line out, without which the statements are others"
    )


def _ends(text: str) -> list[int]:
    return [one.span.start for one in lexemes(text) if one.kind == "semicolon"]


def _on_the_way_up(
    marks: Iterable[tuple[Match[str], Span]],
) -> Iterator[tuple[Match[str], Span]]:
    active = False
    for match, span in marks:
        if match["word"] in ("Up", "Down"):
            active = match["word"] == "Up"
        if active:
            yield match, span


def _is_loose(mark: Match[str]) -> bool:
    return mark["word"] == "Up" and _LOOSE in mark["options"].split()


def _misread(source: Source, marks: list[Match[str]]) -> Iterator[Misreading]:
    for match in marks:
        if any(option != _LOOSE for option in match["options"].split()):
            yield Misreading(
                span_of(match),
                f"sql-migrate does not understand what follows: it knows `{_LOOSE}`, in one word"
                " and small letters.",
            )
    understood = {match.start() for match in marks}
    for match in _ALMOST.finditer(source.text):
        if match.start() not in understood:
            yield Misreading(
                span_of(match),
                "sql-migrate does not understand this: it takes `-- +migrate` at the beginning of a"
                " line, followed by `Up`, `Down`, `StatementBegin` or `StatementEnd`.",
            )


def _unwrapped(source: Source, span: Span, tree: Tree) -> tuple[Edit, ...]:
    up = next(match for match, _ in divided(source, _MARK) if match["word"] == "Up")
    return (Edit(Span(up.end("word"), up.end("word")), f" {_LOOSE}"),)


FRAMEWORK = Framework(
    name="sql-migrate",
    file=_FILE,
    says=_ALMOST,
    needs_proof=True,
    folders=frozenset({"migrations"}),
    begins="-- +migrate Up",
    wrapping=Wrapping.FILE,
    sections=_sections,
    unwrapped=_unwrapped,
    follow_up=beside(_FILE, _text),
    alone_in_place=True,
    several_alone=True,
    same_versions=True,
)

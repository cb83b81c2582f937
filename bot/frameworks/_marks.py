"""Many tools divide a file by comment lines: this part runs on the way up, that one does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import Match, Pattern

from bot.frameworks._contract import Section
from bot.model.migration import Wrapping
from bot.model.source import Edit, Source, Span

# What Go's strings.TrimSpace and strings.Fields take for blanks, but for the end of a line.
GO_BLANKS = " \t\r\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def divided(source: Source, mark: Pattern[str]) -> Iterator[tuple[Match[str], Span]]:
    """Each line that `mark` matches, with what stands below it up to the next one."""
    before: Match[str] | None = None
    for match in mark.finditer(source.text):
        if before:
            yield before, Span(before.end(), match.start())
        before = match
    if before:
        yield before, Span(before.end(), len(source.text))


def span_of(match: Match[str]) -> Span:
    return Span(match.start(), match.end())


def appended(source: Source, whole: Span, lines: Sequence[str]) -> Edit:
    """`lines` below the last one in `whole` that is not empty."""
    content = whole.start + len(source[whole].rstrip())
    newline = source.text.find("\n", content)
    if newline < 0:
        place = len(source.text)
        return Edit(Span(place, place), source.newline.join(["", *lines]))
    return Edit(Span(newline + 1, newline + 1), source.newline.join([*lines, ""]))


_LINE = re.compile(r"[^\n]*\n?")


def by_line(source: Source, span: Span) -> Iterator[Section]:
    """What stands in `span`, as tools send it that end a statement where a line ends with `;`.

    What has more semicolons before that may be several statements, and then is one message.
    """
    start, last, semicolons = span.start, span.start, 0
    for line in _LINE.finditer(source.text, span.start, span.end):
        semicolons += line[0].count(";")
        if not _ends_statement(line[0]):
            continue
        if semicolons > 1:
            if start < last:
                yield Section(Span(start, last), Wrapping.STATEMENT)
            yield Section(Span(last, line.end()), Wrapping.MESSAGE)
            start = line.end()
        last, semicolons = line.end(), 0
    if start < span.end:
        yield Section(Span(start, span.end), Wrapping.STATEMENT)


def unfinished(source: Source, span: Span) -> Span | None:
    """The first line of what no line with `;` at its end ends, for tools that look for those."""
    first: Span | None = None
    for line in _LINE.finditer(source.text, span.start, span.end):
        if _ends_statement(line[0]):
            first = None
        elif first is None and line[0].strip() and not line[0].lstrip().startswith("--"):
            first = Span(line.start(), line.start() + len(line[0].rstrip()))
    return first


def _ends_statement(line: str) -> bool:
    words = line.split()
    comment = next((i for i, word in enumerate(words) if word.startswith("--")), len(words))
    return comment > 0 and words[comment - 1].endswith(";")

"""Many tools divide a file by comment lines: this part runs on the way up, that one does not."""

from __future__ import annotations

from collections.abc import Iterator
from re import Match, Pattern

from bot.model.source import Source, Span


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

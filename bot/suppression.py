"""An author may allow a finding where it stands, with a reason, and the report always says so.

-- lockstep: allow check-validated-on-add because the table has forty rows
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.model.finding import Finding, Severity
from bot.model.migration import Migration
from bot.model.source import Source, Span
from bot.model.wording import code, plain
from bot.rules import names
from bot.sql.comments import comments

RULE = "suppression-not-honoured"
_MARK = re.compile(r"lockstep:[ \t]*(?P<words>[^\r\n]*)", re.IGNORECASE)
_ALLOW = re.compile(
    r"allow[ \t]+(?P<rule>[\w-]+)(?:[ \t]+because(?:[ \t]+(?P<reason>.*\S))?)?[ \t]*",
    re.IGNORECASE,
)
_SAYS_SOMETHING = re.compile(r"[^\W_]")
_BLANK = " \t\r\n\f\v\ufeff"
_NO_START = f"{_BLANK},"
_NO_WORD = f"{_BLANK},;"


class Written(Protocol):
    """How comments are written in another language than SQL."""

    @property
    def comment(self) -> str:
        """What one begins with."""

    def comments(self, source: Source) -> tuple[Span, ...]:
        """Where they stand."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """`span` is the comment; `unit` the statement or clause that it speaks of, if there is one."""

    span: Span
    unit: Span | None
    rule: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What is left of a file's findings, what was allowed and why, and complaints."""

    left: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...]
    complaints: tuple[Finding, ...]


def suppress(
    migration: Migration,
    findings: Iterable[Finding],
    *,
    allowed: bool,
    known: Iterable[Finding] | None = None,
    written: Written | None = None,
) -> Suppressed:
    """Take out what the author allows; `allowed` is whether the configuration lets them.

    `known` are all findings of the file, where `findings` are just those of the change. `written`
    tells how comments look where they are not those of SQL.
    """
    several = tuple(findings)
    if not _MARK.search(migration.source.text):
        return Suppressed(several, (), ())
    units = _Units.of(migration)
    spans = written.comments(migration.source) if written else comments(migration.source)
    asked = tuple(_suppressions(migration.source, units, spans))
    honoured = {
        (one.rule, one.unit): plain(one.reason)
        for one in asked
        if allowed and one.reason and one.rule in names()
    }
    reasons = [_reason(finding, units, honoured) for finding in several]
    there = {
        (finding.rule, unit)
        for finding in (several if known is None else known)
        for unit in units.around(finding.span.start)
    }
    complaints = (
        Finding(RULE, Severity.WARNING, migration.source, one.span, complaint)
        for one in asked
        if (complaint := _complaint(one, (one.rule, one.unit) in there, allowed, written))
    )
    pairs = tuple(zip(several, reasons, strict=True))
    return Suppressed(
        tuple(finding for finding, reason in pairs if reason is None),
        tuple((finding, reason) for finding, reason in pairs if reason is not None),
        tuple(complaints),
    )


def _reason(
    finding: Finding, units: _Units, honoured: Mapping[tuple[str, Span | None], str]
) -> str | None:
    given = (honoured.get((finding.rule, unit)) for unit in units.around(finding.span.start))
    return next((reason for reason in given if reason is not None), None)


def _complaint(
    one: Suppression, needed: bool, allowed: bool, written: Written | None
) -> str | None:
    if one.rule is None:
        mark = written.comment if written else "--"
        form = f"{mark} lockstep: allow RULE because REASON"
        return f"This is not understood; what is: {code(form)}."
    if one.rule not in names():
        return f"There is no rule {code(one.rule)}; `lockstep explain` lists those that there are."
    if one.reason is None:
        return f"{code(one.rule)} is not allowed without a reason: add `because` and say why."
    if not allowed:
        return "The configuration does not allow suppressions, so this one has no effect."
    if not needed:
        return f"There is nothing to allow here: {code(one.rule)} finds nothing in this statement."
    return None


def _suppressions(source: Source, units: _Units, spans: tuple[Span, ...]) -> Iterator[Suppression]:
    for comment in _placed(source, spans):
        for mark in _MARK.finditer(source[comment.span]):
            words = _ALLOW.fullmatch(mark["words"].removesuffix("*/").rstrip())
            rule, reason = words.group("rule", "reason") if words else (None, None)
            reason = reason if reason and _SAYS_SOMETHING.search(plain(reason)) else None
            yield Suppression(comment.span, units.meant(comment), rule, reason)


@dataclass(frozen=True, slots=True)
class _Comment:
    """`before` is the code at whose end it stands, None where it stands above the code `after`."""

    span: Span
    before: int | None
    after: int


def _placed(source: Source, spans: tuple[Span, ...]) -> Iterator[_Comment]:
    """The comments of `source` from first to last; other comments are no code."""
    code = word = -1
    place = 0
    for span, after in zip(spans, _next_code(source.text, spans), strict=True):
        gap = source.text[place : span.start]
        code = place + len(gap.rstrip(_BLANK)) - 1 if gap.strip(_BLANK) else code
        word = place + len(gap.rstrip(_NO_WORD)) - 1 if gap.strip(_NO_WORD) else word
        place = span.end
        line = source.line(span.start)
        followed = after < len(source.text) and source.line(after) == source.line(span.end)
        closed = followed and source.text[code] in ";,"
        if code < 0 or source.line(code) < line or closed:
            yield _Comment(span, None, after)
        else:
            yield _Comment(span, word if word >= 0 and source.line(word) == line else code, after)


def _next_code(text: str, spans: tuple[Span, ...]) -> Iterable[int]:
    """Behind each comment the place where code goes on, the text's end where there is none."""
    places: list[int] = []
    end = following = len(text)
    for span in reversed(spans):
        gap = text[span.end : end]
        following = end - len(gap.lstrip(_NO_START)) if gap.strip(_NO_START) else following
        places.append(following)
        end = span.start
    return reversed(places)


@dataclass(frozen=True, slots=True)
class _Units:
    """What a comment can speak of: statements and their clauses, each from first to last.

    `inside` are the statements in blocks.
    """

    source: Source
    statements: tuple[Span, ...]
    inside: tuple[Span, ...]
    clauses: tuple[Span, ...]

    @classmethod
    def of(cls, migration: Migration) -> _Units:
        statements = [one for batch in migration.batches for one in batch.statements]
        clauses = {command.span for one in statements for command in one.all_commands}
        return cls(
            migration.source,
            tuple(sorted(Span(one.span.start, one.end) for one in statements)),
            tuple(sorted({Span(i.span.start, i.end) for one in statements for i in one.body})),
            tuple(sorted(clauses)),
        )

    def around(self, place: int) -> tuple[Span, ...]:
        """The clause and the statements that hold the character at `place`."""
        found = (
            _holding(place, several) for several in (self.clauses, self.inside, self.statements)
        )
        return tuple(span for span in found if span)

    def meant(self, comment: _Comment) -> Span | None:
        """The statement that starts below the comment, or that is all on its line.

        Any other comment stands inside of a statement and speaks of a clause, if one is there.
        """
        place = comment.after if comment.before is None else comment.before
        whole = _holding(place, self.inside) or _holding(place, self.statements)
        if whole and place == whole.start:
            return whole
        one_line = whole and self.source.line(whole.start) == self.source.line(place)
        if whole and one_line and comment.after >= whole.end - 1:
            return whole
        return next(iter(self.around(place)), None)


def _holding(place: int, spans: tuple[Span, ...]) -> Span | None:
    index = bisect_right(spans, place, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and place < spans[index].end else None

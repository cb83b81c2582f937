"""An author may allow a finding where it stands, with a reason, and the report always says so.

-- lockstep: allow check-validated-on-add because the table has forty rows
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.model.finding import Finding, Severity
from bot.model.migration import Migration
from bot.model.source import Source, Span
from bot.model.wording import code, plain
from bot.rules import rules
from bot.sql.comments import comments

RULE = "suppression-not-honoured"
_MARK = re.compile(r"lockstep:[ \t]*(?P<words>[^\r\n]*)")
_ALLOW = re.compile(
    r"allow[ \t]+(?P<rule>[\w-]+)(?:[ \t]+because(?:[ \t]+(?P<reason>.*\S))?)?[ \t]*"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """`line` is the line of code that the comment speaks of."""

    span: Span
    line: int
    words: str

    @property
    def rule(self) -> str | None:
        match = _ALLOW.fullmatch(self.words)
        return match["rule"] if match else None

    @property
    def reason(self) -> str | None:
        match = _ALLOW.fullmatch(self.words)
        return match["reason"] if match else None

    def covers(self, finding: Finding) -> bool:
        """On a line of the clause, or on the first or last line of its statement."""
        lines = finding.lines
        ends = [lines.first]
        if finding.moment:
            statement = finding.moment.statement
            whole = finding.source.lines(Span(statement.span.start, statement.end))
            ends += [whole.first, whole.last]
        return lines.first <= self.line <= lines.last or self.line in ends


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What is left of a file's findings, what was allowed and why, and complaints."""

    left: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...]
    complaints: tuple[Finding, ...]


def suppress(migration: Migration, findings: Iterable[Finding], *, allowed: bool) -> Suppressed:
    """Take out what the author allows; `allowed` is whether the configuration lets them."""
    several = tuple(findings)
    asked = tuple(_suppressions(migration.source))
    honoured = [one for one in asked if allowed and one.reason and one.rule in rules()]
    reasons = {
        id(finding): one.reason
        for one in honoured
        for finding in several
        if one.rule == finding.rule and one.covers(finding) and one.reason
    }
    complaints = [
        Finding(RULE, Severity.WARNING, migration.source, one.span, complaint)
        for one in asked
        if (complaint := _complaint(one, several, allowed))
    ]
    return Suppressed(
        tuple(finding for finding in several if id(finding) not in reasons),
        tuple((f, plain(reasons[id(f)])) for f in several if id(f) in reasons),
        tuple(complaints),
    )


def _complaint(one: Suppression, findings: tuple[Finding, ...], allowed: bool) -> str | None:
    if one.rule is None:
        form = "-- lockstep: allow RULE because REASON"
        return f"This is not understood; what is: {code(form)}."
    if one.rule not in rules():
        return f"There is no rule {code(one.rule)}; the rules are {', '.join(map(code, rules()))}."
    if one.reason is None:
        return f"{code(one.rule)} is not allowed without a reason: add `because` and say why."
    if not allowed:
        return "The configuration does not allow suppressions, so this one has no effect."
    if not any(one.rule == finding.rule and one.covers(finding) for finding in findings):
        return f"There is nothing to allow here: {code(one.rule)} finds nothing in this statement."
    return None


def _suppressions(source: Source) -> Iterator[Suppression]:
    if "lockstep:" not in source.text:
        return
    spans = comments(source)
    for span in spans:
        mark = _MARK.search(source[span])
        if mark:
            words = mark["words"].removesuffix("*/").rstrip()
            yield Suppression(span, _line_meant(source, span, spans), words)


def _line_meant(source: Source, span: Span, spans: tuple[Span, ...]) -> int:
    """The comment's own line if code stands before it, else the line of the next code."""
    own = source.lines(span)
    before = source[Span(source.span_of(own).start, span.start)]
    if before.strip():
        return own.first
    place = span.end
    ends = {other.start: other.end for other in spans}
    while place < len(source.text) and (source.text[place].isspace() or place in ends):
        place = ends.get(place, place + 1)
    return source.line(place)

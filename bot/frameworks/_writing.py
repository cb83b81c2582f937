"""A rewrite becomes a fix: edits in the file, and what commits later where the tool lets it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from bot.frameworks._contract import Framework, Tree
from bot.model.finding import Finding, Fix, NewFile, NoFix, Rewrite
from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment
from bot.model.source import Edit, Span
from bot.model.wording import plain
from bot.postgres.operations import OnTable, ValidateConstraint
from bot.sql.writing import amended, in_lower_case, removed, written

TOGETHER = 50
"""How many validations one follow-up file holds at the most."""

FollowUps = tuple[NewFile, ...] | NoFix

_NOTHING_BUT_A_COMMENT = re.compile(r"[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*)?(?:--.*)?")


def write(
    framework: Framework,
    migration: Migration,
    findings: Sequence[Finding],
    taken: Iterable[str],
    tree: Tree,
) -> tuple[Fix | NoFix | None, ...]:
    """The fix of each finding of one file, None for those without a rewrite.

    What has to follow in a new file goes into one file for all of them, up to TOGETHER.
    `taken` are the paths that new files must not have.
    """
    waiting = [index for index, finding in enumerate(findings) if _waits(finding)]
    follow_ups: dict[int, FollowUps] = {}
    used = list(taken)
    for start in range(0, len(waiting), TOGETHER):
        some = waiting[start : start + TOGETHER]
        text = _follow_up_text(migration, [findings[index] for index in some])
        new = framework.follow_up(migration.source, text, used, tree)
        used += () if isinstance(new, NoFix) else (file.path for file in new)
        follow_ups |= dict.fromkeys(some, new)
    fixes = [_fix(finding, follow_ups.get(i, ())) for i, finding in enumerate(findings)]
    return tuple(_together(findings, fixes))


def _together(
    findings: Sequence[Finding], fixes: list[Fix | NoFix | None]
) -> Iterator[Fix | NoFix | None]:
    """Commands that leave one statement leave it together: their commas are shared."""
    leaving: dict[int, list[tuple[Moment, Fix]]] = defaultdict(list)
    for finding, fix in zip(findings, fixes, strict=True):
        if finding.moment and isinstance(fix, Fix) and _leaves(finding):
            leaving[finding.moment.number].append((finding.moment, fix))
    left = {number: _left(group) for number, group in leaving.items()}
    for finding, fix in zip(findings, fixes, strict=True):
        if finding.moment and isinstance(fix, Fix) and _leaves(finding):
            yield replace(left[finding.moment.number], follow_ups=fix.follow_ups)
        else:
            yield fix


def _left(group: list[tuple[Moment, Fix]]) -> Fix:
    """What is left of a statement without some of its commands, and what is added for them."""
    (first, _), *_ = group
    additions = dict.fromkeys(edit for _, fix in group for edit in fix.additions)
    return Fix(removed(first.statement, [moment.command for moment, _ in group]), tuple(additions))


def _leaves(finding: Finding) -> bool:
    return isinstance(finding.rewrite, Rewrite) and finding.rewrite.instead is None


def _waits(finding: Finding) -> bool:
    """Whether what comes later goes into a new file, since the tool makes a file a transaction."""
    moment = finding.moment
    wanted = moment and isinstance(finding.rewrite, Rewrite)
    return bool(wanted and moment and moment.wrapping is Wrapping.FILE)


def _fix(finding: Finding, follow_ups: FollowUps) -> Fix | NoFix | None:
    moment, rewrite = finding.moment, finding.rewrite
    if moment is None or not isinstance(rewrite, Rewrite):
        return rewrite if isinstance(rewrite, NoFix) else None
    match moment.wrapping:
        case Wrapping.ALL:
            return NoFix(
                "All pending migrations run in one transaction, so the validation has to wait for"
                " the next deployment: add the constraint `NOT VALID` now and validate it then."
            )
        case Wrapping.FILE:
            if isinstance(follow_ups, NoFix):
                return follow_ups
            return Fix(_amended(moment, rewrite), follow_ups=follow_ups)
    if moment.ends_with is None:
        return NoFix("The transaction is never committed, so nothing of it can be validated.")
    return Fix(_amended(moment, rewrite), _additions(moment, rewrite, moment.ends_with))


def _amended(moment: Moment, rewrite: Rewrite) -> tuple[Edit, ...]:
    if rewrite.instead is None:
        return ()  # see _together
    return amended(moment.statement, moment.command, rewrite.instead)


def _additions(moment: Moment, rewrite: Rewrite, end: Statement) -> tuple[Edit, ...]:
    """The later steps, below the statement that ends the transaction."""
    source, lower_case = end.source, in_lower_case(end)
    path = moment.outcome.search_path
    before = _setting(moment) if path.local else []
    lines = [
        line
        for step in rewrite.then
        for line in _step(before, _written(step.operations, lower_case), lower_case=lower_case)
    ]
    margin = source.text[source.span_of(source.lines(end.span)).start : end.span.start]
    indent = margin if margin.isspace() else ""
    text = "".join(f"{source.newline}{indent}{line}" for line in lines)
    place = _end_of_line(end)
    terminator = () if end.end > end.span.end else (Edit(Span(end.end, end.end), ";"),)
    return (*terminator, Edit(Span(place, place), text))


def _written(operations: Iterable[OnTable], lower_case: bool) -> list[str]:
    return [f"{written(operation, lower_case=lower_case)};" for operation in operations]


def _setting(moment: Moment) -> list[str]:
    """The author's own statement that set the search path, for where it does not last."""
    since = moment.outcome.search_path.since
    return [] if since is None else [f"{moment.statements[since].text};"]


def _step(before: list[str], statements: list[str], *, lower_case: bool) -> list[str]:
    """One transaction's lines; a single statement is one by itself."""
    if not before and len(statements) == 1:
        return statements
    begin, commit = ("begin;", "commit;") if lower_case else ("BEGIN;", "COMMIT;")
    return [begin, *before, *statements, commit]


def _end_of_line(statement: Statement) -> int:
    """Behind the comment that ends the statement's last line, or just behind its semicolon."""
    text = statement.source.text
    newline = text.find("\n", statement.end)
    end = len(text) if newline < 0 else newline
    rest = text[statement.end : end].removesuffix("\r")
    return statement.end + (len(rest) if _NOTHING_BUT_A_COMMENT.fullmatch(rest) else 0)


def _follow_up_text(migration: Migration, findings: Iterable[Finding]) -> str:
    """One transaction for all: what validates comes before what locks others out for a moment."""
    name = plain(PurePosixPath(migration.source.path).name)
    lines = [f"-- Validates what {name} adds; reads and writes go on meanwhile."]
    steps = [
        (finding.moment, operation)
        for finding in findings
        if finding.moment and isinstance(finding.rewrite, Rewrite)
        for step in finding.rewrite.then
        for operation in step.operations
    ]
    path: list[str] = []
    for moment, operation in sorted(steps, key=lambda step: not _validates(step[1])):
        if path != (path := _setting(moment)):
            lines += path
        lines += _written([operation], in_lower_case(moment.statement))
    return "".join(f"{line}\n" for line in lines)


def _validates(operation: OnTable) -> bool:
    return isinstance(operation, ValidateConstraint)

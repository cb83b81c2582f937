"""A rewrite becomes a fix: edits in the file, and what commits later where the tool lets it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from bot.frameworks._contract import Framework, Tree
from bot.model.finding import Finding, Fix, NewFile, NoFix, Rewrite
from bot.model.migration import Migration, Statement, Wrapping
from bot.model.moment import Moment
from bot.model.source import Edit, Span
from bot.model.wording import plain
from bot.postgres.operations import Rollback
from bot.sql.writing import amended, in_lower_case, written

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
    return tuple(_fix(finding, follow_ups.get(i, ())) for i, finding in enumerate(findings))


def _waits(finding: Finding) -> bool:
    """Whether what comes later has to wait for the tool to end the transaction."""
    moment = finding.moment
    return bool(
        moment
        and finding.rewrite
        and moment.ends_with is None
        and moment.wrapping is not Wrapping.ALL
    )


def _fix(finding: Finding, follow_ups: FollowUps) -> Fix | NoFix | None:
    moment, rewrite = finding.moment, finding.rewrite
    if moment is None or rewrite is None:
        return None
    if moment.wrapping is Wrapping.ALL:
        return NoFix(
            "All pending migrations run in one transaction, so the validation has to wait for"
            " the next deployment: add the constraint `NOT VALID` now and validate it then."
        )
    amendments = amended(moment.statement, moment.command, rewrite.instead)
    end = moment.ends_with
    if end is None:
        if isinstance(follow_ups, NoFix):
            return follow_ups
        return Fix(amendments, follow_ups=follow_ups)
    if any(isinstance(command.operation, Rollback) for command in end.commands):
        return NoFix(
            "The transaction is rolled back in the end, so nothing of it can be validated."
        )
    return Fix(amendments, _additions(moment, rewrite, end))


def _additions(moment: Moment, rewrite: Rewrite, end: Statement) -> tuple[Edit, ...]:
    """The later steps, below the statement that ends the transaction."""
    source, lower_case = end.source, in_lower_case(end)
    lines = [
        line
        for step in rewrite.then
        for line in _step(
            [written(operation, lower_case=lower_case) for operation in step.operations],
            autocommit=moment.wrapping is Wrapping.STATEMENT,
            lower_case=lower_case,
        )
    ]
    before = source.text[source.span_of(source.lines(end.span)).start : end.span.start]
    indent = before if before.isspace() else ""
    text = "".join(f"{source.newline}{indent}{line}" for line in lines)
    place = _end_of_line(end)
    terminator = () if end.end > end.span.end else (Edit(Span(end.end, end.end), ";"),)
    return (*terminator, Edit(Span(place, place), text))


def _step(statements: list[str], *, autocommit: bool, lower_case: bool) -> list[str]:
    """One transaction's lines; a single statement needs none of its own where each commits."""
    ended = [f"{statement};" for statement in statements]
    if autocommit and len(ended) == 1:
        return ended
    begin, commit = ("begin;", "commit;") if lower_case else ("BEGIN;", "COMMIT;")
    return [begin, *ended, commit]


def _end_of_line(statement: Statement) -> int:
    """Behind the comment that ends the statement's last line, or just behind its semicolon."""
    text = statement.source.text
    newline = text.find("\n", statement.end)
    end = len(text) if newline < 0 else newline
    rest = text[statement.end : end].removesuffix("\r")
    return statement.end + (len(rest) if _NOTHING_BUT_A_COMMENT.fullmatch(rest) else 0)


def _follow_up_text(migration: Migration, findings: Iterable[Finding]) -> str:
    name = plain(PurePosixPath(migration.source.path).name)
    lines = [f"-- Validates what {name} adds; reads and writes go on meanwhile."]
    for finding in findings:
        if finding.moment and finding.rewrite:
            lower_case = in_lower_case(finding.moment.statement)
            steps = [step for then in finding.rewrite.then for step in then.operations]
            lines += (f"{written(step, lower_case=lower_case)};" for step in steps)
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))

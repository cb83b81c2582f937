"""The lines that the later steps of a rewrite make, in whichever file they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.model.finding import SEMICOLON, Rewrite
from bot.model.migration import Statement
from bot.model.moment import Moment
from bot.model.source import Edit, Span
from bot.postgres.operations import Operation
from bot.postgres.outcome import Timeout
from bot.sql.amending import restated, restates
from bot.sql.writing import in_lower_case, written

_NOTHING_BUT_A_COMMENT = re.compile(r"[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*)?(?:--.*)?")


def steps_of(rewrite: Rewrite) -> list[tuple[Operation, ...]]:
    return [step.operations for step in rewrite.then]


def statements_of(moment: Moment, operation: Operation) -> list[str]:
    """`operation` as statements with their semicolons."""
    statement = moment.statement.in_sql
    if restates(statement, operation):
        return [f"{text};" for text in restated(statement, operation)]
    return [f"{text};" for text in written(operation, lower_case=in_lower_case(statement))]


def lines_of(moment: Moment, step: Sequence[Operation]) -> list[str]:
    """One step; several operations make a transaction, a single one is one by itself."""
    statements = [text for operation in step for text in statements_of(moment, operation)]
    if any(operation.alone for operation in step):
        return statements
    before = [text for text in settings(moment, local=True) if text]
    if not before and len(step) == 1:
        return statements
    lower_case = in_lower_case(moment.statement)
    begin, commit = ("begin;", "commit;") if lower_case else ("BEGIN;", "COMMIT;")
    return [begin, *before, *statements, commit]


SETTINGS = ("search_path", "lock_timeout")


def settings(moment: Moment, *, local: bool) -> tuple[str, ...]:
    """The author's own statements that made SETTINGS what they are, "" where there is none.

    With `local`, those that last no longer than their transaction.
    """
    path, timeout = moment.outcome.search_path, moment.outcome.lock_timeout
    limit = timeout if timeout.on else Timeout()
    return tuple(
        "" if local and not one.local else _repeated(moment, one.since) for one in (path, limit)
    )


def _repeated(moment: Moment, number: int | None) -> str:
    if number is None or moment.statements[number].doubt:
        return ""
    return f"{moment.statements[number].in_sql.text};"


def lines_below(statement: Statement, lines: Sequence[str]) -> tuple[Edit, ...]:
    """`lines` below a statement and the comment that ends its last line."""
    if not lines:
        return ()
    text = "".join(f"{statement.source.newline}{statement.indent}{line}" for line in lines)
    place = _end_of_line(statement)
    ended = statement.end > statement.span.end
    terminator = () if ended else (Edit(Span(statement.end, statement.end), SEMICOLON),)
    return (*terminator, Edit(Span(place, place), text))


def _end_of_line(statement: Statement) -> int:
    """Behind the comment that ends the statement's last line, or just behind its semicolon."""
    text = statement.source.text
    newline = text.find("\n", statement.end)
    end = len(text) if newline < 0 else newline
    rest = text[statement.end : end].removesuffix("\r")
    return statement.end + (len(rest) if _NOTHING_BUT_A_COMMENT.fullmatch(rest) else 0)

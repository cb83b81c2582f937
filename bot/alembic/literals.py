"""SQL that a revision has in a string is changed where it stands."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bot.alembic.request import FORM, IN_A_VALUE, Request, layout_of, leaves_nothing
from bot.model.finding import NoFix, Rewrite
from bot.model.migration import Command, Statement
from bot.model.moment import Moment
from bot.model.source import Edit
from bot.python.bodies import bodies
from bot.python.embedded import moved
from bot.sql.amending import amended as amended_sql
from bot.sql.amending import removed as removed_sql

_MIXED = NoFix("What would be written there does not go into the string as it is written.")


def objection(moment: Moment, request: Request, rewrite: Rewrite) -> NoFix | None:
    sent = moment.statement.sent
    if sent is None or sent.places is None:
        return FORM
    if bodies(request.module).of(request.call.node) is None:
        return IN_A_VALUE
    if not rewrite.instead and rewrite.inline is None:
        return None
    wanted = edits(moment, rewrite)
    return None if all(_fits(request, edit.text) for edit in wanted) else _MIXED


def _fits(request: Request, text: str) -> bool:
    """Whether the text can stand in the string as it is."""
    literal = request.module.source[request.module.span(request.node)] if request.node else ""
    opening = literal.lstrip("rRuUbB")[:3]
    triple = opening in ('"""', "'''")
    quote = opening if triple else opening[:1]
    return quote not in text and "\\" not in text and (triple or "\n" not in text)


def edits(moment: Moment, rewrite: Rewrite) -> tuple[Edit, ...]:
    statement = moment.statement
    sql = statement.in_sql
    index = next(i for i, one in enumerate(statement.commands) if one is moment.command)
    return amended_sql(sql, sql.commands[index], rewrite.instead, rewrite.inline)


def removed(
    statement: Statement, commands: Sequence[Command], request: Request, expression: ast.Expr
) -> tuple[Edit, ...]:
    sql, sent = statement.in_sql, statement.sent
    gone = {id(one) for one in commands}
    pairs = zip(statement.commands, sql.commands, strict=True)
    inner = [two for one, two in pairs if id(one) in gone]
    everything = len(inner) == len(sql.commands) and sql.source.text.strip(" \t\r\n;") == sql.text
    if everything:
        empty = leaves_nothing(request, expression)
        return (layout_of(request).without(expression, empty=empty),)
    return moved(removed_sql(sql, inner), sent.places if sent and sent.places else ())

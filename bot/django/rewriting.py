"""How a migration says what a rewrite asks for, in Django's own operations where it has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.django.editor import Asked
from bot.django.fields import COMPUTED
from bot.django.names import implied
from bot.django.names import quoted as in_quotes
from bot.django.places import importing, instead, stands_in_a_list
from bot.django.surgery import database_operations, is_possible, part_of
from bot.django.texts import asked_by, at_once, fills, prefix, run_sql, statements_for, undoes
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Command, Statement
from bot.model.moment import Moment
from bot.model.source import Edit
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    CreateIndex,
    Key,
    Operation,
)
from bot.python.copies import Copier
from bot.python.embedded import moved
from bot.python.layout import STEP, Layout
from bot.python.values import Call
from bot.sql.amending import amended as amended_sql
from bot.sql.amending import builds, concurrently
from bot.sql.amending import removed as removed_sql

Beside = Sequence[tuple[Moment, Rewrite]]
"""The rewrites of all that one operation sends, each for the moment at fault."""

_IN_A_FUNCTION = NoFix(
    "A function sends it: as an operation of its own, or in `RunSQL`, it could be done in steps."
)
_NO_LITERAL = NoFix(
    "The SQL is not written there in one piece, without escapes, so a person has to change it."
)
_ELSEWHERE = NoFix(
    "The operation is not written out in the list of operations, so a person has to change it."
)
_UNKNOWN = NoFix(
    "Not all of what it sends is known from the migrations of this repository, so a person has to"
    " write this."
)
_COMPUTED = NoFix(
    "Django computes the value that rows without one get, so a person has to write how they get it"
    " in a migration before."
)
_FORM = NoFix("It is written in a form that is not changed for you; a person has to do it.")


def objection(finding: Finding) -> NoFix | None:
    """Why nobody can write the rewrite of `finding` where its statement stands."""
    moment, rewrite = finding.moment, finding.rewrite
    asked = asked_by(moment) if moment else None
    if moment is None or asked is None or asked.layout is None or not isinstance(rewrite, Rewrite):
        return _FORM
    if asked.kind == "RunPython":
        return _IN_A_FUNCTION
    if not stands_in_a_list(asked.layout, asked.call.node) or _is_made_again(moment, asked):
        return _ELSEWHERE
    if asked.kind == "RunSQL":
        return _objection_to_sql(moment)
    if _moves(asked) or _says_not_valid(asked, rewrite):
        return None
    part = part_of(moment.command.operation, rewrite.inline)
    if part == "null" and any(COMPUTED in one or "${" in one for one in fills(moment, asked)):
        return _COMPUTED
    if (asked.guessed and part == "key") or "${" in moment.statement.in_sql.text:
        return NoFix(asked.guessed) if asked.guessed else _UNKNOWN
    return None if is_possible(asked, moment, rewrite) else _FORM


def _is_made_again(moment: Moment, asked: Asked) -> bool:
    """Whether the text of the operation is that of several."""
    node = asked.call.node
    several = (one.sent.by for one in _all(moment) if one.sent and isinstance(one.sent.by, Asked))
    return any(one.call.node is node and one.call is not asked.call for one in several)


def _all(moment: Moment) -> Iterator[Statement]:
    return (one for batch in moment.migration.batches for one in batch.statements)


def _objection_to_sql(moment: Moment) -> NoFix | None:
    sent = moment.statement.sent
    if sent is None or sent.places is None:
        return _NO_LITERAL
    return None


def _moves(asked: Asked) -> bool:
    """Whether the operation as a whole runs later, in a migration of its own."""
    return asked.kind in ("AddIndex", "ValidateConstraint")


def _says_not_valid(asked: Asked, rewrite: Rewrite) -> bool:
    """Whether Django has an operation for what the rewrite asks for."""
    match rewrite.instead:
        case (AddConstraint(constraint=Check(not_valid=True)),):
            return asked.kind == "AddConstraint"
    return False


def amended(moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
    """The edits by which an operation asks for what is done at once."""
    asked, sent = asked_by(moment), moment.statement.sent
    if asked is None or asked.layout is None or sent is None:
        return ()
    if asked.kind == "RunSQL":
        command = _command_in(sent.statement, moment.command)
        edits = amended_sql(sent.statement, command, rewrite.instead, rewrite.inline)
        return moved(edits, sent.places or ())
    return _rewritten(asked, asked.layout, beside)


def removed(statement: Statement, commands: Sequence[Command], beside: Beside) -> tuple[Edit, ...]:
    """The edits by which an operation leaves out what is done later."""
    sent = statement.sent
    asked = sent.by if sent and isinstance(sent.by, Asked) else None
    if asked is None or asked.layout is None or sent is None:
        return ()
    if asked.kind != "RunSQL":
        return _rewritten(asked, asked.layout, beside)
    if len(commands) == len(statement.commands) and _is_all(sent.statement):
        literal = _literal(statement, asked, asked.layout)
        name = prefix(asked.layout) or "migrations."
        return (Edit(asked.layout.module.span(literal), f"{name}RunSQL.noop"),) if literal else ()
    own = [_command_in(sent.statement, one) for one in commands]
    return moved(removed_sql(sent.statement, own), sent.places or ())


def _is_all(statement: Statement) -> bool:
    """Whether nothing else is in its string."""
    text = statement.source.text
    before, after = text[: statement.span.start], text[statement.end :]
    return not before.strip() and not after.strip(" \t\r\n;")


def _literal(statement: Statement, asked: Asked, layout: Layout) -> ast.expr | None:
    """The string that a statement stands in."""
    for one in ast.walk(asked.call.node):
        if isinstance(one, ast.Constant) and statement.span in layout.module.span(one):
            return one
    return None


def _command_in(statement: Statement, command: Command) -> Command:
    """The command of the SQL that is one of the program."""
    return next(one for one in statement.commands if one.operation is command.operation)


def _rewritten(asked: Asked, layout: Layout, beside: Beside) -> tuple[Edit, ...]:
    """The edits of one operation for all that becomes of it."""
    own = [pair for pair in beside if (by := asked_by(pair[0])) and by.call is asked.call]
    if not own:
        return ()
    if _moves(asked):
        return (instead(layout, asked.call.node, ()),)
    if all(_says_not_valid(asked, rewrite) for _, rewrite in own):
        return _called(layout, asked.call, "AddConstraintNotValid")
    return (_separated(asked, layout, own),)


def _called(layout: Layout, call: Call, name: str) -> tuple[Edit, ...]:
    """The same operation under another name, which is imported."""
    return (Edit(layout.module.span(call.node.func), name), *importing(layout, name))


def _separated(asked: Asked, layout: Layout, own: Beside) -> Edit:
    """What the database is asked for is no more what the models say."""
    node, outer = asked.call.node, layout.indent(asked.call.node)
    inner = outer if asked.inside else f"{outer}{STEP}{STEP}"
    now = list(database_operations(asked, layout, own, inner))
    now += _kept(asked, layout, own, inner)
    for moment, rewrite in own:
        now += (at_once(moment, one, inner, layout) for one in rewrite.instead)
    several = now if asked.inside else [_separate(layout, node, now, outer)]
    return instead(layout, node, several)


def _kept(asked: Asked, layout: Layout, own: Beside, outer: str) -> Iterator[str]:
    """A field may have an index for LIKE besides; where one of the two stays, it is asked for."""
    parts = {part_of(moment.command.operation, rewrite.inline) for moment, rewrite in own}
    if asked.field is None or asked.model is None:
        return
    both = {"unique" if asked.field.unique else "index", "like"}
    for other in sorted(both - parts) if both & parts else ():
        for one in filter(lambda one: _is_of(one, asked), _all(own[0][0])):
            for command in one.commands:
                match command.operation:
                    case AddColumn(table, column, constraints=several) if other == "unique":
                        key = next(key for key in several if isinstance(key, Key))
                        name = key.name or implied(asked.model.table, column, "key")
                        add = AddConstraint(table, replace(key, name=name))
                        sql = f"ALTER TABLE {in_quotes(asked.model.table)} ADD CONSTRAINT"
                        sql += f" {in_quotes(name)} UNIQUE ({in_quotes(column)})"
                        yield run_sql(layout, [sql], undoes(add), outer)
                    case operation if part_of(operation, None) == other:
                        yield run_sql(layout, [one.in_sql.text], undoes(operation), outer)


def _separate(layout: Layout, node: ast.expr, now: Sequence[str], outer: str) -> str:
    """SeparateDatabaseAndState with the operation itself for the state."""
    end, one, two = layout.source.newline, f"{outer}{STEP}", f"{outer}{STEP}{STEP}"
    lines = [f"{prefix(layout)}SeparateDatabaseAndState("]
    if now:
        lines += [f"{one}database_operations=[", *(f"{two}{text}," for text in now), f"{one}],"]
    state = Copier(layout).copy(node, two)
    lines += [f"{one}state_operations=[", f"{two}{state},", f"{one}],", f"{outer})"]
    return end.join(lines)


def in_place(moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
    """What is done in place of a statement, where the whole migration runs in no transaction."""
    asked, sent = asked_by(moment), moment.statement.sent
    if asked is None or asked.layout is None or sent is None:
        return Fix(())
    layout = asked.layout
    if asked.kind == "AddIndex":
        return Fix(_called(layout, asked.call, "AddIndexConcurrently"))
    if asked.kind == "RunSQL":
        match steps:
            case [(operation,)] if builds(sent.statement, operation):
                return Fix(moved(concurrently(sent.statement, operation), sent.places or ()))
        return Fix(())
    outer = layout.indent(asked.call.node)
    inner = outer if asked.inside else f"{outer}{STEP}{STEP}"
    now = [_built(one, layout, inner) for one in _all(moment) if _is_of(one, asked)]
    node = asked.call.node
    several = now if asked.inside else [_separate(layout, node, now, outer)]
    return Fix((instead(layout, node, several),))


def _is_of(statement: Statement, asked: Asked) -> bool:
    sent = statement.sent
    return sent is not None and isinstance(sent.by, Asked) and sent.by.call is asked.call


def _built(statement: Statement, layout: Layout, outer: str) -> str:
    """The index that is built first, of what a statement asks for."""
    operation = statement.commands[0].operation
    match operation:
        case AddConstraint(table, Key() as key):
            operation = CreateIndex(table, key.name, key.index, concurrently=True, retried=True)
        case CreateIndex():
            operation = replace(operation, concurrently=True, retried=operation.shape.unique)
    return run_sql(layout, statements_for(statement, operation), undoes(operation), outer)

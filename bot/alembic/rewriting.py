"""How a revision says what a rewrite asks for, in Alembic's own operations where it has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bot.alembic import literals
from bot.alembic.building import is_all_sent, own
from bot.alembic.request import (
    FORM,
    IN_A_VALUE,
    Request,
    layout_of,
    leaves_nothing,
    request_of,
    says_more,
)
from bot.alembic.saying import NOT_VALID, as_texts, executed, relative, said, undone
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Command, Statement
from bot.model.moment import Moment
from bot.model.source import Edit
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    CreateIndex,
    Operation,
    SetNotNull,
)
from bot.python.bodies import bodies
from bot.python.calls import Change, changed
from bot.python.embedded import moved
from bot.python.layout import STEP
from bot.python.values import Known
from bot.sql.unfilled import UNFILLED, is_unfilled

Beside = Sequence[tuple[Moment, Rewrite]]
"""The rewrites of all that one call sends, each for the moment at fault."""


BLOCK = "with op.get_context().autocommit_block():"
_CALLED = NoFix(
    "The module does not call Alembic's operations `op` (`from alembic import op`), so a person has"
    " to write it."
)
_LOST = NoFix(
    "Not all that it is given can be said again at another place, so a person has to move it."
)
_NAMING = NoFix(
    "The naming convention of the metadata cannot be read, and what comes later has to know the"
    ' name that it gives: write it as `op.f("name")`, which no convention changes.'
)


def objection(finding: Finding) -> NoFix | None:
    """Why nobody can write the rewrite of `finding` where its statement stands."""
    moment, rewrite = finding.moment, finding.rewrite
    request = request_of(moment) if moment else None
    if moment is None or request is None or not isinstance(rewrite, Rewrite):
        return FORM
    if not request.ready:
        return _CALLED
    if not _stands_alone(request):
        return FORM
    if request.asked and request.asked.unnamed:
        return _NAMING
    if is_unfilled(_told_later(moment, request, rewrite)):
        return UNFILLED
    if request.asked is None:
        return literals.objection(moment, request, rewrite)
    statement = bodies(request.module).of(request.call.node)
    if statement is None:
        return IN_A_VALUE
    if any(_loses(request, one) for one in _later(rewrite)):
        return _LOST
    if not rewrite.instead and rewrite.inline is None:
        return None if _can_leave(request) else FORM
    return None if _amends(moment, request, rewrite) else FORM


def _later(rewrite: Rewrite) -> list[Operation]:
    return [operation for step in rewrite.then for operation in step.operations]


def _told_later(moment: Moment, request: Request, rewrite: Rewrite) -> Iterator[str]:
    """What comes later, and what takes that back."""
    layout = layout_of(request)
    for operation in _later(rewrite):
        yield from said(moment, request, operation, "")
        yield from undone(moment, operation, layout, "")


def _loses(request: Request, operation: Operation) -> bool:
    """Whether an index would come about without all that its author asks for."""
    return (
        isinstance(operation, CreateIndex)
        and own(request, operation, "") is None
        and not is_all_sent(request)
    )


def _stands_alone(request: Request) -> bool:
    """Whether the statement has its lines for itself."""
    statement = bodies(request.module).of(request.call.node)
    before, behind = layout_of(request).around(statement) if statement else ("", "")
    return not before.strip() and not behind.lstrip().startswith(";")


def _can_leave(request: Request) -> bool:
    asked = request.asked
    return asked is not None and (
        asked.clause is request.call.node or isinstance(asked.clause, ast.keyword)
    )


def amended(moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
    """The edits by which the command asks for `rewrite.instead`."""
    request, sent = request_of(moment), moment.statement.sent
    if request is None or sent is None:
        return ()
    if request.asked is None:
        return moved(literals.edits(moment, rewrite), sent.places or ())
    return (*_changed(request, moment, beside), *(_added(moment, request, rewrite) or ()))


def _amends(moment: Moment, request: Request, rewrite: Rewrite) -> bool:
    """Whether edits are known for it."""
    change = _change(moment, request, rewrite)
    return change is not None or _added(moment, request, rewrite) is not None


def _changed(request: Request, moment: Moment, beside: Beside) -> tuple[Edit, ...]:
    """What becomes of the arguments, together with what else becomes of the same call's."""
    changes = list[tuple[Moment, Change]]()
    for other, rewrite in beside:
        asked = request_of(other)
        change = _change(other, asked, rewrite) if asked else None
        if change:
            changes.append((other, change))
    own = next((i for i, (other, _) in enumerate(changes) if other is moment), None)
    if own is None:
        return ()
    several = [change for _, change in changes]
    return changed(layout_of(request), request.call.node, several)[own]


def _change(moment: Moment, request: Request, rewrite: Rewrite) -> Change | None:
    """What becomes of the arguments; None where that is nothing."""
    clause = request.asked.clause if request.asked else None
    match moment.command.operation, rewrite.instead:
        case AddConstraint() as old, (AddConstraint() as new,) if _same(old, new):
            if isinstance(clause, ast.Call):
                return _not_valid(request, clause, old, new)
            owner = _owner(request, clause) if _is_of_values(request) and clause else None
            return Change(owner, without=(clause,)) if owner and clause else None
        case AddColumn(), (_,) if rewrite.inline is not None:
            part = _check_at(moment, request, rewrite.inline)
            owner = _owner(request, part) if part else None
            return Change(owner, without=(part,)) if owner and part else None
        case SetNotNull(), (_, *_) if isinstance(clause, ast.keyword) and says_more(request.call):
            return Change(request.call.node, without=(clause,))
        case operation, () if isinstance(clause, ast.keyword):
            owner = _owner(request, clause)
            gone = _words(owner, clause, operation) if owner else ()
            return Change(owner, without=gone) if owner else None
    return None


def _words(column: ast.Call, clause: ast.keyword, operation: Operation) -> tuple[ast.keyword, ...]:
    """What asks for it: `unique=True` beside `index=True` makes the one index a unique one."""
    both = isinstance(operation, CreateIndex) and operation.shape.unique
    unique = (one for one in column.keywords if both and one.arg == "unique")
    return (*unique, clause)


def _same(old: AddConstraint, new: AddConstraint) -> bool:
    return type(old.constraint) is type(new.constraint) and old.table == new.table


def _is_of_values(request: Request) -> bool:
    """Whether it is the check of an enum's values, for which its type alone asks."""
    return request.asked is not None and request.asked.condition is not None


def _not_valid(
    request: Request, clause: ast.Call, old: AddConstraint, new: AddConstraint
) -> Change:
    """The author's own call, with a name where it has none, and not valid."""
    more, instead = [f"{NOT_VALID}=True"], list[tuple[ast.AST, str]]()
    if old.constraint.name is None and new.constraint.name is not None:
        name = layout_of(request).string(new.constraint.name)
        first = request.call.arguments[0] if request.call.arguments else None
        own = clause is request.call.node
        if own and first and first.value == Known(None):
            instead.append((first.node, name))
        else:
            more.insert(0, f"{'constraint_name' if own else 'name'}={name}")
    return Change(clause, tuple(more), instead=tuple(instead))


def _check_at(moment: Moment, request: Request, index: int) -> ast.Call | None:
    """The check of a column, which is the command's part at `index`."""
    operation = moment.command.operation
    if not isinstance(operation, AddColumn) or not isinstance(operation.constraints[index], Check):
        return None
    span = moment.command.parts[index] if index < len(moment.command.parts) else None
    parts = request.asked.parts if request.asked else ()
    return next(
        (one for one in parts if isinstance(one, ast.Call) and request.module.span(one) == span),
        None,
    )


def _owner(request: Request, part: ast.AST) -> ast.Call | None:
    """The call that has this argument."""
    inside = (one for one in ast.walk(request.call.node) if isinstance(one, ast.Call))
    return next((one for one in inside if part in one.keywords or part in one.args), None)


def _added(moment: Moment, request: Request, rewrite: Rewrite) -> tuple[Edit, ...] | None:
    """Statements that come below the call, or in its place; None where none is known."""
    statement = bodies(request.module).of(request.call.node)
    if statement is None:
        return None
    indent = layout_of(request).indent(request.batch or statement)
    match moment.command.operation, rewrite.instead:
        case AddConstraint() as old, (AddConstraint() as new,) if _same(old, new):
            if not _is_of_values(request):
                return ()
            if not _change(moment, request, rewrite):
                return None
            return (
                _below(request, statement, relative(said(moment, request, new, indent), indent)),
            )
        case AddColumn(), (wanted,) if rewrite.inline is not None:
            part = _check_at(moment, request, rewrite.inline)
            if part is None:
                return None
            texts = said(moment, request, wanted, indent, part)
            return (_below(request, statement, relative(texts, indent)),)
        case SetNotNull(), (_, *_) as several:
            texts = [text for one in several for text in said(moment, request, one, indent)]
            lines = relative(texts, indent)
            if says_more(request.call):
                return (_below(request, statement, lines),)
            return _replaced(request, lines)
        case _, (_, *_) as several if request.asked and request.asked.clause is request.call.node:
            sql = [text for one in several for text in as_texts(moment, one)]
            texts = executed(layout_of(request), sql, indent)
            return _replaced(request, relative(texts, indent))
    return None


def _below(request: Request, statement: ast.stmt, lines: Sequence[str]) -> Edit:
    """Below the call, or below the batch in which it is made, which sends it when it ends."""
    return layout_of(request).below(request.batch or statement, lines)


def _replaced(request: Request, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Other statements in the place of the call; in a batch, behind it."""
    layout, statement = layout_of(request), bodies(request.module).of(request.call.node)
    if statement is None:
        return ()
    if request.batch is not None:
        gone = layout.without(statement, empty=leaves_nothing(request, statement))
        return gone, _below(request, statement, lines)
    indent, end = layout.indent(statement), request.module.source.newline
    return (Edit(request.module.span(statement), f"{end}{indent}".join(lines)),)


def removed(statement: Statement, commands: Sequence[Command], beside: Beside) -> tuple[Edit, ...]:
    """The edits by which a revision no longer asks for these commands."""
    sent = statement.sent
    if sent is None or not isinstance(sent.by, Request):
        return ()
    request = sent.by
    expression = bodies(request.module).of(request.call.node)
    if expression is None:
        return ()
    if request.asked is None:
        return literals.removed(statement, commands, request, expression)
    if isinstance(request.asked.clause, ast.keyword):
        moment = next((one for one, _ in beside if one.statement is statement), None)
        return _changed(request, moment, beside) if moment else ()
    empty = leaves_nothing(request, expression)
    return (layout_of(request).without(expression, empty=empty),)


def in_place(moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
    """What PostgreSQL takes outside of transactions only, in a block that has none."""
    request = request_of(moment)
    statement = bodies(request.module).of(request.call.node) if request else None
    if request is None or statement is None:
        return Fix(())
    inside = f"{layout_of(request).indent(request.batch or statement)}{STEP}"
    operations = [operation for step in steps for operation in step]
    texts = [text for one in operations for text in said(moment, request, one, inside)]
    lines = [BLOCK, *(f"{STEP}{line}" for line in relative(texts, inside))]
    return Fix(_replaced(request, lines))

"""How a revision says what a rewrite asks for, in Alembic's own operations where it has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.alembic.columns import Clause
from bot.alembic.reading import Request
from bot.alembic.sender import plain_name
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Command, Statement
from bot.model.moment import Moment
from bot.model.source import Edit
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    Check,
    CreateIndex,
    DropConstraint,
    ForeignKey,
    Key,
    NotNullCheck,
    OnTable,
    Operation,
    SetNotNull,
)
from bot.python.bodies import bodies
from bot.python.calls import Change, changed
from bot.python.embedded import moved
from bot.python.layout import STEP, Layout
from bot.python.values import Call, Known
from bot.sql.amending import amended as amended_sql
from bot.sql.amending import removed as removed_sql
from bot.sql.amending import restated, restates
from bot.sql.writing import quoted, written

Beside = Sequence[tuple[Moment, Rewrite]]
"""The rewrites of all that one call sends, each for the moment at fault."""

BLOCK = "with op.get_context().autocommit_block():"
NOT_VALID = "postgresql_not_valid"
CONCURRENTLY = "postgresql_concurrently"

_FORM = NoFix("It is written in a form that is not changed for you; a person has to do it.")
_IN_A_VALUE = NoFix("Something is done with the call's result, so a person has to change it.")
_NAMING = NoFix(
    "Give the constraint a name: the naming convention of the metadata cannot be read, and what"
    " validates the constraint has to know its name."
)
_MIXED = NoFix("What would be written there does not go into the string as it is written.")


def request_of(moment: Moment) -> Request | None:
    sent = moment.statement.sent
    return sent.by if sent and isinstance(sent.by, Request) else None


def layout_of(request: Request) -> Layout:
    return Layout(request.module, request.width)


def objection(finding: Finding) -> NoFix | None:
    """Why nobody can write the rewrite of `finding` where its statement stands."""
    moment, rewrite = finding.moment, finding.rewrite
    request = request_of(moment) if moment else None
    if moment is None or request is None or not isinstance(rewrite, Rewrite):
        return _FORM
    if request.asked is None:
        return _objection_to_sql(moment, request, rewrite)
    if request.asked.unnamed:
        return _NAMING
    statement = bodies(request.module).of(request.call.node)
    if statement is None:
        return _IN_A_VALUE
    if not rewrite.instead and rewrite.inline is None:
        return None if _can_leave(request) else _FORM
    return None if _amends(moment, request, rewrite) else _FORM


def _can_leave(request: Request) -> bool:
    asked = request.asked
    return asked is not None and (
        asked.clause is request.call.node or isinstance(asked.clause, ast.keyword)
    )


# SQL in a string


def _objection_to_sql(moment: Moment, request: Request, rewrite: Rewrite) -> NoFix | None:
    sent = moment.statement.sent
    if sent is None or sent.places is None:
        return _FORM
    if bodies(request.module).of(request.call.node) is None:
        return _IN_A_VALUE
    if not rewrite.instead and rewrite.inline is None:
        return None
    edits = _sql_edits(moment, rewrite)
    return None if all(_fits(request, edit.text) for edit in edits) else _MIXED


def _fits(request: Request, text: str) -> bool:
    """Whether the text can stand in the string as it is."""
    literal = request.module.source[request.module.span(request.node)] if request.node else ""
    opening = literal.lstrip("rRuUbB")[:3]
    triple = opening in ('"""', "'''")
    quote = opening if triple else opening[:1]
    return quote not in text and "\\" not in text and (triple or "\n" not in text)


def _sql_edits(moment: Moment, rewrite: Rewrite) -> tuple[Edit, ...]:
    statement = moment.statement
    sql = statement.in_sql
    index = next(i for i, one in enumerate(statement.commands) if one is moment.command)
    return amended_sql(sql, sql.commands[index], rewrite.instead, rewrite.inline)


def amended(moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
    """The edits by which the command asks for `rewrite.instead`."""
    request, sent = request_of(moment), moment.statement.sent
    if request is None or sent is None:
        return ()
    if request.asked is None:
        return moved(_sql_edits(moment, rewrite), sent.places or ())
    return (*_changed(request, moment, beside), *(_added(moment, request, rewrite) or ()))


# Alembic's operations


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
            return _not_valid(request, clause, old, new)
        case AddColumn(), (_,) if rewrite.inline is not None:
            part = _check_at(moment, request, rewrite.inline)
            owner = _owner(request, part) if part else None
            return Change(owner, without=(part,)) if owner and part else None
        case SetNotNull(), (_, *_) if isinstance(clause, ast.keyword) and says_more(request.call):
            return Change(request.call.node, without=(clause,))
        case _, () if isinstance(clause, ast.keyword):
            owner = _owner(request, clause)
            return Change(owner, without=(clause,)) if owner else None
    return None


def _same(old: AddConstraint, new: AddConstraint) -> bool:
    return type(old.constraint) is type(new.constraint) and old.table == new.table


def _not_valid(
    request: Request, clause: Clause | None, old: AddConstraint, new: AddConstraint
) -> Change | None:
    """The author's own call, with a name where it has none, and not valid."""
    if not isinstance(clause, ast.Call):
        return None
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


def says_more(call: Call) -> bool:
    """Whether a column is altered in other ways as well."""
    return any(
        one.arg in ("type_", "server_default", "new_column_name", "comment")
        for one in call.node.keywords
    )


def _check_at(moment: Moment, request: Request, index: int) -> ast.Call | None:
    """The check of a column, which is the command's part at `index`."""
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
            return ()
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
            sql = [text for one in several for text in _as_texts(moment, one)]
            texts = executed(layout_of(request), sql, indent)
            return _replaced(request, relative(texts, indent))
    return None


def relative(texts: Sequence[str], indent: str) -> list[str]:
    """The lines of statements that are laid out for `indent`, as they are without it."""
    return [line.removeprefix(indent) for text in texts for line in text.split("\n")]


def _below(request: Request, statement: ast.stmt, lines: Sequence[str]) -> Edit:
    """Below the call, or below the batch in which it is made, which sends it when it ends."""
    return layout_of(request).below(request.batch or statement, lines)


def _replaced(request: Request, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Other statements in the place of the call; in a batch, behind it."""
    layout, statement = layout_of(request), bodies(request.module).of(request.call.node)
    if statement is None:
        return ()
    if request.batch is not None:
        gone = layout.without(statement, empty=_leaves_nothing(request, statement))
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
        return _removed_sql(statement, commands, request, expression)
    if isinstance(request.asked.clause, ast.keyword):
        moment = next((one for one, _ in beside if one.statement is statement), None)
        return _changed(request, moment, beside) if moment else ()
    empty = _leaves_nothing(request, expression)
    return (layout_of(request).without(expression, empty=empty),)


def _removed_sql(
    statement: Statement, commands: Sequence[Command], request: Request, expression: ast.Expr
) -> tuple[Edit, ...]:
    sql, sent = statement.in_sql, statement.sent
    gone = {id(one) for one in commands}
    pairs = zip(statement.commands, sql.commands, strict=True)
    inner = [two for one, two in pairs if id(one) in gone]
    everything = len(inner) == len(sql.commands) and sql.source.text.strip(" \t\r\n;") == sql.text
    if everything:
        empty = _leaves_nothing(request, expression)
        return (layout_of(request).without(expression, empty=empty),)
    return moved(removed_sql(sql, inner), sent.places if sent and sent.places else ())


_LEAVING = frozenset({"create_index", "create_unique_constraint", "create_primary_key"})
_LEAVING |= {"alter_column", "execute"}


def _leaves_nothing(request: Request, statement: ast.Expr) -> bool:
    """Whether the block may have no statement left: then its first one becomes `pass`."""
    block = bodies(request.module).beside(request.call.node)
    others = [one for one in block if not _is_text(one)]
    if not all(_may_leave(one) for one in others):
        return False
    return bool(others) and others[0] is statement


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _may_leave(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(_, name))):
            return name in _LEAVING
    return False


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


# What is said


def said(
    moment: Moment,
    request: Request,
    operation: Operation,
    indent: str,
    check: ast.Call | None = None,
) -> list[str]:
    """`operation` as statements of a revision; `check` has the condition in the author's words."""
    layout = layout_of(request)
    match operation:
        case CreateIndex() if own := _own_index(request):
            clearing = executed(layout, _clearing(moment, operation), indent)
            return [*clearing, layout.call("op.create_index", own, indent)]
        case CreateIndex(name=str(name)) if _is_simple(operation) and request.asked:
            clearing = executed(layout, _clearing(moment, operation), indent)
            columns = ", ".join(layout.string(one) for one in operation.shape.columns)
            arguments = [layout.string(name), layout.string(operation.table.name), f"[{columns}]"]
            arguments += ["unique=True"] if operation.shape.unique else []
            arguments += [*_schema(layout, operation.table), f"{CONCURRENTLY}=True"]
            return [*clearing, layout.call("op.create_index", arguments, indent)]
        case AddConstraint(constraint=Check(not_valid=True)) if condition := _condition(
            layout, operation, check
        ):
            name = operation.constraint.name or ""
            arguments = [layout.string(name), layout.string(operation.table.name), condition]
            arguments += [*_schema(layout, operation.table), f"{NOT_VALID}=True"]
            return [layout.call("op.create_check_constraint", arguments, indent)]
        case SetNotNull(table, name):
            return [_nullable(layout, table, name, "False", indent)]
        case DropConstraint(table, name) if not operation.if_exists:
            arguments = [layout.string(name), layout.string(table.name)]
            arguments += [f"type_={layout.string('check')}", *_schema(layout, table)]
            return [layout.call("op.drop_constraint", arguments, indent)]
    return executed(layout, list(_as_texts(moment, operation)), indent)


def _condition(layout: Layout, add: AddConstraint, check: ast.Call | None) -> str | None:
    if check is not None and check.args:
        return layout.text(check.args[0])
    if isinstance(add.constraint, NotNullCheck):
        return layout.string(f"{quoted(add.constraint.column)} IS NOT NULL")
    return None


def _schema(layout: Layout, table: QualifiedName) -> list[str]:
    return [f"schema={layout.string(table.schema)}"] if table.schema else []


def _own_index(request: Request) -> list[str] | None:
    """The arguments of the author's own create_index(), where those need nothing but themselves."""
    if request.name != "create_index" or request.batch is not None:
        return None
    several = [*request.call.node.args, *request.call.node.keywords]
    for one in several:
        for inner in ast.walk(one):
            if isinstance(inner, ast.Name) and inner.id not in ("sa", "op"):
                return None
            if isinstance(inner, ast.Starred) or (isinstance(inner, ast.keyword) and not inner.arg):
                return None
    layout = layout_of(request)
    texts = [" ".join(layout.text(one).split()) for one in several]
    return [*texts, f"{CONCURRENTLY}=True"]


def needs_sqlalchemy(lines: Sequence[str]) -> bool:
    return any("sa." in line for line in lines)


def _is_simple(index: CreateIndex) -> bool:
    shape = index.shape
    plain = not (shape.including or shape.nulls_not_distinct or shape.options or shape.tablespace)
    return plain and not index.if_not_exists


def _clearing(moment: Moment, index: CreateIndex) -> list[str]:
    return [text for text in _as_texts(moment, index) if text.startswith("DROP INDEX")]


def _as_texts(moment: Moment, operation: Operation) -> Iterator[str]:
    """`operation` as SQL, each statement without its semicolon."""
    statement = moment.statement.in_sql
    if restates(statement, operation):
        yield from restated(statement, operation)
    else:
        yield from written(operation)


def executed(layout: Layout, several: Sequence[str], indent: str) -> list[str]:
    texts = (" ".join(text.split()) for text in several)
    return [layout.call("op.execute", [layout.string(text)], indent) for text in texts]


def _as_sql(moment: Moment, several: Sequence[OnTable]) -> Iterator[str]:
    request = request_of(moment)
    if request is None:
        return
    statement = bodies(request.module).of(request.call.node)
    indent = layout_of(request).indent(statement) if statement else ""
    for one in several:
        yield from executed(layout_of(request), list(_as_texts(moment, one)), indent)


def undone(
    moment: Moment,
    operation: Operation,
    layout: Layout,
    indent: str,
    *,
    concurrently: bool = True,
) -> list[str]:
    """What takes `operation` back, as statements of a revision."""
    table = getattr(operation, "table", None)
    where = layout.string(table.name) if isinstance(table, QualifiedName) else ""
    schema = _schema(layout, table) if isinstance(table, QualifiedName) else []
    match operation:
        case CreateIndex(name=str(name)):
            arguments = [layout.string(name), f"table_name={where}", *schema]
            arguments += [f"{CONCURRENTLY}=True"] if concurrently else []
            arguments.append("if_exists=True")
            return [layout.call("op.drop_index", arguments, indent)]
        case SetNotNull(_, column_name):
            return [_nullable(layout, operation.table, column_name, "True", indent)]
        case DropConstraint(_, name) if helper := _helper(moment, name):
            add = AddConstraint(operation.table, replace(helper, not_valid=True))
            request = request_of(moment)
            return said(moment, request, add, indent) if request else []
        case AddConstraint(constraint=constraint) if constraint.name:
            arguments = [layout.string(constraint.name), where, *_kind(layout, operation), *schema]
            return [layout.call("op.drop_constraint", arguments, indent)]
    return []


def _nullable(layout: Layout, table: QualifiedName, column: str, value: str, indent: str) -> str:
    arguments = [layout.string(table.name), layout.string(column), f"nullable={value}"]
    return layout.call("op.alter_column", [*arguments, *_schema(layout, table)], indent)


def _helper(moment: Moment, name: str) -> NotNullCheck | None:
    """The check of that name, which proves that a column is not null."""
    match moment.outcome.operation:
        case SetNotNull(helper=NotNullCheck() as helper) if helper.name == name:
            return helper
        case AddConstraint(constraint=Key(checks=checks)):
            return next((one for one in checks if one.name == name), None)
    return None


def _kind(layout: Layout, add: AddConstraint) -> list[str]:
    match add.constraint:
        case Key(kind="UNIQUE"):
            return [f"type_={layout.string('unique')}"]
        case Key(kind="PRIMARY KEY"):
            return [f"type_={layout.string('primary')}"]
        case ForeignKey():
            return [f"type_={layout.string('foreignkey')}"]
        case Check():
            return [f"type_={layout.string('check')}"]
    return []


def drop_of(name: str, module_calls: Sequence[Call]) -> Call | None:
    """The call that drops the constraint or index of this name."""
    for call in module_calls:
        drops = call.path.rpartition(".")[2] in ("drop_index", "drop_constraint")
        if drops and call.arguments and plain_name(call.arguments[0].value) == Known(name):
            return call
    return None

"""A revision's downgrade still takes back what its upgrade does, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bot.alembic.reading import settled
from bot.alembic.request import request_of, says_more
from bot.alembic.saying import undone
from bot.alembic.sender import plain_name
from bot.model.moment import Moment
from bot.model.source import Edit
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    Constraint,
    CreateIndex,
    DropConstraint,
    Key,
    Operation,
    SetNotNull,
)
from bot.python.bodies import bodies
from bot.python.calls import Change, changed
from bot.python.events import Made
from bot.python.execution import Execution
from bot.python.layout import Layout
from bot.python.parsing import Module
from bot.python.values import Call, Known, Local

Asked = Sequence[tuple[Moment, Operation]]


def edits_below(asked: Asked, layout: Layout) -> Iterator[tuple[Moment, Edit]]:
    """What the downgrade no longer takes back, since a later revision does; for which moment."""
    calls = list(_downgrade(layout.module))
    for moment, operation in asked:
        helper = _helper(moment, asked) if isinstance(operation, SetNotNull) else None
        for edit in _edits(moment, operation, helper, layout, calls):
            yield moment, edit


def takes_back(moment: Moment, operation: Operation, asked: Asked, layout: Layout) -> bool:
    """Whether a later revision takes `operation` back, or the revision itself still does.

    That is so where its downgrade speaks of it in another way than by Alembic's own operation.
    """
    calls = list(_downgrade(layout.module))
    match operation:
        case CreateIndex(name=str(name)) | AddConstraint(constraint=Constraint(name=str(name))):
            return _drop_of(name, calls) is not None or not _mentions(layout.module, name)
        case DropConstraint(_, name):
            columns = [
                one.column
                for other, one in asked
                if other is moment and isinstance(one, SetNotNull)
            ]
            known = (_nullable(column, moment, calls) for column in columns)
            key = moment.command.operation
            owner = key.constraint.name if isinstance(key, AddConstraint) else None
            return any(known) or (owner is not None and _drop_of(owner, calls) is not None)
    return True


def _mentions(module: Module, name: str) -> bool:
    """Whether the downgrade has these words in it."""
    functions = (node for node in module.tree.body if isinstance(node, ast.FunctionDef))
    own = (module.source[module.span(one)] for one in functions if one.name == "downgrade")
    return any(name in text for text in own)


def _edits(
    moment: Moment,
    operation: Operation,
    helper: AddConstraint | None,
    layout: Layout,
    calls: Sequence[Call],
) -> Iterator[Edit]:
    match operation:
        case CreateIndex(name=str(name)) if _is_index(moment):
            yield from _dropped(layout, _drop_of(name, calls), ())
        case AddConstraint(table, Key(name=str(name), using_index=str(index)) as key):
            drop = _drop_of(name, calls)
            left = [CreateIndex(table, index, key.index), *_checks(moment, table)]
            lines = [line for one in left for line in _back(moment, one, layout, drop)]
            yield from _dropped(layout, drop, lines)
        case SetNotNull(_, column) if helper is not None:
            yield from _nulls_again(layout, moment, helper, _nullable(column, moment, calls))


def _checks(moment: Moment, table: QualifiedName) -> list[AddConstraint]:
    """The checks that the revision adds for a primary key, and a later one drops."""
    match moment.outcome.operation:
        case AddConstraint(constraint=Key(checks=checks)):
            return [AddConstraint(table, one) for one in checks]
    return []


def _is_index(moment: Moment) -> bool:
    """Whether the author asks for an index, not for a constraint that needs one."""
    return isinstance(moment.command.operation, CreateIndex)


def _helper(moment: Moment, asked: Asked) -> AddConstraint | None:
    """The check that the revision adds, and a later one drops."""
    request = request_of(moment)
    if request is None:
        return None
    dropped = {
        one.name for other, one in asked if other is moment and isinstance(one, DropConstraint)
    }
    outcome = moment.outcome.operation
    match outcome:
        case SetNotNull(table, _, helper=helper) if helper and helper.name in dropped:
            written = moment.command.operation
            owner = written.table if isinstance(written, SetNotNull) else table
            return AddConstraint(owner, helper)
    return None


def _downgrade(module: Module) -> Iterator[Call]:
    execution = Execution(module, settled)
    function = execution.globals.own.get("downgrade")
    if isinstance(function, Local):
        execution.run(function)
        for event in execution.events:
            if isinstance(event, Made) and not execution.repeated(event.call):
                yield event.call


def _nullable(column: str, moment: Moment, calls: Sequence[Call]) -> Call | None:
    """The call that lets the column be null again."""
    table = getattr(moment.command.operation, "table", None)
    for call in calls:
        bound = call.bound("table_name", "column_name")
        if call.path == "alembic.op.batch_alter_table().alter_column":
            bound = call.bound("column_name")
        elif call.path != "alembic.op.alter_column":
            continue
        nullable = bound.get("nullable")
        named, owner = bound.get("column_name"), bound.get("table_name")
        same = owner is None or (table is not None and owner.value == Known(table.name))
        if (
            same
            and named
            and named.value == Known(column)
            and nullable
            and nullable.value == Known(True)
        ):
            return call
    return None


def _nulls_again(
    layout: Layout, moment: Moment, helper: AddConstraint, call: Call | None
) -> Iterator[Edit]:
    """The check is dropped where the column was to be null again, and all else stays."""
    if call is None:
        return
    statement = bodies(layout.module).of(call.node)
    lines = _back(moment, helper, layout, call)
    if statement is None or not says_more(call):
        yield from _dropped(layout, call, lines)
        return
    keyword = next(one for one in call.node.keywords if one.arg == "nullable")
    ((edit, *more),) = changed(layout, call.node, [Change(call.node, without=(keyword,))])
    indent = layout.indent(statement)
    below = [line.removeprefix(indent) for text in lines for line in text.split("\n")]
    yield from (edit, *more, layout.below(statement, below))


def _back(moment: Moment, operation: Operation, layout: Layout, call: Call | None) -> list[str]:
    """What takes `operation` back where now `call` stands, in a transaction."""
    indent = layout.indent(call.node) if call else ""
    return undone(moment, operation, layout, indent, concurrently=False)


def _dropped(layout: Layout, call: Call | None, lines: Sequence[str]) -> Iterator[Edit]:
    """Without the call, or with other lines in its place."""
    statement = bodies(layout.module).of(call.node) if call else None
    if call is None or statement is None:
        return
    if lines:
        indent, end = layout.indent(statement), layout.source.newline
        yield Edit(layout.module.span(statement), f"{end}{indent}".join(lines))
    else:
        block = bodies(layout.module).beside(call.node)
        others = [one for one in block if not _is_drop(one)]
        yield layout.without(statement, empty=not others and block[0] is statement)


def _is_drop(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(_, name))):
            return name in ("drop_index", "drop_constraint")
        case ast.Expr(ast.Constant()):
            return True
    return False


def at_the_end(layout: Layout, lines: Sequence[str]) -> Edit | None:
    """Lines at the end of the function `upgrade`."""
    functions = (
        node
        for node in layout.module.tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    function = next(functions, None)
    return layout.below(function.body[-1], lines) if function else None


def _drop_of(name: str, module_calls: Sequence[Call]) -> Call | None:
    """The call that drops the constraint or index of this name."""
    for call in module_calls:
        drops = call.path.rpartition(".")[2] in ("drop_index", "drop_constraint")
        if drops and call.arguments and plain_name(call.arguments[0].value) == Known(name):
            return call
    return None

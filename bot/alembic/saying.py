"""Operations as statements of a revision, and what takes them back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.alembic.building import CONCURRENTLY, is_simple, own
from bot.alembic.request import Request, layout_of, request_of
from bot.model.moment import Moment
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    Check,
    CreateIndex,
    DropConstraint,
    ForeignKey,
    Key,
    NotNullCheck,
    Operation,
    SetNotNull,
)
from bot.python.layout import Layout
from bot.sql.amending import restated, restates
from bot.sql.writing import quoted, written

NOT_VALID = "postgresql_not_valid"
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


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
        case CreateIndex() if text := own(request, operation, indent):
            return [*executed(layout, _clearing(moment, operation), indent), text]
        case CreateIndex(name=str(name)) if is_simple(operation) and request.asked:
            clearing = executed(layout, _clearing(moment, operation), indent)
            columns = ", ".join(layout.string(one) for one in operation.shape.columns)
            arguments = [layout.string(name), layout.string(operation.table.name), f"[{columns}]"]
            arguments += ["unique=True"] if operation.shape.unique else []
            arguments += [*_schema(layout, operation.table), f"{CONCURRENTLY}=True"]
            return [*clearing, layout.call("op.create_index", arguments, indent)]
        case AddConstraint(constraint=Check(not_valid=True)) if condition := _condition(
            request, operation, check
        ):
            name = _final(request, operation.constraint.name or "")
            arguments = [name, layout.string(operation.table.name), condition]
            arguments += [*_schema(layout, operation.table), f"{NOT_VALID}=True"]
            return [layout.call("op.create_check_constraint", arguments, indent)]
        case SetNotNull(table, name):
            return [_nullable(layout, table, name, "False", indent)]
        case DropConstraint(table, name) if not operation.if_exists:
            arguments = [_final(request, name), layout.string(table.name)]
            arguments += [f"type_={layout.string('check')}", *_schema(layout, table)]
            return [layout.call("op.drop_constraint", arguments, indent)]
    return executed(layout, list(as_texts(moment, operation)), indent)


def _final(request: Request, name: str) -> str:
    """A name as it is, whatever convention there may be."""
    text = layout_of(request).string(name)
    return f"op.f({text})" if request.named else text


def _condition(request: Request, add: AddConstraint, check: ast.Call | None) -> str | None:
    layout = layout_of(request)
    if check is not None:
        named = (one.value for one in check.keywords if one.arg == "sqltext")
        return layout.text(next(iter(check.args), None) or next(named))
    if isinstance(add.constraint, NotNullCheck):
        return layout.string(f"{quoted(add.constraint.column)} IS NOT NULL")
    if request.asked and request.asked.condition is not None:
        return layout.string(_without_parameters(request.asked.condition))
    return None


def _schema(layout: Layout, table: QualifiedName) -> list[str]:
    return [f"schema={layout.string(table.schema)}"] if table.schema else []


def needs_sqlalchemy(lines: Sequence[str]) -> bool:
    return any("sa." in line for line in lines)


def _clearing(moment: Moment, index: CreateIndex) -> list[str]:
    return [text for text in as_texts(moment, index) if text.startswith("DROP INDEX")]


def as_texts(moment: Moment, operation: Operation) -> Iterator[str]:
    """`operation` as SQL, each statement without its semicolon."""
    statement = moment.statement.in_sql
    if restates(statement, operation):
        yield from restated(statement, operation)
    else:
        yield from written(operation)


def executed(layout: Layout, several: Sequence[str], indent: str) -> list[str]:
    texts = (_without_parameters(_on_one_line(text)) for text in several)
    return [layout.call("op.execute", [layout.string(text)], indent) for text in texts]


def _without_parameters(sql: str) -> str:
    """As SQLAlchemy's text() takes it, where a name behind a colon would be one."""
    return _PARAMETER.sub(r"\\:", sql)


def _on_one_line(sql: str) -> str:
    """Where nothing is quoted; the line ends of names and strings are their own."""
    return sql if re.search(r"[\"'$]|--", sql) else " ".join(sql.split())


def relative(texts: Sequence[str], indent: str) -> list[str]:
    """The lines of statements that are laid out for `indent`, as they are without it."""
    return [line.removeprefix(indent) for text in texts for line in text.split("\n")]


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
            request = request_of(moment)
            name = _final(request, constraint.name) if request else layout.string(constraint.name)
            arguments = [name, where, *_kind(layout, operation), *schema]
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

"""Operations as they are written: Django's own where it has them, else RunSQL."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bot.django.clauses import DEFERRED
from bot.django.editor import Asked
from bot.django.names import quoted as in_quotes
from bot.model.migration import Statement
from bot.model.moment import Moment
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    Check,
    CreateIndex,
    DropConstraint,
    ForeignKey,
    NotNull,
    NotNullCheck,
    OnTable,
    Operation,
    SetNotNull,
    ValidateConstraint,
    Write,
)
from bot.python.copies import Copier
from bot.python.layout import STEP, Layout
from bot.python.values import text_of
from bot.sql.amending import restated, restates
from bot.sql.writing import written


def asked_by(moment: Moment) -> Asked | None:
    sent = moment.statement.sent
    return sent.by if sent and isinstance(sent.by, Asked) else None


def prefix(layout: Layout) -> str | None:
    """How the module calls `django.db.migrations`, with the dot; None where it does not."""
    for node in layout.module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "django.db" and not node.level:
            for one in node.names:
                if one.name == "migrations":
                    return f"{one.asname or one.name}."
    return None


def run_sql(layout: Layout, statements: Sequence[str], back: str, outer: str) -> str:
    """RunSQL of one statement, or of several one after another."""
    several = [layout.string(one) for one in statements]
    end, inner = layout.source.newline, f"{outer}{STEP}"
    sql = f"sql={several[0]}"
    if len(several) > 1:
        lines = "".join(f"{inner}{STEP}{one},{end}" for one in several)
        sql = f"sql=[{end}{lines}{inner}]"
    name = prefix(layout) or "migrations."
    reverse = layout.string(back) if back else f"{name}RunSQL.noop"
    return layout.call(f"{name}RunSQL", [sql, f"reverse_sql={reverse}"], outer, ",")


def statements_for(statement: Statement, operation: Operation) -> list[str]:
    """An operation as SQL, without semicolons."""
    sql = statement.in_sql
    if restates(sql, operation):
        return restated(sql, operation)
    return written(operation)


def undoes(operation: Operation) -> str:
    """The SQL that takes an operation back; "" where nothing has to be."""
    match operation:
        case AddConstraint(table, NotNull(column=column)) | SetNotNull(table, column):
            return f"ALTER TABLE {_table(table)} ALTER COLUMN {in_quotes(column)} DROP NOT NULL"
        case AddConstraint(table, constraint):
            name = in_quotes(constraint.name or "")
            return f"ALTER TABLE {_table(table)} DROP CONSTRAINT IF EXISTS {name}"
        case CreateIndex(_, str() as name, concurrently=True):
            return f"DROP INDEX CONCURRENTLY IF EXISTS {in_quotes(name)}"
        case CreateIndex(_, str() as name):
            return f"DROP INDEX IF EXISTS {in_quotes(name)}"
    return ""


def _table(name: QualifiedName) -> str:
    return ".".join(in_quotes(part) for part in (name.schema, name.name) if part)


def at_once(moment: Moment, operation: OnTable, outer: str, layout: Layout) -> str:
    """What takes the place of a command, not valid yet."""
    return run_sql(layout, [_not_valid(moment, operation)], undoes(operation), outer)


def _not_valid(moment: Moment, operation: OnTable) -> str:
    match operation:
        case AddConstraint(table, ForeignKey() as key):
            columns = ", ".join(map(in_quotes, key.columns))
            referenced = ", ".join(map(in_quotes, key.referenced_columns))
            return (
                f"ALTER TABLE {_table(table)} ADD CONSTRAINT {in_quotes(key.name or '')}"
                f" FOREIGN KEY ({columns}) REFERENCES {_table(key.referenced)} ({referenced})"
                f"{DEFERRED} NOT VALID"
            )
        case AddConstraint(table, Check() as check) if not isinstance(check, NotNullCheck):
            asked = asked_by(moment)
            condition = asked.field.check if asked and asked.field else ""
            name = in_quotes(check.name or "")
            return (
                f"ALTER TABLE {_table(table)} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID"
            )
    return "; ".join(written(operation))


def later(moment: Moment, operation: Operation, layout: Layout, outer: str) -> Iterator[str]:
    """The operations of a migration that do what is put off."""
    asked = asked_by(moment)
    model = asked.model.name.lower() if asked and asked.model else None
    if asked and _is_first(operation, moment):
        for text in fills(moment, asked):
            yield run_sql(layout, [text, "SET CONSTRAINTS ALL IMMEDIATE"], "", outer)
    match operation:
        case ValidateConstraint(_, name) if model:
            given = [f"model_name={layout.string(model)}", f"name={layout.string(name)}"]
            yield _spread("ValidateConstraint", given, layout, outer)
        case CreateIndex() if asked and asked.kind == "AddIndex":
            yield add_index(asked, layout, outer)
        case CreateIndex():
            several = statements_for(moment.statement, operation)
            yield run_sql(layout, several, undoes(operation), outer)
        case DropConstraint():
            yield run_sql(layout, written(operation), "", outer)
        case _:
            several = statements_for(moment.statement, operation)
            yield run_sql(layout, several, undoes(operation), outer)


def _spread(name: str, arguments: Sequence[str], layout: Layout, outer: str) -> str:
    """A call with each argument on a line of its own, as `makemigrations` writes them."""
    end = layout.source.newline
    lines = "".join(f"{outer}{STEP}{one},{end}" for one in arguments)
    return f"{name}({end}{lines}{outer})"


def _is_first(operation: Operation, moment: Moment) -> bool:
    """Whether it is what begins the later part of SET NOT NULL."""
    return isinstance(moment.command.operation, SetNotNull) and isinstance(
        operation, ValidateConstraint
    )


def fills(moment: Moment, asked: Asked) -> Iterator[str]:
    """The statements by which Django gives the rows a value that have none."""
    for batch in moment.migration.batches:
        for one in batch.statements:
            of_it = one.sent and isinstance(one.sent.by, Asked) and one.sent.by.call is asked.call
            if of_it and any(isinstance(each.operation, Write) for each in one.commands):
                yield one.in_sql.text


def add_index(asked: Asked, layout: Layout, outer: str) -> str:
    """The author's own index, concurrently."""
    index = asked.call.bound("model_name", "index")["index"]
    text = Copier(layout).copy(index.node, f"{outer}{STEP}", len("index="))
    model = text_of(asked.call.bound("model_name", "index")["model_name"].value) or ""
    given = [f"model_name={layout.string(model)}", f"index={text}"]
    return _spread("AddIndexConcurrently", given, layout, outer)

"""Columns that are added, altered and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.alembic.columns import (
    Clause,
    ColumnSql,
    clause_of,
    column,
    default_sql,
    expression,
    given,
    identifier,
    identity_sql,
    literal,
    values_condition,
)
from bot.alembic.sender import (
    Asked,
    Sender,
    flag,
    is_none,
    not_valid,
    referenced_table,
    references,
)
from bot.alembic.types import checked_enum, is_own, type_sql
from bot.python.embedded import hole
from bot.python.values import Call, Known, Value, text_of, truth


def add_column(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("table_name", "column")
    table = sender.value(call, "table_name", *names)
    written = sender.value(call, "column", *names)
    if not isinstance(written, Call):
        yield sender.altered(call, table, f"ADD COLUMN {hole('column')} {hole('type')}")
        return
    asked = column(written, sender, sender.owner(call, table))
    if asked.unclear:
        yield sender.altered(call, table, f"ADD COLUMN {asked.name} {hole('column')} {hole('x')}")
        return
    exists = "IF NOT EXISTS " if flag(call, "if_not_exists") else ""
    inline = flag(call, "inline_references") and len(asked.foreign_keys) == 1
    key = " PRIMARY KEY" if flag(call, "inline_primary_key") and asked.is_key else ""
    to = f" {references(asked.foreign_keys[0])}" if inline else ""
    text = f"ADD COLUMN {exists}{asked.definition(serial=asked.is_key, before_checks=key + to)}"
    parts = tuple(one.clause for one in asked.inline)
    if inline:
        parts = (*parts, asked.foreign_keys[0].node)
    yield Asked(sender.altered(call, table, text).sql, call.node, parts)
    yield from _beside(sender, call, table, asked, foreign_keys=not inline)
    if asked.comment is not None:
        where = f"{sender.qualified(call, table)}.{asked.name}"
        yield Asked(f"COMMENT ON COLUMN {where} IS {literal(asked.comment)}", call.node)


def _beside(
    sender: Sender, call: Call, table: Value | None, asked: ColumnSql, *, foreign_keys: bool
) -> Iterator[Asked]:
    """What belongs to a new column and is sent by itself."""
    plain, owner = (asked.name.strip('"'),), sender.owner(call, table)
    for one in asked.foreign_keys if foreign_keys else ():
        named = sender.named("fk", given(one, "name"), owner, plain, referenced_table(one))
        text = f"ADD {named.begin}FOREIGN KEY({asked.name}) {references(one)}{not_valid(one)}"
        yield sender.altered(call, table, text, clause=one.node, unnamed=named.unknown)
    if asked.unique and not asked.index:
        named = sender.named("uq", None, owner, plain)
        clause = clause_of(asked.call, "unique")
        text = f"ADD {named.begin}UNIQUE ({asked.name})"
        yield sender.altered(call, table, text, clause=clause, unnamed=named.unknown)
    if asked.values:
        yield _values(sender, call, table, asked.values, asked.name)
    if asked.index:
        where = sender.qualified(call, table)
        yield index_of(sender, asked, owner, where, clause_of(asked.call, "index"))


def _values(sender: Sender, call: Call, table: Value | None, enum: Call, name: str) -> Asked:
    """The check that a column has one of the enum's values, which SQLAlchemy adds by itself."""
    condition = values_condition(enum, name)
    named = sender.named("ck", given(enum, "name"), sender.owner(call, table), ())
    words = (one for one in enum.node.keywords if one.arg == "create_constraint")
    clause = next(words, enum.node.func)
    text = f"ADD {named.begin}CHECK ({condition})"
    asked = sender.altered(call, table, text, clause=clause, unnamed=named.unknown)
    return replace(asked, condition=condition)


def index_of(sender: Sender, asked: ColumnSql, owner: str, table: str, clause: Clause) -> Asked:
    """The index that `index=True` asks for."""
    named = sender.index(owner, (asked.name.strip('"'),))
    unique = "UNIQUE " if asked.unique else ""
    text = f"CREATE {unique}INDEX {named.begin}ON {table} ({asked.name})"
    return Asked(text, clause, unnamed=named.unknown)


def drop_column(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("table_name", "column_name")
    table = sender.value(call, "table_name", *names)
    name = identifier(sender.value(call, "column_name", *names))
    exists = "IF EXISTS " if flag(call, "if_exists") else ""
    yield sender.altered(call, table, f"DROP COLUMN {exists}{name}")


def alter_column(sender: Sender, call: Call) -> Iterator[Asked]:
    """In the order of PostgresqlImpl.alter_column: the type first."""
    names = ("table_name", "column_name")
    table = sender.value(call, "table_name", *names)
    name = identifier(sender.value(call, "column_name", *names))
    begin = f"ALTER COLUMN {name}"

    def altered(text: str, keyword: str) -> Asked:
        return sender.altered(call, table, text, clause=clause_of(call, keyword))

    kind, using = given(call, "type_"), given(call, "postgresql_using")
    before, values = checked_enum(given(call, "existing_type")), checked_enum(kind)
    if before and not is_none(kind):
        named = sender.named("ck", given(before, "name"), sender.owner(call, table), ())
        gone = named.begin.removeprefix("CONSTRAINT ").strip() or hole("name")
        yield altered(f"DROP CONSTRAINT {gone}", "type_")
    if kind is not None and not is_none(kind):
        said = "" if using is None or is_none(using) else f" USING {expression(using)}"
        yield altered(f"{begin} TYPE {type_sql(kind)}{said}", "type_")
    nullable = given(call, "nullable")
    if nullable is not None and not is_none(nullable):
        known = truth(nullable)
        word = hole("nullable") if known is None else f"{'DROP' if known else 'SET'} NOT NULL"
        yield altered(f"{begin} {word}", "nullable")
    default = given(call, "server_default")
    if default not in (None, Known(False)):
        yield altered(_default(begin, default), "server_default")
    comment = given(call, "comment")
    if comment not in (None, Known(False)):
        where, text = f"{sender.qualified(call, table)}.{name}", text_of(comment)
        words = "NULL" if text is None else literal(text)
        yield Asked(f"COMMENT ON COLUMN {where} IS {words}", clause_of(call, "comment"))
    new = given(call, "new_column_name")
    if not is_none(new):
        yield altered(f"RENAME {name} TO {identifier(new)}", "new_column_name")
    if values:
        yield _values(sender, call, table, values, name)


def _default(begin: str, default: Value) -> str:
    if isinstance(default, Call) and is_own(default, "Identity"):
        return f"{begin} ADD {identity_sql(default)}"
    text = default_sql(default)
    return f"{begin} DROP DEFAULT" if text is None else f"{begin} SET DEFAULT {text}"

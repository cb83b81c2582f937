"""Constraints that are added to tables, and dropped."""

from __future__ import annotations

from collections.abc import Iterator

from bot.alembic.columns import columns_of, expression, given, identifier
from bot.alembic.sender import (
    Asked,
    Sender,
    deferral,
    flag,
    is_final,
    is_none,
    not_valid,
    nulls,
    plain_name,
    terms,
)
from bot.python.embedded import hole
from bot.python.values import Call, Several, Value, text_of
from bot.sql.writing import quoted

_KINDS = {"check": "ck", "unique": "uq", "foreignkey": "fk", "primary": "pk"}


def _name(call: Call) -> Value | None:
    return given(call, "constraint_name", "constraint_name") or given(call, "name")


def check(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("constraint_name", "table_name", "condition")
    table = sender.value(call, "table_name", *names)
    named = sender.named("ck", _name(call), sender.owner(call, table), ())
    inside = sender.value(call, "condition", *names)
    said = expression(inside) if inside else hole("condition")
    text = f"ADD {named.begin}CHECK ({said}){not_valid(call)}"
    yield sender.altered(call, table, text, unnamed=named.unknown)


def foreign_key(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols")
    table = sender.value(call, "source_table", *names)
    to = sender.value(call, "referent_table", *names)
    columns = columns_of(sender.value(call, "local_cols", *names))
    remote = columns_of(sender.value(call, "remote_cols", *names))
    named = sender.named(
        "fk", _name(call), sender.owner(call, table, "source_schema"), columns, text_of(to) or ""
    )
    text = (
        f"ADD {named.begin}FOREIGN KEY({', '.join(columns)})"
        f" REFERENCES {sender.qualified(call, to, 'referent_schema')} ({', '.join(remote)})"
        f"{terms(call)}{not_valid(call)}"
    )
    yield sender.altered(call, table, text, schema="source_schema", unnamed=named.unknown)


def unique(sender: Sender, call: Call) -> Iterator[Asked]:
    yield _key(sender, call, "uq", "UNIQUE")


def primary_key(sender: Sender, call: Call) -> Iterator[Asked]:
    yield _key(sender, call, "pk", "PRIMARY KEY")


def _key(sender: Sender, call: Call, kind: str, words: str) -> Asked:
    names = ("constraint_name", "table_name", "columns")
    table = sender.value(call, "table_name", *names)
    columns = columns_of(sender.value(call, "columns", *names))
    named = sender.named(kind, _name(call), sender.owner(call, table), columns)
    including = columns_of(given(call, "postgresql_include"))
    more = f" INCLUDE ({', '.join(including)})" if including else ""
    text = f"ADD {named.begin}{words}{nulls(call)} ({', '.join(columns)}){more}{deferral(call)}"
    return sender.altered(call, table, text, unnamed=named.unknown)


def exclude(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("constraint_name", "table_name")
    table = sender.value(call, "table_name", *names)
    named = sender.named("ex", _name(call), sender.owner(call, table), ())
    elements = call.arguments[1 if sender.table is not None else 2 :]
    using = text_of(given(call, "using")) or "gist"
    parts = ", ".join(_element(one.value) for one in elements)
    where = given(call, "where")
    condition = "" if where is None or is_none(where) else f" WHERE ({expression(where)})"
    text = f"ADD {named.begin}EXCLUDE USING {using} ({parts}){condition}{deferral(call)}"
    yield sender.altered(call, table, text, unnamed=named.unknown)


def _element(value: Value) -> str:
    """`(column, operator)`"""
    match value:
        case Several((Call() as what, sign)):
            return f"{expression(what)} WITH {text_of(sign) or '='}"
        case Several((what, sign)):
            return f"{identifier(what)} WITH {text_of(sign) or '='}"
    return f"{hole('element')} WITH ="


def drop(sender: Sender, call: Call) -> Iterator[Asked]:
    names = ("constraint_name", "table_name", "type_")
    table = sender.value(call, "table_name", *names)
    name = given(call, "constraint_name", "constraint_name")
    kind = _KINDS.get(text_of(sender.value(call, "type_", *names)) or "", "")
    said = text_of(name)
    found = sender.naming.name(kind, sender.owner(call, table), (), said) if said else None
    written = quoted(found) if found and not is_final(name) else identifier(plain_name(name))
    exists = "IF EXISTS " if flag(call, "if_exists") else ""
    yield sender.altered(call, table, f"DROP CONSTRAINT {exists}{written}")

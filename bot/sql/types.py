"""The types in a parse tree, as PostgreSQL itself names them."""

from __future__ import annotations

from bot.postgres.types import Type
from bot.sql.names import strings
from bot.sql.tree import Tree, ast

SERIAL = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}


def type_of(written: Tree | None) -> Type | None:
    """None where modifiers are written that only the type itself understands."""
    if written is None or not written.names:
        return None
    *schemas, name = strings(written.names)
    modifiers = tuple(_number(one) for one in written.typmods or ())
    known = tuple(one for one in modifiers if one is not None)
    if known != modifiers:
        return None
    schema = schemas[-1] if schemas and schemas[-1] != "pg_catalog" else None
    own = SERIAL.get(name, name) if schema is None else name
    return Type(own, known, array=bool(written.arrayBounds), schema=schema)


def is_serial(written: Tree | None) -> bool:
    """Whether the column is numbered by a sequence of its own."""
    if written is None or not written.names or written.arrayBounds:
        return False
    *schemas, name = strings(written.names)
    return name in SERIAL and not schemas


def _number(modifier: Tree) -> int | None:
    match modifier:
        case ast.A_Const(val=ast.Integer(ival=number)):
            return int(number)
    return None

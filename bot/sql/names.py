"""The names in a parse tree."""

from __future__ import annotations

from collections.abc import Iterable

from bot.postgres.names import QualifiedName
from bot.sql.tree import Tree, ast


def strings(names: Iterable[Tree] | None) -> tuple[str, ...]:
    return tuple(name.sval for name in names or ())


def relation(node: Tree) -> QualifiedName:
    schema = "pg_temp" if node.relpersistence == "t" else node.schemaname
    return QualifiedName(schema, node.relname)


def qualified(names: tuple[Tree, ...]) -> QualifiedName:
    parts = strings(names)
    return QualifiedName(parts[-2] if len(parts) > 1 else None, parts[-1])


def columns_of(expression: object) -> frozenset[str]:
    """The names of all columns that an expression, however deep, mentions."""
    found: set[str] = set()
    left = [expression]
    while left:
        match left.pop():
            case ast.ColumnRef(fields=(*_, ast.String(sval=name))):
                found.add(name)
            case ast.Node() as node:
                left += (getattr(node, attribute) for attribute in node)
            case tuple() as several:
                left += several
    return frozenset(found)

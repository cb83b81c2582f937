"""A parse tree says what it asks for: the operations of a statement, each with its own text.

Each module here lowers some statements, by the type of their tree; `harmless` are all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model.migration import Command
from bot.model.source import Span
from bot.postgres import operations as op
from bot.sql.lowering import (
    alter_table,
    alterations,
    domains,
    drops,
    enums,
    maintenance,
    objects,
    queries,
    servers,
    sessions,
    tables,
    views,
)
from bot.sql.lowering.base import Lowering
from bot.sql.lowering.schemas import in_schema
from bot.sql.tree import Tree, ast
from bot.sql.versions import since

LOWERINGS: dict[type, Lowering] = {
    **alterations.LOWERINGS,
    **domains.LOWERINGS,
    **drops.LOWERINGS,
    **enums.LOWERINGS,
    **maintenance.LOWERINGS,
    **objects.LOWERINGS,
    **queries.LOWERINGS,
    **servers.LOWERINGS,
    **sessions.LOWERINGS,
    **tables.LOWERINGS,
    **views.LOWERINGS,
}


def commands(node: Tree, origin: int, span: Span, text: str) -> tuple[Command, ...]:
    """The operations that the statement `node`, whose text lies at `span`, asks for.

    `origin` is the offset from which the tree counts its locations.
    """
    if alter_table.is_one(node):
        return alter_table.commands(node, origin, span, text)
    first, *others = tuple(_operations(node)) or (op.Operation(),)
    first = replace(first, since=since(node, text))  # a statement is refused once
    return tuple(Command(what, span) for what in (first, *others))


def _operations(node: Tree) -> Iterator[op.Operation]:
    """What a statement other than ALTER TABLE asks for."""
    match node:
        case ast.ExplainStmt(query=explained, options=options):
            if any(option.defname == "analyze" for option in options or ()):
                yield from _operations(explained)
        case ast.CreateSchemaStmt(schemaElts=elements, schemaname=schema):
            if schema is None:  # it is called as a role, which "$user" may find
                yield op.SetSearchPath(None)
            several = [one for element in elements or () for one in _operations(element)]
            yield from in_schema(several, schema) if schema else several
        case _ if lowering := LOWERINGS.get(type(node)):
            yield from lowering(node)

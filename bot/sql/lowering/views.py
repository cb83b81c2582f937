"""Views of either kind."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import relation
from bot.sql.queries import unread
from bot.sql.tree import Tree, ast, enums


def _create(node: Tree) -> Operations:
    """The tables of its query are locked, and nothing of them is read."""
    yield from unread(node.query)
    yield op.CreateView(relation(node.view), replace=bool(node.replace))


def _alter(node: Tree) -> Operations:
    """ALTER VIEW and ALTER MATERIALIZED VIEW."""
    table, if_exists = relation(node.relation), bool(node.missing_ok)
    for command in node.cmds:
        match node.objtype:
            case enums.ObjectType.OBJECT_VIEW:
                yield op.Take(table, LockMode.ACCESS_EXCLUSIVE, if_exists=if_exists)
            case enums.ObjectType.OBJECT_MATVIEW:
                action = enums.AlterTableType(command.subtype).name.removeprefix("AT_")
                yield op.AlterTable(table, action, if_exists=if_exists)


def _refresh(node: Tree) -> Operations:
    yield op.RefreshMaterializedView(
        relation(node.relation), bool(node.concurrent), with_data=not node.skipData
    )


LOWERINGS: dict[type, Lowering] = {
    ast.AlterTableStmt: _alter,
    ast.RefreshMatViewStmt: _refresh,
    ast.ViewStmt: _create,
}

"""Views of either kind."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import relation
from bot.sql.queries import unread
from bot.sql.tree import Tree, ast


def _create(node: Tree) -> Operations:
    """The tables of its query are locked, and nothing of them is read."""
    yield from unread(node.query)
    yield op.CreateView(relation(node.view), replace=bool(node.replace))


def _refresh(node: Tree) -> Operations:
    yield op.RefreshMaterializedView(
        relation(node.relation), bool(node.concurrent), with_data=not node.skipData
    )


LOWERINGS: dict[type, Lowering] = {
    ast.RefreshMatViewStmt: _refresh,
    ast.ViewStmt: _create,
}

"""Statements on databases and the server itself, which take no part in a transaction."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.tree import Tree, ast


def _alone(node: Tree) -> Operations:
    yield op.Alone()


def _alter_database(node: Tree) -> Operations:
    if any(option.defname == "tablespace" for option in node.options or ()):
        yield op.Alone()


def _create_subscription(node: Tree) -> Operations:
    """It is taken in a transaction where it makes no slot on the other server."""
    options = {option.defname: option.arg for option in node.options or ()}
    if not {"connect", "create_slot"} & options.keys():
        yield op.Alone()


LOWERINGS: dict[type, Lowering] = {
    ast.AlterDatabaseStmt: _alter_database,
    ast.AlterSystemStmt: _alone,
    ast.CreateSubscriptionStmt: _create_subscription,
    ast.CreateTableSpaceStmt: _alone,
    ast.CreatedbStmt: _alone,
    ast.DropTableSpaceStmt: _alone,
    ast.DropdbStmt: _alone,
}

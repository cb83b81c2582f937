"""CREATE TYPE … AS ENUM, and the values of an enum."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import qualified
from bot.sql.tree import Tree, ast


def _create(node: Tree) -> Operations:
    yield op.CreateEnum(qualified(node.typeName))


def _alter(node: Tree) -> Operations:
    name = qualified(node.typeName)
    yield op.RenameEnumValue(name) if node.oldVal else op.AddEnumValue(name, node.newVal)


LOWERINGS: dict[type, Lowering] = {ast.AlterEnumStmt: _alter, ast.CreateEnumStmt: _create}

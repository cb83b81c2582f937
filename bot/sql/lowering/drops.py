"""DROP of tables, of what belongs to them and of what holds them."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import qualified
from bot.sql.tree import Tree, ast, enums

_TABLES_AND_VIEWS = (
    enums.ObjectType.OBJECT_TABLE,
    enums.ObjectType.OBJECT_VIEW,
    enums.ObjectType.OBJECT_MATVIEW,
    enums.ObjectType.OBJECT_FOREIGN_TABLE,
)
_PARTS_OF_TABLES = (
    enums.ObjectType.OBJECT_TRIGGER,
    enums.ObjectType.OBJECT_POLICY,
    enums.ObjectType.OBJECT_RULE,
)


def _drop(node: Tree) -> Operations:
    match node.removeType:
        case kind if kind in _TABLES_AND_VIEWS:
            cascade, if_exists = node.behavior == enums.DropBehavior.DROP_CASCADE, node.missing_ok
            for name in node.objects:
                yield op.DropTable(qualified(name), cascade, if_exists=bool(if_exists))
        case enums.ObjectType.OBJECT_INDEX:
            cascade = node.behavior == enums.DropBehavior.DROP_CASCADE
            concurrently = bool(node.concurrent)
            for name in node.objects:
                yield op.DropIndex(qualified(name), concurrently=concurrently, cascade=cascade)
        case enums.ObjectType.OBJECT_DOMAIN | enums.ObjectType.OBJECT_TYPE:
            cascade = node.behavior == enums.DropBehavior.DROP_CASCADE
            for name in node.objects:
                yield op.DropDomain(qualified(name.names), cascade)
        case enums.ObjectType.OBJECT_SCHEMA:
            cascade = node.behavior == enums.DropBehavior.DROP_CASCADE
            yield from (op.DropSchema(name.sval, cascade) for name in node.objects)
        case kind if kind in _PARTS_OF_TABLES:
            for name in node.objects:
                yield op.Take(qualified(name[:-1]), LockMode.ACCESS_EXCLUSIVE, only=True)
        case _ if node.behavior == enums.DropBehavior.DROP_CASCADE:
            yield op.DropDependents()


def _owned(node: Tree) -> Operations:
    """Which tables are dropped, or get another owner, only the server knows."""
    yield op.Call()


LOWERINGS: dict[type, Lowering] = {
    ast.DropOwnedStmt: _owned,
    ast.DropStmt: _drop,
    ast.ReassignOwnedStmt: _owned,
}

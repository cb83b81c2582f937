"""Statements on what belongs to a table, and renames; measured on PostgreSQL 14 to 18."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.sql.indexes import shape_of_index
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import qualified, relation
from bot.sql.tree import Tree, ast, enums

_TABLES_AND_VIEWS = (
    enums.ObjectType.OBJECT_TABLE,
    enums.ObjectType.OBJECT_VIEW,
    enums.ObjectType.OBJECT_MATVIEW,
    enums.ObjectType.OBJECT_FOREIGN_TABLE,
)
_TYPES = (enums.ObjectType.OBJECT_DOMAIN, enums.ObjectType.OBJECT_TYPE)


def _trigger(node: Tree) -> Operations:
    yield op.CreateTrigger(relation(node.relation), only=not node.row)


def _rule(node: Tree) -> Operations:
    yield op.Take(relation(node.relation), LockMode.ACCESS_EXCLUSIVE, only=True)


def _policy(node: Tree) -> Operations:
    yield op.Take(relation(node.table), LockMode.ACCESS_EXCLUSIVE, only=True)


def _index(node: Tree) -> Operations:
    yield op.CreateIndex(
        relation(node.relation),
        node.idxname,
        shape_of_index(node),
        concurrently=bool(node.concurrent),
        if_not_exists=bool(node.if_not_exists),
        only=not node.relation.inh,
    )


def _set_schema(node: Tree) -> Operations:
    if node.objectType in _TABLES_AND_VIEWS:
        table, if_exists = relation(node.relation), bool(node.missing_ok)
        yield op.RenameTable(table, schema=node.newschema, if_exists=if_exists)
    elif node.objectType in _TYPES:
        yield op.RenameDomain(qualified(node.object), schema=node.newschema)


def _rename(node: Tree) -> Operations:
    kinds, if_exists = enums.ObjectType, bool(node.missing_ok)
    match node.renameType, node.relationType:
        case kind, _ if kind in _TABLES_AND_VIEWS:
            yield op.RenameTable(relation(node.relation), node.newname, if_exists=if_exists)
        case kinds.OBJECT_INDEX, _:
            yield op.RenameIndex(relation(node.relation), new=node.newname)
        case ((kinds.OBJECT_DOMAIN | kinds.OBJECT_TYPE), _):
            yield op.RenameDomain(qualified(node.object), node.newname)
        case kinds.OBJECT_SCHEMA, _:
            yield op.RenameSchema(node.subname, node.newname)
        case kinds.OBJECT_ATTRIBUTE, _:
            kind, cascade = relation(node.relation), enums.DropBehavior.DROP_CASCADE
            change = op.RenameColumn(kind, node.subname, node.newname)
            yield op.AlterComposite(kind, change, node.behavior == cascade)
        case kinds.OBJECT_TABCONSTRAINT, _:
            only = not node.relation.inh
            yield op.RenameConstraint(
                relation(node.relation), node.subname, node.newname, only=only
            )
        case ((kinds.OBJECT_TRIGGER | kinds.OBJECT_POLICY | kinds.OBJECT_RULE), _):
            yield op.Take(relation(node.relation), LockMode.ACCESS_EXCLUSIVE, only=True)
        case kinds.OBJECT_COLUMN, kind if kind in _TABLES_AND_VIEWS:
            table, old, only = relation(node.relation), node.subname, not node.relation.inh
            yield op.RenameColumn(table, old, node.newname, if_exists=if_exists, only=only)


LOWERINGS: dict[type, Lowering] = {
    ast.AlterObjectSchemaStmt: _set_schema,
    ast.AlterPolicyStmt: _policy,
    ast.CreatePolicyStmt: _policy,
    ast.CreateTrigStmt: _trigger,
    ast.IndexStmt: _index,
    ast.RenameStmt: _rename,
    ast.RuleStmt: _rule,
}

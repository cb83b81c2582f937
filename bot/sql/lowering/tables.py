"""CREATE TABLE in all its forms, and what else is asked of a whole table."""

from __future__ import annotations

from dataclasses import replace

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.sql.columns import new_column
from bot.sql.constraints import constraints
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import qualified, relation
from bot.sql.predicates import bound, partition_key
from bot.sql.tree import Tree, ast, enums


def _create_table(node: Tree) -> Operations:
    found: list[op.Constraint] = []
    columns: list[op.Column] = []
    copies: list[op.Copied] = []
    for element in node.tableElts or ():
        match element:
            case ast.Constraint():
                found += constraints((element,), None)
            case ast.ColumnDef(colname=column, constraints=written):
                columns.append(new_column(element))
                found += constraints(written or (), column)
            case ast.TableLikeClause(relation=like, options=options):
                checks = bool(options & enums.TableLikeOption.CREATE_TABLE_LIKE_CONSTRAINTS)
                copies.append(op.Copied(relation(like), marks=True, checks=checks))
                yield op.Take(relation(like), LockMode.ACCESS_SHARE, only=True)
    parents = tuple(relation(parent) for parent in node.inhRelations or ())
    if not node.partbound:
        mode = LockMode.SHARE_UPDATE_EXCLUSIVE
        yield from (op.Take(parent, mode, only=True) for parent in parents)
    # On a new table NOT VALID says nothing (transformCheckConstraints, transformFKConstraints).
    yield op.CreateTable(
        relation(node.relation),
        bool(node.if_not_exists),
        columns=tuple(columns),
        constraints=tuple(replace(constraint, not_valid=False) for constraint in found),
        parent=parents[0] if node.partbound else None,
        bound=bound(node.partbound) if node.partbound else None,
        parents=() if node.partbound else parents,
        partition_key=partition_key(node.partspec) if node.partspec else None,
        copies=tuple(copies),
        declared=not (node.ofTypename or copies),
        unlogged=node.relation.relpersistence == "u",
        of=qualified(node.ofTypename.names) if node.ofTypename else None,
        dropped_on_commit=node.oncommit == enums.OnCommitAction.ONCOMMIT_DROP,
    )


def _create_foreign_table(node: Tree) -> Operations:
    for one in _create_table(node.base):
        yield replace(one, foreign=True) if isinstance(one, op.CreateTable) else one


def _import(node: Tree) -> Operations:
    """Without LIMIT TO the other server decides which tables there will be."""
    if node.list_type == enums.ImportForeignSchemaType.FDW_IMPORT_SCHEMA_LIMIT_TO:
        for table in node.table_list:
            name = QualifiedName(node.local_schema, table.relname)
            yield op.CreateTable(name, foreign=True)


def _lock(node: Tree) -> Operations:
    mode = LockMode(node.mode)
    yield from (op.Take(relation(table), mode, only=not table.inh) for table in node.relations)


def _truncate(node: Tree) -> Operations:
    cascade = node.behavior == enums.DropBehavior.DROP_CASCADE
    for table in node.relations:
        yield op.Truncate(relation(table), cascade, only=not table.inh)


def _reindex(node: Tree) -> Operations:
    concurrently = any(param.defname == "concurrently" for param in node.params or ())
    match node.kind:
        case enums.ReindexObjectType.REINDEX_OBJECT_TABLE:
            yield op.ReindexTable(relation(node.relation), concurrently)
        case enums.ReindexObjectType.REINDEX_OBJECT_INDEX:
            yield op.ReindexIndex(relation(node.relation), concurrently=concurrently)
        case _:
            yield op.ReindexAll(concurrently)


LOWERINGS: dict[type, Lowering] = {
    ast.CreateForeignTableStmt: _create_foreign_table,
    ast.CreateStmt: _create_table,
    ast.ImportForeignSchemaStmt: _import,
    ast.LockStmt: _lock,
    ast.ReindexStmt: _reindex,
    ast.TruncateStmt: _truncate,
}

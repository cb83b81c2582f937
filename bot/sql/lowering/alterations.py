"""ALTER of what has columns or storage and is no table: views, indexes and composite types."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.sql.columns import new_column, retyped
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import relation
from bot.sql.tree import Tree, ast, enums

_ACTIONS = enums.AlterTableType


def _alter(node: Tree) -> Operations:
    name, kinds = relation(node.relation), enums.ObjectType
    for command in node.cmds:
        match node.objtype:
            case kinds.OBJECT_VIEW:
                if_exists = bool(node.missing_ok)
                yield op.Take(name, LockMode.ACCESS_EXCLUSIVE, if_exists=if_exists)
            case kinds.OBJECT_MATVIEW:
                action = _ACTIONS(command.subtype).name.removeprefix("AT_")
                yield op.AlterTable(name, action, if_exists=bool(node.missing_ok))
            case kinds.OBJECT_INDEX if command.subtype == _ACTIONS.AT_SetTableSpace:
                yield op.MoveIndex(name)
            case kinds.OBJECT_TYPE:
                cascade = command.behavior == enums.DropBehavior.DROP_CASCADE
                for change in _attribute(name, command):
                    yield op.AlterComposite(name, change, cascade)


def _attribute(name: QualifiedName, command: Tree) -> Iterator[op.OnTable]:
    match command.subtype, command.def_:
        case _ACTIONS.AT_AddColumn, ast.ColumnDef() as column:
            new = new_column(column)
            yield op.AddColumn(name, new.name, new.type, new.filling, collation=new.collation)
        case _ACTIONS.AT_DropColumn, _:
            yield op.DropColumn(name, command.name)
        case _ACTIONS.AT_AlterColumnType, ast.ColumnDef() as column:
            yield retyped(name, command.name, column)


def _move_all(node: Tree) -> Operations:
    yield op.MoveAll(indexes=node.objtype == enums.ObjectType.OBJECT_INDEX)


LOWERINGS: dict[type, Lowering] = {
    ast.AlterTableMoveAllStmt: _move_all,
    ast.AlterTableStmt: _alter,
}

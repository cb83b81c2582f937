"""ALTER TABLE is as many operations as it has commands, each with its own text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from bot.model.migration import Command
from bot.model.source import Span
from bot.postgres import operations as op
from bot.postgres.names import QualifiedName
from bot.sql.columns import new_column, retyped, unknown_functions
from bot.sql.constraints import constraints
from bot.sql.names import qualified, relation
from bot.sql.predicates import bound
from bot.sql.tokens import significant, split_at_commas
from bot.sql.tree import Tree, ast, enums
from bot.sql.versions import since

# What may follow a table's first name: .name or UESCAPE 'x', then ) or *.
_WITH_ANOTHER = ("ASCII_46", "UESCAPE")
_ALONE = ("ASCII_41", "ASCII_42")


_FOREIGN = enums.ObjectType.OBJECT_FOREIGN_TABLE
_TABLES = (enums.ObjectType.OBJECT_TABLE, _FOREIGN)


def is_one(node: Tree) -> bool:
    return isinstance(node, ast.AlterTableStmt) and node.objtype in _TABLES


def commands(node: Tree, origin: int, span: Span, text: str) -> tuple[Command, ...]:
    """`origin` is the offset from which the tree counts its locations, `text` lies at `span`."""
    places = _command_spans(origin + node.relation.location, span, text)
    return tuple(
        Command(
            replace(
                _alter_table(node, command),
                only=not node.relation.inh,
                foreign=node.objtype == _FOREIGN,
                since=since(command, text[place.start - span.start : place.end - span.start]),
            ),
            place,
            _parts(command, origin, place, span, text),
        )
        for command, place in zip(node.cmds, places, strict=True)
    )


def _alter_table(node: Tree, command: Tree) -> op.OnTable:
    table, if_exists = relation(node.relation), bool(node.missing_ok)
    kinds = enums.AlterTableType
    match command.subtype, command.def_:
        case kinds.AT_AddConstraint, ast.Constraint() as written:
            known = constraints((written,), None)
            if known:
                return op.AddConstraint(table, known[0], if_exists=if_exists)
        case kinds.AT_ValidateConstraint, _:
            return op.ValidateConstraint(table, command.name, if_exists=if_exists)
        case kinds.AT_AlterConstraint, changed:
            return op.AlterConstraint(
                table,
                changed.conname,
                enforced=bool(changed.is_enforced) if changed.alterEnforceability else None,
                inherits=bool(changed.alterInheritability),
                if_exists=if_exists,
            )
        case kinds.AT_DropConstraint, _:
            return op.DropConstraint(
                table,
                command.name,
                missing_ok=bool(command.missing_ok),
                cascade=command.behavior == enums.DropBehavior.DROP_CASCADE,
                if_exists=if_exists,
            )
        case kinds.AT_SetNotNull, _:
            return op.SetNotNull(table, command.name, if_exists=if_exists)
        case kinds.AT_DropNotNull, _:
            return op.DropNotNull(table, command.name, if_exists=if_exists)
        case kinds.AT_AddColumn, ast.ColumnDef() as column:
            added = _add_column(table, column, if_exists=if_exists)
            return replace(added, if_not_exists=bool(command.missing_ok))
        case kinds.AT_AlterColumnType, ast.ColumnDef() as column:
            return replace(retyped(table, command.name, column), if_exists=if_exists)
        case (kinds.AT_SetLogged | kinds.AT_SetUnLogged) as kind, _:
            return op.SetLogged(table, kind == kinds.AT_SetLogged, if_exists=if_exists)
        case kinds.AT_SetExpression, _:
            return op.SetExpression(table, command.name, if_exists=if_exists)
        case kinds.AT_DropExpression, _:
            return op.DropExpression(table, command.name, if_exists=if_exists)
        case kinds.AT_DropColumn, _:
            return op.DropColumn(table, command.name, if_exists=if_exists)
        case kinds.AT_AddInherit, ast.RangeVar() as parent:
            return op.Inherit(table, relation(parent), if_exists=if_exists)
        case kinds.AT_DropInherit, ast.RangeVar() as parent:
            return op.NoInherit(table, relation(parent), if_exists=if_exists)
        case kinds.AT_AddOf, ast.TypeName(names=names):
            return op.SetOf(table, qualified(names), if_exists=if_exists)
        case kinds.AT_DropOf, _:
            return op.SetOf(table, None, if_exists=if_exists)
        case kinds.AT_AttachPartition, ast.PartitionCmd(name=partition, bound=limits):
            return op.AttachPartition(
                table, relation(partition), bound(limits), if_exists=if_exists
            )
        case kinds.AT_DetachPartition, ast.PartitionCmd(name=partition, concurrent=concurrently):
            return op.DetachPartition(
                table, relation(partition), bool(concurrently), if_exists=if_exists
            )
        case kinds.AT_DetachPartitionFinalize, ast.PartitionCmd(name=partition):
            return op.DetachPartition(
                table, relation(partition), finalize=True, if_exists=if_exists
            )
    action = enums.AlterTableType(command.subtype).name.removeprefix("AT_")
    return op.AlterTable(table, action, if_exists=if_exists)


def _add_column(table: QualifiedName, column: Tree, *, if_exists: bool) -> op.AddColumn:
    new = new_column(column)
    return op.AddColumn(
        table,
        new.name,
        new.type,
        new.filling,
        unknown_functions(column) if new.filling is op.Filling.UNKNOWN else (),
        constraints=tuple(constraints(column.constraints or (), column.colname)),
        if_exists=if_exists,
        collation=new.collation,
    )


def _command_spans(name: int, span: Span, text: str) -> tuple[Span, ...]:
    """Where each command of an ALTER TABLE stands: between the commas behind the table's `name`."""
    run = significant(text, span.start)
    behind = next(i for i, token in enumerate(run) if token.span.start >= name) + 1
    while run[behind].name in (*_WITH_ANOTHER, *_ALONE):
        behind += 2 if run[behind].name in _WITH_ANOTHER else 1
    parts = split_at_commas(run[behind:])
    return tuple(Span(part[0].span.start, part[-1].span.end) for part in parts)


def _parts(command: Tree, origin: int, place: Span, span: Span, text: str) -> tuple[Span, ...]:
    """Where the constraints of a new column stand: each up to what comes behind it."""
    column = command.def_
    if not isinstance(column, ast.ColumnDef) or not column.constraints:
        return ()
    attributes = range(
        enums.ConstrType.CONSTR_ATTR_DEFERRABLE, enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED + 1
    )
    own = [node for node in column.constraints if node.contype not in attributes]
    starts = sorted(origin + node.location for node in own)
    collation = [origin + column.collClause.location] if column.collClause else []
    bounds = sorted((*starts, *collation, place.end))
    run = significant(text[place.start - span.start : place.end - span.start], place.start)
    token_starts = [token.span.start for token in run]
    parts = list[Span]()
    for node in own:
        if constraints((node,), column.colname):
            start = origin + node.location
            behind = bounds[bisect_right(bounds, start)]
            last = run[bisect_left(token_starts, behind) - 1]
            parts.append(Span(start, last.span.end))
    return tuple(parts)

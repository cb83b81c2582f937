"""The columns in a parse tree: their types, and what fills them in the rows that are there."""

from __future__ import annotations

from collections.abc import Iterator

from bot.postgres import operations as op
from bot.postgres.functions import is_volatile
from bot.postgres.names import QualifiedName
from bot.postgres.types import Collation, Type, collation
from bot.sql.names import qualified, strings
from bot.sql.tree import Tree, ast, enums
from bot.sql.types import is_serial, type_of

_KINDS = enums.ConstrType


def new_column(column: Tree) -> op.Column:
    kind = type_of(column.typeName)
    return op.Column(column.colname, kind, _filling(column), collation(kind, _written(column)))


def _written(column: Tree) -> Collation:
    return strings(column.collClause.collname) if column.collClause else ()


def _filling(column: Tree) -> op.Filling:
    """What the rows that are there hold in it."""
    if is_serial(column.typeName):
        return op.Filling.NUMBERED
    for node in column.constraints or ():
        match node.contype:
            case _KINDS.CONSTR_IDENTITY:
                return op.Filling.NUMBERED
            case _KINDS.CONSTR_GENERATED:
                virtual = node.generated_kind == "v"
                return op.Filling.VIRTUAL if virtual else op.Filling.STORED
            case _KINDS.CONSTR_DEFAULT:
                return _of_default(node.raw_expr)
    return op.Filling.NULL


def _of_default(default: Tree) -> op.Filling:
    """A default is computed once for all rows unless a function of it is volatile."""
    known = {is_volatile(function) for function in _functions(default)}
    if True in known:
        return op.Filling.VOLATILE
    return op.Filling.UNKNOWN if None in known else op.Filling.CONSTANT


def unknown_functions(column: Tree) -> tuple[str, ...]:
    """The functions of its default of which nobody can tell whether they are volatile."""
    functions = (
        function
        for node in column.constraints or ()
        if node.contype == _KINDS.CONSTR_DEFAULT
        for function in _functions(node.raw_expr)
    )
    return tuple(dict.fromkeys(str(one) for one in functions if is_volatile(one) is None))


def _functions(expression: Tree) -> Iterator[QualifiedName]:
    """The functions that an expression, however deep, calls; in the order of the text."""
    left = [expression]
    while left:
        match left.pop():
            case ast.Node() as node:
                if isinstance(node, ast.FuncCall):
                    yield qualified(node.funcname)
                left += reversed([getattr(node, attribute) for attribute in node])
            case tuple() as several:
                left += reversed(several)


def retyped(table: QualifiedName, column: str, new: Tree) -> op.AlterType:
    """ALTER COLUMN … TYPE"""
    kind, written = type_of(new.typeName), _written(new)
    return op.AlterType(
        table,
        column,
        kind,
        _casts(new.raw_default, column),
        collated=written != (),
        collation=collation(kind, written),
    )


def _casts(using: Tree | None, column: str) -> tuple[Type | None, ...] | None:
    """The types to which USING casts the column, the innermost first; None where it is not that."""
    found: list[Type | None] = []
    expression = using
    while expression is not None:
        match expression:
            case ast.TypeCast(arg=inner, typeName=kind):
                found.append(type_of(kind))
                expression = inner
            case ast.CollateClause(arg=inner):
                expression = inner
            case ast.ColumnRef(fields=(*_, ast.String(sval=name))) if name == column:
                break
            case _:
                return None
    return tuple(reversed(found))

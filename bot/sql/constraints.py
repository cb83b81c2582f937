"""The constraints in a parse tree, as what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.postgres import operations as op
from bot.sql.indexes import shape_of_key
from bot.sql.names import columns_of, relation, strings
from bot.sql.predicates import predicate
from bot.sql.tree import Tree, ast, enums

_KEYS = {
    enums.ConstrType.CONSTR_UNIQUE: "UNIQUE",
    enums.ConstrType.CONSTR_PRIMARY: "PRIMARY KEY",
    enums.ConstrType.CONSTR_EXCLUSION: "EXCLUDE",
}

_ATTRIBUTES = (
    enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED,
    enums.ConstrType.CONSTR_ATTR_DEFERRABLE,
    enums.ConstrType.CONSTR_ATTR_DEFERRED,
)


def constraints(written: Iterable[Tree], column: str | None) -> list[op.Constraint]:
    """The constraints of a table (column None) or of one column, in order."""
    found: list[op.Constraint] = []
    for node in written:
        match node.contype:
            case kind if kind in _ATTRIBUTES and found:  # it stands behind its constraint
                found[-1] = _with_attribute(found[-1], kind)
            case _:
                found += _constraint(node, (column,) if column else ())
    return found


def _with_attribute(constraint: op.Constraint, kind: Tree) -> op.Constraint:
    match constraint, kind:
        case _, enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED:
            return replace(constraint, enforced=False)
        case op.Key(), enums.ConstrType.CONSTR_ATTR_DEFERRABLE:
            return replace(constraint, deferrable=True)
        case op.Key(), enums.ConstrType.CONSTR_ATTR_DEFERRED:
            return replace(constraint, deferrable=True, deferred=True)
        case _:
            return constraint


def _constraint(node: Tree, on_column: tuple[str, ...]) -> Iterator[op.Constraint]:
    name, not_valid = node.conname, bool(node.skip_validation)
    match node.contype:
        case enums.ConstrType.CONSTR_CHECK:
            columns = tuple(sorted(columns_of(node.raw_expr)))
            enforced = bool(node.is_enforced)
            yield op.Check(
                name=name,
                not_valid=not_valid,
                enforced=enforced,
                columns=columns,
                not_null=frozenset(_not_null(node.raw_expr)) if enforced else frozenset(),
                predicate=predicate(node.raw_expr) if enforced else None,
                no_inherit=bool(node.is_no_inherit),
            )
        case enums.ConstrType.CONSTR_FOREIGN:
            yield op.ForeignKey(
                name=name,
                not_valid=not_valid,
                enforced=bool(node.is_enforced),
                columns=strings(node.fk_attrs) or on_column,
                referenced=relation(node.pktable),
                referenced_columns=strings(node.pk_attrs),
                period=bool(node.fk_with_period),
                terms=_terms(node),
            )
        case enums.ConstrType.CONSTR_NOTNULL:
            (column,) = strings(node.keys) or on_column
            yield op.NotNull(
                name=name,
                not_valid=not_valid,
                column=column,
                no_inherit=bool(node.is_no_inherit),
            )
        case kind if kind in _KEYS:
            excluded = tuple(element.name or "expr" for element, _ in node.exclusions or ())
            yield op.Key(
                name=name,
                kind=_KEYS[kind],
                index=shape_of_key(node, strings(node.keys) or excluded or on_column),
                using_index=node.indexname,
                deferrable=bool(node.deferrable),
                deferred=bool(node.initdeferred),
                without_overlaps=bool(node.without_overlaps),
            )


def _terms(node: Tree) -> tuple[object, ...]:
    """What two foreign keys have to agree on for PostgreSQL to take one for the other."""
    timing = bool(node.deferrable), bool(node.initdeferred)
    actions = node.fk_matchtype, node.fk_upd_action, node.fk_del_action
    return *actions, strings(node.fk_del_set_cols), *timing


def _not_null(expression: Tree) -> Iterator[str]:
    """The columns that are not null where the expression is true: x IS NOT NULL, or an arm of AND.

    The server sees through NOT (x IS NULL) as well (measured on 14 to 18).
    """
    arms, null, kinds = [expression], enums.NullTestType, enums.BoolExprType
    while arms:
        match arms.pop():
            case ast.BoolExpr(boolop=kinds.AND_EXPR, args=several):
                arms += several
            case ast.NullTest(
                nulltesttype=null.IS_NOT_NULL,
                arg=ast.ColumnRef(fields=(*_, ast.String(sval=name))),
            ):
                yield name
            case ast.BoolExpr(
                boolop=kinds.NOT_EXPR,
                args=(
                    ast.NullTest(
                        nulltesttype=null.IS_NULL,
                        arg=ast.ColumnRef(fields=(*_, ast.String(sval=name))),
                    ),
                ),
            ):
                yield name

"""Conditions on columns, and the keys and bounds of partitions, as far as they are simple."""

from __future__ import annotations

from collections.abc import Iterable

from bot.postgres.predicates import NULL, Bound, Comparison, PartitionKey, Predicate
from bot.sql.names import strings
from bot.sql.tree import Tree, ast, enums

_STRATEGIES = {"r": "RANGE", "l": "LIST", "h": "HASH"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_LISTS = {"=": "IN", "<>": "NOT IN"}
_PLAIN_TYPES = ("date", "timestamp", "timestamptz")


def partition_key(node: Tree) -> PartitionKey:
    """PARTITION BY strategy (columns)"""
    columns = (
        None if part.expr or part.collation or part.opclass else part.name
        for part in node.partParams
    )
    return PartitionKey(_STRATEGIES[node.strategy.value], tuple(columns))


def bound(node: Tree) -> Bound:
    """FOR VALUES … or DEFAULT"""
    if node.is_default:
        return Bound("DEFAULT")
    kind = _STRATEGIES[node.strategy]
    match kind, node.listdatums, node.lowerdatums, node.upperdatums:
        case "LIST", values, _, _:
            literals = [_literal(_uncast(value)) for value in values]
            known = tuple(literal for literal in literals if literal is not None)
            return Bound(kind, values=known, simple=len(known) == len(literals))
        case "RANGE", _, (first,), (last,):
            lower, upper = _limit(first, "minvalue"), _limit(last, "maxvalue")
            if lower is not None and upper is not None:
                return Bound(kind, lower or None, upper or None, simple=True)
    return Bound(kind)


def _limit(value: Tree, endless: str) -> str | None:
    """A literal, "" where there is no limit, None where it is anything else."""
    match value:
        case ast.ColumnRef(fields=(ast.String(sval=name),)) if name == endless:
            return ""
    literal = _literal(_uncast(value))
    return None if literal == NULL else literal


def _uncast(value: Tree) -> Tree:
    """The constant of DATE '2024-01-01', which the key's type reads the same way.

    Not so in a CHECK: of timestamptz >= date PostgreSQL proves nothing.
    """
    match value:
        case ast.TypeCast(
            arg=ast.A_Const(val=ast.String()) as constant,
            typeName=ast.TypeName(names=names, typmods=None, arrayBounds=None),
        ) if strings(names)[-1] in _PLAIN_TYPES:
            return constant
    return value


def _literal(value: Tree) -> str | None:
    """A constant as SQL; None where it is something else."""
    match value:
        case ast.A_Const(isnull=True):
            return NULL
        case ast.A_Const(val=ast.Integer(ival=number)):
            return str(number)
        case ast.A_Const(val=ast.Float(fval=digits)):
            return str(digits)
        case ast.A_Const(val=ast.Boolean(boolval=truth)):
            return "true" if truth else "false"
        case ast.A_Const(val=ast.String(sval=str(text))) if "\\" not in text:
            return "'" + text.replace("'", "''") + "'"
    return None


def predicate(expression: Tree) -> Predicate | None:
    """What a condition, however deep, demands; None where nothing of it is simple."""
    negated, kinds = False, enums.BoolExprType
    while True:
        match expression:
            case ast.BoolExpr(boolop=kinds.NOT_EXPR, args=(inner,)):
                negated, expression = not negated, inner
            case _:
                break
    arms = [_arm(part) for part in _parts(expression, kinds.OR_EXPR)]
    if not all(comparisons for comparisons, _ in arms):
        return None
    found = Predicate(
        tuple(tuple(comparisons) for comparisons, _ in arms), all(whole for _, whole in arms)
    )
    return found.opposite if negated else found


def _parts(expression: Tree, kind: object) -> Iterable[Tree]:
    """The arms of an AND or OR, however it is nested in itself, in their order."""
    left = [expression]
    while left:
        match left.pop():
            case ast.BoolExpr(boolop=boolop, args=args) if boolop == kind:
                left += reversed(args)
            case part:
                yield part


def _arm(expression: Tree) -> tuple[list[Comparison], bool]:
    """The simple comparisons of an AND, and whether there is nothing else in it."""
    found: list[Comparison] = []
    whole = True
    for part in _parts(expression, enums.BoolExprType.AND_EXPR):
        simple = _comparisons(part)
        found += simple
        whole = whole and bool(simple)
    return found, whole


def _comparisons(part: Tree) -> list[Comparison]:
    nulls, kinds = enums.NullTestType, enums.A_Expr_Kind
    match part:
        case ast.NullTest(nulltesttype=test, arg=ast.ColumnRef() as column):
            words = "IS NULL" if test == nulls.IS_NULL else "IS NOT NULL"
            return [Comparison(_column(column), words)]
        case ast.BoolExpr(
            boolop=enums.BoolExprType.NOT_EXPR,
            args=(ast.NullTest(nulltesttype=nulls.IS_NULL, arg=ast.ColumnRef() as column),),
        ):
            return [Comparison(_column(column), "IS NOT NULL")]
        case ast.A_Expr(
            kind=kinds.AEXPR_BETWEEN, lexpr=ast.ColumnRef() as column, rexpr=(low, high)
        ):
            return _compared(column, ">=", [low]) + _compared(column, "<=", [high])
        case ast.A_Expr(
            kind=kinds.AEXPR_IN,
            name=(ast.String(sval=sign),),
            lexpr=ast.ColumnRef() as column,
            rexpr=values,
        ):
            return _compared(column, _LISTS[sign], values)
        case ast.A_Expr(
            kind=kinds.AEXPR_OP,
            name=(ast.String(sval=sign),),
            lexpr=ast.ColumnRef() as column,
            rexpr=value,
        ) if sign in _FLIPPED:
            return _compared(column, sign, [value])
        case ast.A_Expr(
            kind=kinds.AEXPR_OP,
            name=(ast.String(sval=sign),),
            lexpr=value,
            rexpr=ast.ColumnRef() as column,
        ) if sign in _FLIPPED:
            return _compared(column, _FLIPPED[sign], [value])
    return []


def _compared(column: Tree, sign: str, values: Iterable[Tree]) -> list[Comparison]:
    literals = [_literal(value) for value in values]
    known = sorted({literal for literal in literals if literal not in (None, NULL)}, key=str)
    if None in literals or NULL in literals:
        return []
    return [Comparison(_column(column), _LISTS.get(sign, sign), tuple(map(str, known)))]


def _column(reference: Tree) -> str:
    match reference.fields[-1]:
        case ast.String(sval=name):
            return str(name)
    return ""

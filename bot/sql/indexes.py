"""The indexes in a parse tree, as what they are like."""

from __future__ import annotations

from collections.abc import Iterable

from bot.postgres.operations import IndexShape
from bot.sql.names import columns_of, strings
from bot.sql.tree import Tree, ast, enums


def shape_of_index(node: Tree) -> IndexShape:
    """Of CREATE INDEX."""
    elements = node.indexParams or ()
    including = tuple(element.name for element in node.indexIncludingParams or ())
    return IndexShape(
        columns=tuple(element.name or figured(element.expr) or "expr" for element in elements),
        including=including,
        unique=bool(node.unique),
        nulls_not_distinct=bool(node.nulls_not_distinct),
        options=_options(node.options),
        tablespace=node.tableSpace,
        plain=node.accessMethod == "btree"
        and node.whereClause is None
        and all(_is_plain(element) for element in elements),
        tied=_tied(elements, including, node.whereClause),
        ordered=_ordered(elements),
    )


def shape_of_key(node: Tree, columns: tuple[str, ...]) -> IndexShape:
    """Of UNIQUE, PRIMARY KEY or EXCLUDE, which need not say of which columns they are."""
    elements = [element for element, _ in node.exclusions or ()]
    return IndexShape(
        columns=columns,
        including=strings(node.including),
        unique=node.contype != enums.ConstrType.CONSTR_EXCLUSION,
        nulls_not_distinct=bool(node.nulls_not_distinct),
        options=_options(node.options),
        tablespace=node.indexspace,
        tied=_tied(elements, strings(node.including), node.where_clause),
        ordered=_ordered(elements) if elements else columns,
    )


def _ordered(elements: Iterable[Tree]) -> tuple[str, ...]:
    """The columns that have no collation of their own in the index."""
    return tuple(one.name for one in elements if one.name and not one.collation)


def _tied(
    elements: Iterable[Tree], including: tuple[str, ...], condition: Tree | None
) -> tuple[str, ...]:
    """The columns of an index that has an expression or a condition (CheckIndexCompatible)."""
    computed = [element.expr for element in elements if not element.name]
    if not computed and condition is None:
        return ()
    named = [element.name for element in elements if element.name]
    return tuple(sorted({*named, *including, *columns_of((*computed, condition))}))


def _is_plain(element: Tree) -> bool:
    """A column in the default order, by the default operators and its own collation."""
    return bool(
        element.name
        and element.ordering in (enums.SortByDir.SORTBY_DEFAULT, enums.SortByDir.SORTBY_ASC)
        and element.nulls_ordering != enums.SortByNulls.SORTBY_NULLS_FIRST
        and not (element.opclass or element.opclassopts or element.collation)
    )


def figured(expression: Tree) -> str | None:
    """What a column of `expression` is called (FigureColname in parser/parse_target.c)."""
    weaker: str | None = (
        None  # the name of a type or of CASE, where nothing inside has a better one
    )
    node = expression
    while True:
        match node:
            case ast.ColumnRef(fields=(*_, ast.String(sval=name))):
                return str(name)
            case ast.FuncCall(funcname=names):
                return str(names[-1].sval)
            case ast.TypeCast(arg=node, typeName=ast.TypeName(names=names)):
                weaker = weaker or str(names[-1].sval)
            case ast.CaseExpr(defresult=node):
                weaker = weaker or "case"
            case ast.CollateClause(arg=node):
                pass
            case _:
                return _WORDS.get(type(node), weaker)


_WORDS = {ast.CoalesceExpr: "coalesce", ast.A_ArrayExpr: "array", ast.RowExpr: "row"}


def _options(written: Iterable[Tree] | None) -> tuple[tuple[str, str], ...]:
    return tuple((option.defname, _value(option.arg)) for option in written or ())


def _value(value: Tree) -> str:
    """The value of a storage parameter, as SQL; true where it has none."""
    match value:
        case None:
            return "true"
        case ast.Integer(ival=number):
            return str(number)
        case ast.Float(fval=number):
            return str(number)
        case ast.TypeName(names=names):  # a bare word
            return str(names[-1].sval)
        case ast.String(sval=text):
            return "'" + str(text).replace("'", "''") + "'"
        case _:
            return str(value)

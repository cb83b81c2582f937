"""Views of either kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.postgres import operations as op
from bot.postgres.names import QualifiedName
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import relation
from bot.sql.queries import unread
from bot.sql.tree import Tree, ast, enums


def _create(node: Tree) -> Operations:
    """The tables of its query are locked, and nothing of them is read."""
    yield from unread(node.query)
    view = relation(node.view)
    yield op.CreateView(view, replace=bool(node.replace))
    if node.view.relpersistence != "t":
        yield from columns_used(view, node.query)


def columns_used(view: QualifiedName, query: Tree) -> Iterator[op.UseColumns]:
    """The columns of tables that the query surely names, outside of queries within it."""
    match query:
        case ast.SelectStmt(op=enums.SetOperation.SETOP_NONE, withClause=None) as select:
            sources, conditions = _sources(select.fromClause or ())
        case _:
            return
    named: dict[str | None, list[Tree]] = defaultdict(list)
    for source in sources:
        named[_name(source)].append(source)
    found: dict[int, set[str]] = defaultdict(set)
    for table, column in _references((select.targetList, select.whereClause, *conditions)):
        several = sources if table is None else named[table]
        if len(several) == 1 and _is_plain(several[0]):
            found[id(several[0])].add(column)
    for source in sources:
        if columns := found[id(source)]:
            every = "*" in columns
            yield op.UseColumns(view, relation(source), tuple(sorted(columns - {"*"})), every)


def _sources(clause: Iterable[Tree]) -> tuple[list[Tree], list[Tree]]:
    """What a query selects from, and the conditions by which that is joined."""
    sources, conditions, left = list[Tree](), list[Tree](), list(clause)
    while left:
        match left.pop():
            case ast.JoinExpr(larg=one, rarg=other, quals=condition, alias=None):
                left += (one, other)
                conditions += [condition] if condition else []
            case source:
                sources.append(source)
    return sources, conditions


def _name(source: Tree) -> str | None:
    """What the query calls it, None for what has a name of another kind."""
    if not isinstance(source, ast.RangeVar):
        return source.alias.aliasname if getattr(source, "alias", None) else None
    name: str = source.alias.aliasname if source.alias else source.relname
    return name


def _is_plain(source: Tree) -> bool:
    """Whether it is a table whose columns go by their own names."""
    return isinstance(source, ast.RangeVar) and not (source.alias and source.alias.colnames)


def _references(trees: Iterable[object]) -> Iterator[tuple[str | None, str]]:
    """Each column that is named, "*" for all, with the name of its table where that is written."""
    left = list(trees)
    while left:
        match left.pop():
            case ast.ColumnRef(fields=(*table, column)) if len(table) < 2:
                name = "*" if isinstance(column, ast.A_Star) else str(column.sval)
                yield (str(table[0].sval) if table else None), name
            case ast.ColumnRef() | ast.SelectStmt():
                pass
            case ast.Node() as node:
                left += (getattr(node, attribute) for attribute in node)
            case tuple() as several:
                left += several


def _refresh(node: Tree) -> Operations:
    yield op.RefreshMaterializedView(
        relation(node.relation), bool(node.concurrent), with_data=not node.skipData
    )


LOWERINGS: dict[type, Lowering] = {
    ast.RefreshMatViewStmt: _refresh,
    ast.ViewStmt: _create,
}

"""What a query reads from end to end and what it writes, as far as its text decides it.

With a WHERE, a LIMIT or a join it is the planner's choice, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.sql.names import columns_of, relation, strings
from bot.sql.tree import Tree, ast, enums

# Functions of PostgreSQL itself that migrations call, which write to no table.
HARMLESS = frozenset(
    (
        "avg",
        "coalesce",
        "count",
        "current_setting",
        "lower",
        "max",
        "min",
        "nextval",
        "now",
        "pg_advisory_lock",
        "pg_advisory_unlock",
        "pg_advisory_xact_lock",
        "pg_notify",
        "pg_sleep",
        "set_config",
        "setval",
        "sum",
        "upper",
        "version",
    )
)


def query(node: Tree) -> Iterator[op.Operation]:
    """The operations of a query."""
    yield from _query(node, frozenset())
    if not functions_in(node) <= HARMLESS:
        yield op.Call()


def unread(node: Tree) -> Iterator[op.Operation]:
    """The operations of a query that is kept instead of run: its tables are locked."""
    for one in query(node):
        match one:
            case op.Take():
                yield replace(one, scans=False)
            case op.Write(table):
                only = one.only or one.inserts  # which partitions it is about is not yet known
                yield op.Take(table, LockMode.ROW_EXCLUSIVE, only=only)


def _query(node: Tree, outside: frozenset[str]) -> Iterator[op.Operation]:
    """`outside` are names that stand for queries, not for tables."""
    parts = getattr(node, "withClause", None)
    named = outside | {part.ctename for part in parts.ctes} if parts else outside
    for part in parts.ctes if parts else ():
        yield from _query(part.ctequery, named)
    match node:
        case ast.SelectStmt(op=enums.SetOperation.SETOP_NONE):
            yield from _select(node, named)
        case ast.SelectStmt(larg=left, rarg=right):
            yield from _query(left, named)
            yield from _query(right, named)
        case ast.InsertStmt(relation=table, selectStmt=source):
            # Rows that are written out are few: a file holds no more of them than it is long.
            fills = source is not None and not source.valuesLists
            upserts = node.onConflictClause is not None
            yield op.Write(relation(table), fills=fills, upserts=upserts, inserts=True)
            if source:
                yield from _query(source, named)
        case ast.MergeStmt(relation=table):
            yield op.Write(relation(table), fills=True, only=not table.inh)
        case (
            ast.UpdateStmt(relation=table, whereClause=where, fromClause=others)
            | ast.DeleteStmt(relation=table, whereClause=where, usingClause=others)
        ):
            scans = _is_everything(where) and others is None
            yield op.Write(relation(table), scans=scans, only=not table.inh)


def _select(node: Tree, named: frozenset[str]) -> Iterator[op.Operation]:
    if node.intoClause:
        yield op.CreateTable(relation(node.intoClause.rel), filled=True)
    sources = node.fromClause or ()
    for source in sources:
        if isinstance(source, ast.RangeSubselect):
            yield from _query(source.subquery, named)
    match sources:
        case (ast.RangeVar() as table,) if _is_a_table(table, named):
            mode = LockMode.ROW_SHARE if node.lockingClause else LockMode.ACCESS_SHARE
            yield op.Take(relation(table), mode, scans=_reads_all(node), only=not table.inh)


def _reads_all(node: Tree) -> bool:
    """Not where it is cut short, or where min() or max() can be looked up in an index."""
    if node.limitCount or not _is_everything(node.whereClause):
        return False
    return not set(_called(node)) & {"min", "max"}


def _is_a_table(node: Tree, named: frozenset[str]) -> bool:
    """Not the name of a query, and none of the server's own tables, which are small."""
    if node.schemaname:
        return node.schemaname not in ("pg_catalog", "information_schema")
    return node.relname not in named and not node.relname.startswith("pg_")


def _is_everything(where: Tree) -> bool:
    """A condition that names no column, WHERE true say, chooses no rows; false leaves none."""
    match where:
        case None:
            return True
        case ast.CurrentOfExpr() | ast.A_Const(val=ast.Boolean(boolval=False)):
            return False
    return not columns_of(where)


def functions_in(statement: Tree) -> frozenset[str]:
    """The functions that a query calls, wherever."""
    return frozenset(strings(call.funcname)[-1] for call in calls_in(statement))


def calls_in(statement: Tree) -> Iterator[Tree]:
    left = [statement]
    while left:
        match left.pop():
            case ast.Node() as node:
                if isinstance(node, ast.FuncCall):
                    yield node
                left += (getattr(node, attribute) for attribute in node)
            case tuple() as several:
                left += several


def _called(node: Tree) -> list[str]:
    """The functions whose results a SELECT asks for."""
    values = [target.val for target in node.targetList or ()]
    return [strings(value.funcname)[-1] for value in values if isinstance(value, ast.FuncCall)]

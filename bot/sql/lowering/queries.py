"""Statements that read and write rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.lowering.sessions import configured
from bot.sql.lowering.views import columns_used
from bot.sql.names import relation
from bot.sql.queries import query, unread
from bot.sql.tree import Tree, ast, enums

_WRITES = re.compile(r"\b(insert|update|delete|merge|copy|select|perform|execute|call)\b")


def _query(node: Tree) -> Operations:
    setting = configured(node)
    if setting is not None:
        yield setting
    yield from query(node)


def _create_table_as(node: Tree) -> Operations:
    table, maybe = relation(node.into.rel), bool(node.if_not_exists)
    match node.objtype:
        case enums.ObjectType.OBJECT_TABLE:
            filled = not node.into.skipData and any(query(node.query))
            unlogged = node.into.rel.relpersistence == "u"
            copies = tuple(_copied(node.query))
            yield op.CreateTable(table, maybe, filled=filled, unlogged=unlogged, copies=copies)
        case enums.ObjectType.OBJECT_MATVIEW:
            yield op.CreateTable(table, maybe, filled=not node.into.skipData, view=True)
            yield from () if maybe else columns_used(table, node.query)
    yield from unread(node.query) if node.into.skipData else query(node.query)


def _copied(query: Tree) -> Iterator[op.Copied]:
    """The columns of one table, where the query asks for nothing else."""
    match query:
        case ast.SelectStmt(
            fromClause=(ast.RangeVar() as source,), targetList=tuple(targets), groupClause=None
        ):
            names = [_plain(target) for target in targets]
            if names == ["*"]:
                yield op.Copied(relation(source))
            elif names and all(name and name != "*" for name in names):
                yield op.Copied(relation(source), tuple(name for name in names if name))


def _plain(target: Tree) -> str | None:
    """The column that a query gives under its own name, "*" for all of them."""
    match target:
        case ast.ResTarget(name=None, val=ast.ColumnRef(fields=(*_, ast.String(sval=name)))):
            return str(name)
        case ast.ResTarget(name=None, val=ast.ColumnRef(fields=(ast.A_Star(),))):
            return "*"
    return None


def _copy(node: Tree) -> Operations:
    match node:
        case ast.CopyStmt(relation=ast.RangeVar() as table, is_from=True):
            yield op.Write(relation(table), fills=True, inserts=True)
        case ast.CopyStmt(relation=ast.RangeVar() as table):
            yield op.Take(relation(table), LockMode.ACCESS_SHARE, scans=True, only=True)
        case ast.CopyStmt(query=source) if source:
            yield from query(source)


def _block(node: Tree) -> Operations:
    """DO: what it asks for is not known; without a word that writes or calls, it is harmless."""
    body = " ".join(str(part.arg.sval) for part in node.args if part.defname == "as").lower()
    if "search_path" in body:
        yield op.SetSearchPath(None)
    if _WRITES.search(body):
        yield op.Call()


def _kept(node: Tree) -> Operations:
    """What PREPARE and DECLARE put down for later."""
    yield from unread(node.query)


def _call(node: Tree) -> Operations:
    yield op.Call()


LOWERINGS: dict[type, Lowering] = {
    ast.SelectStmt: _query,
    ast.InsertStmt: _query,
    ast.UpdateStmt: _query,
    ast.DeleteStmt: _query,
    ast.MergeStmt: _query,
    ast.CreateTableAsStmt: _create_table_as,
    ast.CopyStmt: _copy,
    ast.DoStmt: _block,
    ast.CallStmt: _call,
    ast.DeclareCursorStmt: _kept,
    ast.ExecuteStmt: _call,
    ast.PrepareStmt: _kept,
}

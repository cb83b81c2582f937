"""CLUSTER, VACUUM and ANALYZE."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import relation
from bot.sql.tree import Tree, ast

_OFF = ("0", "false", "off")


def _cluster(node: Tree) -> Operations:
    yield op.Cluster(relation(node.relation)) if node.relation else op.ClusterAll()


def _vacuum(node: Tree) -> Operations:
    full = any(_is_on(option) for option in node.options or () if option.defname == "full")
    tables = [one.relation for one in node.rels or ()]
    if node.is_vacuumcmd and not tables:
        yield op.VacuumAll(full)
    for table in tables:
        name, only = relation(table), not table.inh
        yield op.Vacuum(name, full, only=only) if node.is_vacuumcmd else op.Analyze(name, only=only)


def _is_on(option: Tree) -> bool:
    """An option without a value is on (defGetBoolean)."""
    match option.arg:
        case ast.Integer(ival=number):
            return bool(number)
        case ast.String(sval=text):
            return str(text).lower() not in _OFF
    return True


LOWERINGS: dict[type, Lowering] = {
    ast.ClusterStmt: _cluster,
    ast.VacuumStmt: _vacuum,
}

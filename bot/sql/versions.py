"""The first PostgreSQL whose grammar takes a statement in the form in which it is written.

Measured on PostgreSQL 14 to 18 by tests/test_differential_refused.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from bot.postgres.operations.base import OLDEST
from bot.sql.tokens import significant
from bot.sql.tree import Tree, ast, enums

_WITH_KEYS = (ast.AlterTableCmd, ast.CreateStmt, ast.IndexStmt)
_ENFORCEABLE = (enums.ConstrType.CONSTR_CHECK, enums.ConstrType.CONSTR_FOREIGN)
_ENFORCEMENT = (
    enums.ConstrType.CONSTR_ATTR_ENFORCED,
    enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED,
)


def since(node: Tree, text: str) -> int:
    """For a statement other than ALTER TABLE, or one command of an ALTER TABLE, and its text."""
    return max(_of_tree(node), 15 if _says_nulls_distinct(node, text) else OLDEST)


def _says_nulls_distinct(node: Tree, text: str) -> bool:
    """Whether it says what is so without the words, and therefore in no tree."""
    if not isinstance(node, _WITH_KEYS) or "distinct" not in text.lower():
        return False
    names = [token.name for token in significant(text)]
    return ("NULLS_P", "DISTINCT") in pairwise(names)


def _of_tree(node: Tree) -> int:
    match node:
        case ast.AlterTableCmd():
            return _command(node)
        case (
            ast.CreateStmt(tableElts=elements)
            | ast.CreateForeignTableStmt(base=ast.CreateStmt(tableElts=elements))
        ):
            return _latest(_element(element) for element in elements or ())
        case ast.AlterDomainStmt(def_=ast.Constraint(contype=enums.ConstrType.CONSTR_NOTNULL)):
            return 17
        case ast.IndexStmt(nulls_not_distinct=True):
            return 15
        case ast.MergeStmt(returningClause=returned):
            return 17 if returned or _by_source(node) else 15
        case ast.ReindexStmt(relation=None, name=None):
            return 16
        case ast.VacuumStmt(rels=rels) if any(not one.relation.inh for one in rels or ()):
            return 18
    return OLDEST


def _command(node: Tree) -> int:
    kinds = enums.AlterTableType
    match node.subtype, node.def_:
        case kinds.AT_AddConstraint | kinds.AT_AddColumn, element:
            return _element(element)
        case kinds.AT_AlterConstraint, changed:
            return 18 if changed.alterEnforceability or changed.alterInheritability else OLDEST
        case kinds.AT_SetAccessMethod, _:
            return 15 if node.name else 17
        case kinds.AT_SetExpression, _:
            return 17
        case kinds.AT_SetStatistics, None:
            return 17
        case kinds.AT_SetStorage, ast.String(sval="default"):
            return 16
    return OLDEST


def _element(node: Tree) -> int:
    """A column or a constraint of a table."""
    match node:
        case ast.ColumnDef(constraints=constraints, storage_name=storage):
            written = [_constraint(constraint) for constraint in constraints or ()]
            return _latest([*written, 16 if storage else OLDEST])
        case ast.Constraint(contype=enums.ConstrType.CONSTR_NOTNULL):
            return 18
        case ast.Constraint():
            return _constraint(node)
    return OLDEST


def _constraint(node: Tree) -> int:
    match node:
        case ast.Constraint(contype=kind) if kind in _ENFORCEMENT:
            return 18
        case ast.Constraint(contype=kind, is_enforced=False) if kind in _ENFORCEABLE:
            return 18
        case ast.Constraint(contype=enums.ConstrType.CONSTR_NOTNULL, is_no_inherit=True):
            return 18
        case ast.Constraint(contype=enums.ConstrType.CONSTR_GENERATED, generated_kind="v"):
            return 18
        case ast.Constraint(without_overlaps=True) | ast.Constraint(fk_with_period=True):
            return 18
        case ast.Constraint(nulls_not_distinct=True):
            return 15
    return OLDEST


def _by_source(node: Tree) -> bool:
    kind = enums.MergeMatchKind.MERGE_WHEN_NOT_MATCHED_BY_SOURCE
    return any(clause.matchKind == kind for clause in node.mergeWhenClauses)


def _latest(versions: Iterable[int]) -> int:
    return max(versions, default=OLDEST)

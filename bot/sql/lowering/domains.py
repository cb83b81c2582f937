"""CREATE, ALTER and DROP DOMAIN."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import qualified
from bot.sql.tree import Tree, ast, enums


def _create(node: Tree) -> Operations:
    kinds = [constraint.contype for constraint in node.constraints or ()]
    yield op.CreateDomain(
        qualified(node.domainname),
        qualified(node.typeName.names),
        not_null=enums.ConstrType.CONSTR_NOTNULL in kinds,
        checked=enums.ConstrType.CONSTR_CHECK in kinds,
    )


def _alter(node: Tree) -> Operations:
    """The kinds of ALTER DOMAIN are letters (AlterDomainStmt in src/include/nodes/parsenodes.h)."""
    domain = qualified(node.typeName)
    match node.subtype, node.def_:
        case "C", ast.Constraint(contype=enums.ConstrType.CONSTR_NOTNULL):
            yield op.SetDomainNotNull(domain)
        case "C", ast.Constraint(skip_validation=not_valid):
            yield op.AddDomainCheck(domain, bool(not_valid))
        case "O", _:
            yield op.SetDomainNotNull(domain)
        case "N" | "X", _:
            yield op.DropDomainNotNull(domain)
        case "V", _:
            yield op.ValidateDomainConstraint(domain, node.name)


LOWERINGS: dict[type, Lowering] = {
    ast.AlterDomainStmt: _alter,
    ast.CreateDomainStmt: _create,
}

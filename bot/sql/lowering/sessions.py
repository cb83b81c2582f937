"""What sets the session and its transactions, and touches no table."""

from __future__ import annotations

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import strings
from bot.sql.queries import functions_in
from bot.sql.tree import Tree, ast, enums


def _session(node: Tree) -> Operations:
    match node:
        case ast.TransactionStmt():
            yield _transaction(node)
        case ast.VariableSetStmt(name="search_path"):
            yield _search_path(node)
        case ast.VariableSetStmt(kind=enums.VariableSetKind.VAR_RESET_ALL):
            yield op.SetSearchPath(("public",))
        case ast.DiscardStmt(target=target):
            if target == enums.DiscardMode.DISCARD_ALL:
                yield op.SetSearchPath(("public",))
            if target in (enums.DiscardMode.DISCARD_ALL, enums.DiscardMode.DISCARD_TEMP):
                yield op.DiscardTemporary()


def _transaction(node: Tree) -> op.Operation:
    kinds = enums.TransactionStmtKind
    match node.kind:
        case kinds.TRANS_STMT_BEGIN | kinds.TRANS_STMT_START:
            return op.Begin()
        case kinds.TRANS_STMT_COMMIT:
            return op.Commit(bool(node.chain))
        case kinds.TRANS_STMT_ROLLBACK:
            return op.Rollback(bool(node.chain))
        case kinds.TRANS_STMT_SAVEPOINT:
            return op.Savepoint(node.savepoint_name)
        case kinds.TRANS_STMT_ROLLBACK_TO:
            return op.RollbackTo(node.savepoint_name)
        case kinds.TRANS_STMT_RELEASE:
            return op.Release(node.savepoint_name)
        case kinds.TRANS_STMT_PREPARE:
            # Nothing of it is there before COMMIT PREPARED, in whichever session that comes.
            return op.Rollback()
        case _:
            return op.Operation()


def _search_path(node: Tree) -> op.SetSearchPath:
    """The schemas as written; RESET and SET … TO DEFAULT return to "public"."""
    local = bool(node.is_local)
    if node.kind != enums.VariableSetKind.VAR_SET_VALUE:
        return op.SetSearchPath(("public",), local)
    texts = [_constant(value) for value in node.args]
    known = tuple(text for text in texts if text is not None and text != "$user")
    return op.SetSearchPath(known if None not in texts else None, local)


def configured(node: Tree) -> op.SetSearchPath | None:
    """The search path that a query sets: SELECT set_config('search_path', 'a, b', is_local)"""
    match node:
        case ast.SelectStmt(
            targetList=(
                ast.ResTarget(val=ast.FuncCall(funcname=name, args=(setting, value, local))),
            )
        ) if strings(name)[-1] == "set_config":
            if (_constant(setting) or "").lower() == "search_path":
                path = _constant(value)
                match local:
                    case ast.A_Const(val=ast.Boolean(boolval=is_local)) if path is not None:
                        return op.SetSearchPath(_schemas(path), bool(is_local))
                return op.SetSearchPath(None)
    # In a form in which nobody can tell what it sets.
    return op.SetSearchPath(None) if "set_config" in functions_in(node) else None


def _constant(node: Tree) -> str | None:
    match node:
        case ast.A_Const(val=ast.String(sval=text)):
            return str(text)
    return None


def _schemas(path: str) -> tuple[str, ...]:
    """A search path as one text: plain names in lower case, quoted ones as they are."""
    names = (name.strip() for name in path.split(","))
    plain = (name[1:-1] if name[:1] == '"' else name.lower() for name in names if name)
    return tuple(name for name in plain if name != "$user")


LOWERINGS: dict[type, Lowering] = {
    ast.TransactionStmt: _session,
    ast.VariableSetStmt: _session,
    ast.DiscardStmt: _session,
}

"""What sets the session and its transactions, and touches no table."""

from __future__ import annotations

import re

from bot.postgres import operations as op
from bot.sql.lowering.base import Lowering, Operations
from bot.sql.names import strings
from bot.sql.queries import functions_in
from bot.sql.tree import Tree, ast, enums

_TIME = re.compile(r"\s*([0-9]*\.?[0-9]*)\s*(us|ms|s|min|h|d)?\s*")
_UTC = ("utc", "etc/utc", "uct", "gmt", "etc/gmt", "universal", "etc/universal", "zulu")
_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1e3, "min": 6e4, "h": 3.6e6, "d": 8.64e7}


def _session(node: Tree) -> Operations:
    match node:
        case ast.TransactionStmt():
            yield _transaction(node)
        case ast.VariableSetStmt(name="search_path"):
            yield _search_path(node)
        case ast.VariableSetStmt(name=str(name)) if name in op.TIMEOUTS:
            yield _timeout(node)
        case ast.VariableSetStmt(name=str(name)) if name.lower() == "timezone":
            set_to = node.args if node.kind == enums.VariableSetKind.VAR_SET_VALUE else None
            yield op.SetTimeZone(_is_utc(set_to[0] if set_to else None), bool(node.is_local))
        case ast.VariableSetStmt(kind=enums.VariableSetKind.VAR_RESET_ALL):
            yield op.ResetAll()
        case ast.DiscardStmt(target=target):
            if target == enums.DiscardMode.DISCARD_ALL:
                yield op.Alone()
                yield op.ResetAll()
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
        case kinds.TRANS_STMT_COMMIT_PREPARED | kinds.TRANS_STMT_ROLLBACK_PREPARED:
            return op.Alone()
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


def _timeout(node: Tree) -> op.SetTimeout:
    """RESET and SET … TO DEFAULT return to the server's default, which sets no limit."""
    local = bool(node.is_local)
    if node.kind != enums.VariableSetKind.VAR_SET_VALUE:
        return op.SetTimeout(node.name, on=False, local=local)
    return op.SetTimeout(node.name, on=_limits(node.args[0]), local=local)


def _limits(value: Tree) -> bool:
    """Whether it is another value than 0, as which all up to half a millisecond counts."""
    match value:
        case ast.A_Const(val=ast.Integer(ival=number)):
            return bool(number)
        case ast.A_Const(val=ast.Float(fval=text) | ast.String(sval=text)):
            return _is_more_than_0(text)
    return True


def _is_more_than_0(text: str) -> bool:
    time = _TIME.fullmatch(text)
    if time and time[1].strip("."):
        return float(time[1]) * _MILLISECONDS[time[2] or "ms"] > 0.5  # rint: a half goes to 0
    return bool(re.search("[1-9]", text))


def configured(node: Tree) -> op.Operation | None:
    """What a query sets: SELECT set_config('search_path', 'a, b', is_local)"""
    match node:
        case ast.SelectStmt(
            targetList=(
                ast.ResTarget(val=ast.FuncCall(funcname=name, args=(setting, value, local))),
            )
        ) if strings(name)[-1] == "set_config":
            which = (_constant(setting) or "").lower()
            known = isinstance(local, ast.A_Const) and isinstance(local.val, ast.Boolean)
            is_local = known and bool(local.val.boolval)
            if which in op.TIMEOUTS:
                return op.SetTimeout(which, on=_limits(value), local=is_local)
            if which == "timezone":
                return op.SetTimeZone(known and _is_utc(value), is_local)
            if which == "search_path":
                path = _constant(value) if known else None
                schemas = None if path is None else _schemas(path)
                return op.SetSearchPath(schemas, is_local)
    # In a form in which nobody can tell what it sets.
    return op.SetSearchPath(None) if "set_config" in functions_in(node) else None


def _is_utc(zone: Tree | None) -> bool:
    return (_constant(zone) or "").lower() in _UTC


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

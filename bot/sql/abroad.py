"""dblink runs SQL in a session of its own, whose locks are not those of this one."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sql.names import strings
from bot.sql.queries import HARMLESS, calls_in, functions_in
from bot.sql.tree import ParseError, Tree, ast, parsed

REASON = "what dblink runs in another session cannot be simulated"

_RUN = frozenset(("dblink", "dblink_exec", "dblink_open", "dblink_send_query"))
_LOCK_NO_TABLE = (
    ast.SelectStmt,
    ast.InsertStmt,
    ast.UpdateStmt,
    ast.DeleteStmt,
    ast.MergeStmt,
    ast.TransactionStmt,
    ast.VariableSetStmt,
)


def runs_abroad(node: Tree, text: str) -> bool:
    """Whether it may lock others out in another session: more than reading and writing rows."""
    if "dblink" not in text.lower():
        return False
    calls = (call for call in calls_in(node) if strings(call.funcname)[-1] in _RUN)
    return not all(any(_is_harmless(one) for one in _texts(call)) for call in calls)


def _texts(call: Tree) -> Iterator[str]:
    """Its arguments that are written out: the name of a connection and the SQL."""
    for argument in call.args or ():
        match argument:
            case ast.A_Const(val=ast.String(sval=text)):
                yield text


def _is_harmless(text: str) -> bool:
    try:
        several = [raw.stmt for raw in parsed(text)]
    except ParseError:
        return False
    return bool(several) and all(
        isinstance(one, _LOCK_NO_TABLE) and functions_in(one) <= HARMLESS for one in several
    )

"""What a statement of a revision stands for, and where the revision says it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from bot.alembic.sender import Asked
from bot.model.finding import NoFix
from bot.model.moment import Moment
from bot.python.bodies import bodies
from bot.python.layout import WIDTH, Layout
from bot.python.parsing import Module
from bot.python.values import Call

FORM = NoFix("It is written in a form that is not changed for you; a person has to do it.")
IN_A_VALUE = NoFix("Something is done with the call's result, so a person has to change it.")
_LEAVING = frozenset({"create_index", "create_unique_constraint", "create_primary_key"})
_LEAVING |= {"alter_column", "execute"}


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What a statement of a revision stands for: an operation of Alembic's, or SQL.

    `asked` is None for SQL that the revision writes itself, in the string `node`. `batch` is the
    `with op.batch_alter_table(…)` around it. `named` where a naming convention may change a name,
    unless that is `op.f()`; `ready` where the module calls Alembic's operations `op`.
    """

    module: Module
    call: Call
    name: str
    asked: Asked | None = None
    node: ast.expr | None = None
    batch: ast.With | ast.AsyncWith | None = None
    width: int = WIDTH
    named: bool = True
    ready: bool = True


def request_of(moment: Moment) -> Request | None:
    sent = moment.statement.sent
    return sent.by if sent and isinstance(sent.by, Request) else None


def layout_of(request: Request) -> Layout:
    return Layout(request.module, request.width)


def says_more(call: Call) -> bool:
    """Whether a column is altered in other ways as well."""
    return any(
        one.arg in ("type_", "server_default", "new_column_name", "comment")
        for one in call.node.keywords
    )


def leaves_nothing(request: Request, statement: ast.Expr) -> bool:
    """Whether the block may have no statement left: then its first one becomes `pass`."""
    block = bodies(request.module).beside(request.call.node)
    others = [one for one in block if not _is_text(one)]
    if not all(_may_leave(one) for one in others):
        return False
    return bool(others) and others[0] is statement


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _may_leave(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(_, name))):
            return name in _LEAVING
    return False

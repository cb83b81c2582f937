"""An index as its author asks for it, built while others read and write."""

from __future__ import annotations

import ast

from bot.alembic.request import Request, layout_of
from bot.postgres.operations import CreateIndex
from bot.python.copies import Changed, Copier
from bot.python.values import Known

CONCURRENTLY = "postgresql_concurrently"
_KNOWN = frozenset({"index_name", "table_name", "columns", "schema", "unique", "if_not_exists"})
_KNOWN |= {f"postgresql_{word}" for word in ("concurrently", "using", "include", "where", "ops")}
_KNOWN |= {f"postgresql_{word}" for word in ("with", "tablespace", "nulls_not_distinct")}
"""The arguments of which all that they say is in the SQL that Alembic sends."""

_PLAIN = frozenset({"unique", "if_not_exists", "postgresql_using", "deferrable", "initially"})
"""Those that leave no placeholder in the SQL where nobody can tell what they are."""


def own(request: Request, index: CreateIndex, indent: str) -> str | None:
    """The author's own create_index(); None where it needs more than itself, as a variable."""
    if request.name != "create_index":
        return None
    parts = [part for one in _arguments(request) for part in ast.walk(one)]
    finals = [one for one in parts if isinstance(one, ast.Call) and _is_final(one, request)]
    known = {id(part) for one in finals for part in ast.walk(one.func)}
    if any(_needs_more(one) for one in parts if id(one) not in known):
        return None
    changes = {id(one): Changed("op.f") for one in finals}
    changes[id(request.call.node)] = _moved(request, index)
    return Copier(layout_of(request), changes).copy(request.call.node, indent)


def _moved(request: Request, index: CreateIndex) -> Changed:
    """The call as one of `op`, which is told the table that a batch has for all its calls."""
    layout, table, second = layout_of(request), list[str](), None
    if request.batch is not None:
        name, schema = layout.string(index.table.name), index.table.schema
        second = name if len(request.call.node.args) > 1 else None
        table += [] if second else [f"table_name={name}"]
        table += [f"schema={layout.string(schema)}"] if schema else []
    more = (*table, f"{CONCURRENTLY}=True")
    return Changed("op.create_index", frozenset({CONCURRENTLY}), more, second)


def _arguments(request: Request) -> list[ast.expr | ast.keyword]:
    return [*request.call.node.args, *request.call.node.keywords]


def _is_final(call: ast.Call, request: Request) -> bool:
    """Whether it is the `batch_op.f(…)` of its batch."""
    match call.func, request.call.node.func:
        case ast.Attribute(ast.Name(one), "f"), ast.Attribute(ast.Name(other), _):
            return one == other
    return False


def _needs_more(part: ast.AST) -> bool:
    """Whether it is a name that not every revision has, or spreads what stands elsewhere."""
    match part:
        case ast.Name(name):
            return name not in ("sa", "op")
        case ast.keyword(arg=name):
            return name is None
    return isinstance(part, ast.Starred)


def is_simple(index: CreateIndex) -> bool:
    """Whether its columns and `unique` are all that there is to say of it."""
    shape = index.shape
    more = shape.including or shape.nulls_not_distinct or shape.options or shape.tablespace
    return shape.plain and not more and not index.if_not_exists


def is_all_sent(request: Request) -> bool:
    """Whether the SQL that Alembic sends has all that the author asks for."""
    keywords = request.call.keywords
    if any(not isinstance(keywords[one].value, Known) for one in _PLAIN & keywords.keys()):
        return False
    return request.name != "create_index" or keywords.keys() <= _KNOWN

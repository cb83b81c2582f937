"""Queries through the models that read every row of a table, in the functions of RunPython."""

from __future__ import annotations

import ast

from bot.django.names import quoted
from bot.django.state import Model, State
from bot.python.events import Event, Forked
from bot.python.values import Attribute, Call, Value, text_of

_OF_ALL = frozenset(
    {"all", "defer", "distinct", "iterator", "only", "order_by", "prefetch_related", "reverse"}
    | {"select_related", "using", "values", "values_list"}
)
"""Methods of a QuerySet that leave out no row."""
_VALUE = "'…'"


def query(call: Call, state: State) -> str | None:
    """The SQL that a call sends for all rows of a model, None where it does not."""
    match call.function:
        case Attribute(rows, ("update" | "delete" | "iterator") as what):
            model = _of_all(rows, state)
            return _sql(what, call, model) if model else None
    return None


def loop(event: Event, last: Call | None, state: State) -> str | None:
    """The SQL of a loop over what the last call gives, where that is all rows of a model."""
    match event:
        case Forked(ast.For(iter=several)) if last and last.node is several:
            model = _of_all(last, state) if query(last, state) is None else None
            return _sql("all", last, model) if model else None
    return None


def _sql(what: str, call: Call, model: Model) -> str:
    words = {"update": "UPDATE", "delete": "DELETE FROM"}.get(what, "SELECT * FROM")
    columns = [quoted(model.column(name)) for name in call.keywords] or ['"id"']
    assigned = f" SET {', '.join(f'{one} = {_VALUE}' for one in columns)}"
    return f"{words} {quoted(model.table)}{assigned if what == 'update' else ''}"


def _of_all(rows: Value, state: State) -> Model | None:
    """The model whose manager, or a QuerySet of all its rows, this is."""
    while isinstance(rows, Call):
        match rows.function:
            case Attribute(inner, name) if name in _OF_ALL:
                rows = inner
            case _:
                return None
    match rows:
        case Attribute(Call() as model, _) if model.path == "apps.get_model":
            return _model(model, state)
    return None


def _model(call: Call, state: State) -> Model | None:
    given = call.bound("app_label", "model_name")
    texts = [text_of(given[name].value) for name in ("app_label", "model_name") if name in given]
    app, _, name = ".".join(one or "" for one in texts).partition(".")
    if not (app and name):
        return None
    return state.at((app, name.lower())) or Model(app, name, {})

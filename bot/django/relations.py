"""The tables between two models, and what references a model."""

from __future__ import annotations

from dataclasses import replace

from bot.django.fields import Field, m2m_table
from bot.django.state import Model
from bot.python.values import Argument, Call, Known, Name, Value, text_of


def through(model: Model, one: Field) -> Model:
    other = one.target
    theirs = other[1] if other and other[0] else "user"
    same = other == model.key
    first, second = model.name.lower(), theirs
    if same or first == second:
        first, second = f"from_{first}", f"to_{second}"
    keys = {"on_delete": Argument(Known(None), one.call.node)}
    if "db_constraint" in one.call.keywords:
        keys["db_constraint"] = one.call.keywords["db_constraint"]
    ours = Known(f"{model.app}.{model.name}")
    to = one.option("to") or Known("")
    key = model.primary_key
    auto = "BigAutoField" if key and key.kind == "BigAutoField" else "AutoField"
    fields = {
        "id": _field("id", auto, model, one, primary_key=Known(True)),
        first: _related(first, ours, keys, model, one),
        second: _related(second, to, keys, model, one),
    }
    name = f"{model.name}_{one.name}"
    table = Known(m2m_table(one, model.table))
    options: dict[str, Value] = {"db_table": table, "auto_created": Known(True)}
    return Model(model.app, name, fields, options, {}, {((first, second),): ""})


def _field(name: str, kind: str, model: Model, one: Field, **options: Value) -> Field:
    arguments = {key: Argument(value, one.call.node) for key, value in options.items()}
    call = Call(Name(f"django.db.models.{kind}"), (), arguments, one.call.node)
    return Field(name, call, model.app, model.name)


def related_name(model: Model, one: Field) -> str:
    """The name by which Django sorts what references a model (ForeignObjectRel.name)."""
    if "_" in model.name and model.options.get("auto_created"):
        return f"{model.name}+"
    given = one.option("related_query_name") or one.option("related_name")
    return text_of(given) or model.name.lower()


def _related(name: str, to: Value, keys: dict[str, Argument], model: Model, one: Field) -> Field:
    known = _field(name, "ForeignKey", model, one)
    call = replace(known.call, keywords={"to": Argument(to, one.call.node), **keys})
    return replace(known, call=call)

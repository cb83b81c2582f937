"""What the operations on fields do."""

from __future__ import annotations

from dataclasses import replace

from bot.django.altering import alter_field as altered
from bot.django.fields import Field, field_of, without_default
from bot.django.running import Run, Unclear
from bot.django.state import Model
from bot.python.values import truth


def _field(run: Run, model: Model) -> tuple[Field, Field]:
    """The field as it is added, and as it then is in the models."""
    name = run.text("name")
    one = field_of(name, run.call("field"), model.app, model.name)
    kept = run.value("preserve_default")
    lasting = truth(kept) is not False if kept is not None else True
    return one, one if lasting else without_default(one)


def add_field(run: Run) -> None:
    model = run.model()
    one, kept = _field(run, model)
    run.state.put(model.with_field(kept))  # what it points to may be itself
    if model.is_managed:
        added = run.editor.add_field(run.about(model, one), model, one)
        kept = replace(kept, made=added.made)
    run.state.put((run.state.at(model.key) or model).with_field(kept))


def alter_field(run: Run) -> None:
    model = run.known_model()
    one, kept = _field(run, model)
    old = model.fields.get(one.name)
    if old is None:
        raise Unclear(f"no migration before it that can be read adds the field `{one.name}`")
    run.state.put(model.with_field(kept))
    if model.is_managed:
        asked = replace(run.about(model, one), before=old)
        new = altered(run.editor, asked, model, old, one)
        kept = replace(kept, made=new.made)
    run.state.put((run.state.at(model.key) or model).with_field(kept))


def remove_field(run: Run) -> None:
    model, name = run.model(), run.text("name")
    one = model.fields.get(name)
    if one is None:
        raise Unclear(f"no migration before it that can be read adds the field `{name}`")
    if model.is_managed:
        run.editor.remove_field(run.about(model, one), model, one)
    run.state.put(model.without_field(name))


def rename_field(run: Run) -> None:
    model, old, new = run.known_model(), run.text("old_name"), run.text("new_name")
    one = model.fields.get(old)
    if one is None:
        raise Unclear(f"no migration before it that can be read adds the field `{old}`")
    renamed = replace(one, name=new)
    fields = {
        (new if key == old else key): (renamed if key == old else known)
        for key, known in model.fields.items()
    }
    after = _with_renamed(replace(model, fields=fields), old, new)
    run.state.put(after)
    if model.is_managed:
        kept = altered(run.editor, run.about(model, one), model, one, renamed)
        run.state.put(after.with_field(kept))


def _with_renamed(model: Model, old: str, new: str) -> Model:
    together = {
        tuple(tuple(new if name == old else name for name in names) for names in key): known
        for key, known in model.together.items()
    }
    return replace(model, together=together)

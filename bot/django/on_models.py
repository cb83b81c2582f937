"""What the operations on models and tables do."""

from __future__ import annotations

from dataclasses import replace

from bot.django.altering import alter_field, alter_many
from bot.django.clauses import within
from bot.django.fields import Field, sent_by
from bot.django.names import index_name, quoted
from bot.django.relations import through
from bot.django.running import Run, Unclear
from bot.django.state import Model, Together, model_of, options_of, together_of
from bot.python.values import Argument, Call, Known, Name, Several, text_of


def create_model(run: Run) -> None:
    fields = run.value("fields")
    if not isinstance(fields, Several):
        raise Unclear("its fields are not written out")
    options = options_of(run.value("options"))
    model = model_of(run.state.app, run.text("name"), fields.items, options)
    together = together_of(options.get("unique_together"))
    model = replace(model, together={(one,): "" for one in together})
    run.state.put(model)
    if not model.is_managed:
        return
    ordered = options.get("order_with_respect_to")
    if ordered is not None and ordered != Known(None):
        model = model.with_field(_order(model, run.asked.call))
    asked = run.about(model)
    run.editor.create_model(asked, model)
    for names in together_of(options.get("index_together")):
        run.editor.send(asked, _together_index(run.state.model(model.name) or model, names))


def _order(model: Model, call: Call) -> Field:
    made = Call(Name("django.db.models.IntegerField"), (), {}, call.node)
    return Field("_order", made, model.app, model.name, Known(0))


def _together_index(model: Model, names: tuple[str, ...]) -> str:
    columns = [model.column(name) for name in names]
    name, listed = index_name(model.table, columns, "_idx"), ", ".join(map(quoted, columns))
    on = f"{quoted(model.table)} ({listed})"
    return f"CREATE INDEX {quoted(name)} ON {on}{within(model.tablespace())}"


def delete_model(run: Run) -> None:
    model = run.model("name")
    if model.is_managed:
        run.editor.delete_model(run.about(model), model)
    run.state.models.pop(model.key, None)


def rename_model(run: Run) -> None:
    old, name = run.known_model("old_name"), run.text("new_name")
    fields = {one: replace(known, model=name) for one, known in old.fields.items()}
    new = replace(old, name=name, fields=fields)
    run.state.put(new)
    asked = run.about(old)
    if old.is_managed:
        run.editor.rename_table(asked, old.table, new.table)
    for other, one in run.state.pointing_at(old):
        if not other.options.get("auto_created"):
            _repoint(run, new if other.key == old.key else other, one, new)
    for one in old.fields.values():
        if one.relation == "many" and one.option("through") is None and old.is_managed:
            new = run.state.models.get(new.key, new)
            alter_many(run.editor, asked, (old, one), (new, new.fields[one.name]))
    if old.key != new.key:
        run.state.models.pop(old.key, None)


def _repoint(run: Run, model: Model, one: Field, to: Model) -> None:
    """A relation that named the model by its old name names it by the new one."""
    argument = one.argument("to")
    if argument is None or argument.value == Known("self"):
        return
    keywords = {**one.call.keywords, "to": Argument(Known(f"{to.app}.{to.name}"), argument.node)}
    call = replace(one.call, keywords=keywords, arguments=())
    changed = replace(one, call=call, model=model.name)
    model = run.state.models.get(model.key, model)
    asked = run.about(model, changed)
    if model.is_managed and one.relation == "many" and one.option("through") is None:
        alter_many(run.editor, asked, (model, one), (model, changed))
    elif model.is_managed and one.relation == "one":
        changed = alter_field(run.editor, asked, model, one, changed)
    run.state.put(run.state.models.get(model.key, model).with_field(changed))


def alter_table(run: Run) -> None:
    model = run.model("name")
    table = run.value("table")
    new = model.with_options(db_table=table if text_of(table) else None)
    if table is not None and text_of(table) is None and table != Known(None):
        raise Unclear("its table is not written out")
    if model.is_managed:
        run.editor.rename_table(run.about(model), model.table, new.table)
        for one in model.fields.values():
            if one.relation == "many" and one.option("through") is None:
                before, after = run.editor.between(model, one), through(new, one)
                run.editor.rename_table(run.about(model), before.table, after.table)
                run.state.put(before.with_options(db_table=Known(after.table)))
    run.state.put(new)


def table_comment(run: Run) -> None:
    model, text = run.model("name"), run.value("table_comment")
    if model.is_managed:
        words = sent_by(Known(text_of(text) or ""))
        run.editor.send(run.about(model), f"COMMENT ON TABLE {quoted(model.table)} IS {words}")
    run.state.put(model.with_options(db_table_comment=text))


def unique_together(run: Run) -> None:
    model = run.model("name")
    before = {one for several in model.together for one in several}
    after = set(together_of(run.value("unique_together")))
    asked = run.about(model)
    if model.is_managed:
        for names in sorted(before - after):
            columns = [model.column(name) for name in names]
            name = quoted(model.together.get((names,)) or index_name(model.table, columns, "_uniq"))
            run.editor.send(asked, f"ALTER TABLE {quoted(model.table)} DROP CONSTRAINT {name}")
        for names in sorted(after - before):
            run.editor.send(asked, run.editor.unique_sql(model, names))
    made: dict[Together, str] = {(names,): _unique_name(model, names) for names in after - before}
    kept: dict[Together, str] = {
        key: name for key, name in model.together.items() if key[0] in after
    }
    run.state.put(replace(model, together={**kept, **made}))


def _unique_name(model: Model, names: tuple[str, ...]) -> str:
    return index_name(model.table, [model.column(name) for name in names], "_uniq")


def index_together(run: Run) -> None:
    model, value = run.model("name"), run.value("index_together")
    before = set(together_of(model.options.get("index_together")))
    after = set(together_of(value))
    asked = run.about(model)
    if model.is_managed:
        for names in sorted(before - after):
            columns = [model.column(name) for name in names]
            name = quoted(index_name(model.table, columns, "_idx"))
            run.editor.send(asked, f"DROP INDEX IF EXISTS {name}")
        for names in sorted(after - before):
            run.editor.send(asked, _together_index(model, names))
    run.state.put(model.with_options(index_together=value))


def order_with_respect_to(run: Run) -> None:
    model, value = run.model("name"), run.value("order_with_respect_to")
    before = model.options.get("order_with_respect_to")
    had, has = (one is not None and one != Known(None) for one in (before, value))
    order = _order(model, run.asked.call)
    if model.is_managed and had and not has:
        run.editor.remove_field(run.about(model), model, order)
    if model.is_managed and has and not had:
        run.editor.add_field(run.about(model, order), model, order)
    run.state.put(model.with_options(order_with_respect_to=value))


def options(run: Run) -> None:
    model = run.model("name")
    run.state.put(model.with_options(**options_of(run.value("options"))))


def nothing(run: Run) -> None:
    return

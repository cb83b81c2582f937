"""What each operation of a migration changes in the models, and what it sends."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.django.altering import alter_field, alter_many
from bot.django.editor import Asked, Editor
from bot.django.fields import Field, Key, field_of, sent_by, without_default
from bot.django.names import index_name, quoted
from bot.django.state import Model, State, Together, model_of, options_of, together_of
from bot.python.layout import Layout
from bot.python.values import (
    Argument,
    Call,
    Known,
    Name,
    Several,
    Value,
    text_of,
    truth,
)

OWN = "django.db.migrations."
POSTGRES = "django.contrib.postgres.operations."
_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "CreateModel": ("name", "fields", "options", "bases", "managers"),
    "DeleteModel": ("name",),
    "RenameModel": ("old_name", "new_name"),
    "AlterModelTable": ("name", "table"),
    "AlterModelTableComment": ("name", "table_comment"),
    "AlterUniqueTogether": ("name", "unique_together"),
    "AlterIndexTogether": ("name", "index_together"),
    "AlterOrderWithRespectTo": ("name", "order_with_respect_to"),
    "AlterModelOptions": ("name", "options"),
    "AlterModelManagers": ("name", "managers"),
    "AddField": ("model_name", "name", "field", "preserve_default"),
    "AlterField": ("model_name", "name", "field", "preserve_default"),
    "RemoveField": ("model_name", "name"),
    "RenameField": ("model_name", "old_name", "new_name"),
    "AddIndex": ("model_name", "index"),
    "AddIndexConcurrently": ("model_name", "index"),
    "RemoveIndex": ("model_name", "name"),
    "RemoveIndexConcurrently": ("model_name", "name"),
    "RenameIndex": ("model_name", "new_name", "old_name", "old_fields"),
    "AddConstraint": ("model_name", "constraint"),
    "AddConstraintNotValid": ("model_name", "constraint"),
    "AlterConstraint": ("model_name", "name", "constraint"),
    "RemoveConstraint": ("model_name", "name"),
    "ValidateConstraint": ("model_name", "name"),
    "CreateExtension": ("name",),
    "CreateCollation": ("name", "locale"),
    "RemoveCollation": ("name", "locale"),
}
_EXTENSIONS = {
    "BloomExtension": "bloom",
    "BtreeGinExtension": "btree_gin",
    "BtreeGistExtension": "btree_gist",
    "CITextExtension": "citext",
    "CryptoExtension": "pgcrypto",
    "HStoreExtension": "hstore",
    "TrigramExtension": "pg_trgm",
    "UnaccentExtension": "unaccent",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be told of an operation, and why."""

    node: ast.AST
    reason: str


class Unclear(Exception):
    """An operation says something that nobody can tell."""


class Operations:
    """Runs operations one after another, on the state and in the editor."""

    def __init__(self, state: State, layout: Layout | None = None) -> None:
        self.layout = layout
        self.state, self.editor = state, Editor(state)
        self._aside: dict[int, dict[Key, Model]] = {}
        """What SeparateDatabaseAndState has made of the models for the database alone."""

    def apply(self, call: Call, inside: Call | None, *, state: bool, database: bool) -> Gap | None:
        """One operation; the reason where it is not known what it does."""
        kind = kind_of(call)
        run = _RUN.get(kind or "")
        if kind in _EXTENSIONS:
            run = _extension
        if run is None or call.partial:
            return Gap(call.node, _UNKNOWN.format(_called(call)))
        given = call.bound(*_PARAMETERS.get(kind or "", ()))
        asked = Asked(call, kind or "", self.state.app, inside=inside, layout=self.layout)
        editor, models = self.editor if database else Editor(self.state), self.state.models
        if not state:
            self.state.models = self._aside.setdefault(id(inside), dict(models))
        try:
            run(_Run(self.state, editor, asked, given))
        except Unclear as unclear:
            return Gap(call.node, str(unclear))
        finally:
            if not state:
                self.state.models = models
        return None


@dataclass(frozen=True, slots=True)
class _Run:
    """One operation with its arguments."""

    state: State
    editor: Editor
    asked: Asked
    given: Mapping[str, Argument]

    def value(self, name: str) -> Value | None:
        found = self.given.get(name)
        return found.value if found else None

    def text(self, name: str) -> str:
        found = text_of(self.value(name))
        if found is None:
            raise Unclear(f"its {name} is not written out")
        return found

    def call(self, name: str) -> Call:
        found = self.value(name)
        if not isinstance(found, Call):
            raise Unclear(f"its {name} is not written out")
        return found

    def model(self, name: str = "model_name") -> Model:
        """The model that it is about; one of which nothing is known has the usual names."""
        named = self.text(name)
        return self.state.model(named) or Model(self.state.app, named, {})

    def known_model(self, name: str = "model_name") -> Model:
        named = self.text(name)
        model = self.state.model(named)
        if model is None:
            raise Unclear(f"no migration before it that can be read makes a model `{named}`")
        return model

    def about(self, model: Model, one: Field | None = None) -> Asked:
        return replace(self.asked, model=model, field=one)


def kind_of(call: Call) -> str | None:
    """The name of an operation that Django brings, None for another."""
    module, _, name = call.path.rpartition(".")
    return name if module.startswith(("django.db.migrations", "django.contrib.postgres")) else None


def _called(call: Call) -> str:
    return call.path.rpartition(".")[2] or "the operation"


_UNKNOWN = "what {} does is not known: it is no operation of Django's"


def _create_model(run: _Run) -> None:
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
    return f"CREATE INDEX {quoted(name)} ON {quoted(model.table)} ({listed})"


def _delete_model(run: _Run) -> None:
    model = run.model("name")
    if model.is_managed:
        run.editor.delete_model(run.about(model), model)
    run.state.models.pop(model.key, None)


def _rename_model(run: _Run) -> None:
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


def _repoint(run: _Run, model: Model, one: Field, to: Model) -> None:
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


def _alter_table(run: _Run) -> None:
    model = run.model("name")
    table = run.value("table")
    new = model.with_options(db_table=table if text_of(table) else None)
    if table is not None and text_of(table) is None and table != Known(None):
        raise Unclear("its table is not written out")
    if model.is_managed:
        run.editor.rename_table(run.about(model), model.table, new.table)
        for one in model.fields.values():
            if one.relation == "many" and one.option("through") is None:
                before, after = run.editor.between(model, one), run.editor.through(new, one)
                run.editor.rename_table(run.about(model), before.table, after.table)
                run.state.put(before.with_options(db_table=Known(after.table)))
    run.state.put(new)


def _table_comment(run: _Run) -> None:
    model, text = run.model("name"), run.value("table_comment")
    if model.is_managed:
        words = sent_by(Known(text_of(text) or ""))
        run.editor.send(run.about(model), f"COMMENT ON TABLE {quoted(model.table)} IS {words}")
    run.state.put(model.with_options(db_table_comment=text))


def _unique_together(run: _Run) -> None:
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


def _index_together(run: _Run) -> None:
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


def _order_with_respect_to(run: _Run) -> None:
    model, value = run.model("name"), run.value("order_with_respect_to")
    before = model.options.get("order_with_respect_to")
    had, has = (one is not None and one != Known(None) for one in (before, value))
    order = _order(model, run.asked.call)
    if model.is_managed and had and not has:
        run.editor.remove_field(run.about(model), model, order)
    if model.is_managed and has and not had:
        run.editor.add_field(run.about(model, order), model, order)
    run.state.put(model.with_options(order_with_respect_to=value))


def _options(run: _Run) -> None:
    model = run.model("name")
    run.state.put(model.with_options(**options_of(run.value("options"))))


def _nothing(run: _Run) -> None:
    return


def _field(run: _Run, model: Model) -> tuple[Field, Field]:
    """The field as it is added, and as it then is in the models."""
    name = run.text("name")
    one = field_of(name, run.call("field"), model.app, model.name)
    kept = run.value("preserve_default")
    lasting = truth(kept) is not False if kept is not None else True
    return one, one if lasting else without_default(one)


def _add_field(run: _Run) -> None:
    model = run.model()
    one, kept = _field(run, model)
    run.state.put(model.with_field(kept))  # what it points to may be itself
    if model.is_managed:
        added = run.editor.add_field(run.about(model, one), model, one)
        kept = replace(kept, made=added.made)
    run.state.put((run.state.at(model.key) or model).with_field(kept))


def _alter_field(run: _Run) -> None:
    model = run.known_model()
    one, kept = _field(run, model)
    old = model.fields.get(one.name)
    if old is None:
        raise Unclear(f"no migration before it that can be read adds the field `{one.name}`")
    run.state.put(model.with_field(kept))
    if model.is_managed:
        asked = replace(run.about(model, one), before=old)
        altered = alter_field(run.editor, asked, model, old, one)
        kept = replace(kept, made=altered.made)
    run.state.put((run.state.at(model.key) or model).with_field(kept))


def _remove_field(run: _Run) -> None:
    model, name = run.model(), run.text("name")
    one = model.fields.get(name)
    if one is None:
        raise Unclear(f"no migration before it that can be read adds the field `{name}`")
    if model.is_managed:
        run.editor.remove_field(run.about(model, one), model, one)
    run.state.put(model.without_field(name))


def _rename_field(run: _Run) -> None:
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
        kept = alter_field(run.editor, run.about(model, one), model, one, renamed)
        run.state.put(after.with_field(kept))


def _with_renamed(model: Model, old: str, new: str) -> Model:
    together = {
        tuple(tuple(new if name == old else name for name in names) for names in key): known
        for key, known in model.together.items()
    }
    return replace(model, together=together)


def _add_index(run: _Run) -> None:
    model, index = run.model(), run.call("index")
    concurrently = run.asked.kind.endswith("Concurrently")
    run.state.put(model.with_named(index))
    if model.is_managed:
        sql = run.editor.index_sql(model, index, concurrently=concurrently)
        if not sql:
            raise Unclear(f"what {_called(index)} is like is not known")
        run.editor.send(run.about(model), sql)


def _remove_index(run: _Run) -> None:
    model, name = run.model(), run.text("name")
    word = " CONCURRENTLY" if run.asked.kind.endswith("Concurrently") else ""
    if model.is_managed:
        run.editor.send(run.about(model), f"DROP INDEX{word} IF EXISTS {quoted(name)}")
        run.editor.forget(name)
    run.state.put(model.without_named(name))


def _rename_index(run: _Run) -> None:
    model, new = run.model(), run.text("new_name")
    old = text_of(run.value("old_name"))
    if old is None:
        names = next(iter(together_of(run.value("old_fields"))), ())
        old = index_name(model.table, [model.column(name) for name in names], "_idx")
    index = model.named.get(old)
    if index is not None:
        given = index.keywords["name"]
        keywords = {**index.keywords, "name": Argument(Known(new), given.node)}
        model = model.without_named(old).with_named(replace(index, keywords=keywords))
    run.state.put(model)
    if model.is_managed:
        run.editor.send(run.about(model), f"ALTER INDEX {quoted(old)} RENAME TO {quoted(new)}")


def _add_constraint(run: _Run) -> None:
    model, constraint = run.model(), run.call("constraint")
    run.state.put(model.with_named(constraint))
    if not model.is_managed:
        return
    sql = run.editor.constraint_sql(model, constraint)
    if not sql:
        raise Unclear(f"what {_called(constraint)} is like is not known")
    late = " NOT VALID" if run.asked.kind == "AddConstraintNotValid" else ""
    run.editor.send(run.about(model), f"{sql}{late}")


def _alter_constraint(run: _Run) -> None:
    model, constraint = run.model(), run.call("constraint")
    run.state.put(model.without_named(run.text("name")).with_named(constraint))


def _remove_constraint(run: _Run) -> None:
    model, name = run.model(), run.text("name")
    known = model.named.get(name)
    if model.is_managed:
        is_index = known is not None and run.editor.constraint_sql(model, known).startswith(
            "CREATE"
        )
        drop = f"ALTER TABLE {quoted(model.table)} DROP CONSTRAINT {quoted(name)}"
        sql = f"DROP INDEX IF EXISTS {quoted(name)}" if is_index else drop
        run.editor.send(run.about(model), sql)
    run.state.put(model.without_named(name))


def _validate(run: _Run) -> None:
    model, name = run.model(), run.text("name")
    if model.is_managed:
        sql = f"ALTER TABLE {quoted(model.table)} VALIDATE CONSTRAINT {quoted(name)}"
        run.editor.send(run.about(model), sql)


def _extension(run: _Run) -> None:
    name = _EXTENSIONS.get(run.asked.kind) or run.text("name")
    run.editor.send(run.asked, f"CREATE EXTENSION IF NOT EXISTS {quoted(name)}")


def _collation(run: _Run) -> None:
    name = quoted(run.text("name"))
    if run.asked.kind == "RemoveCollation":
        run.editor.send(run.asked, f"DROP COLLATION {name}")
        return
    parts = [f"locale={quoted(run.text('locale'))}"]
    if provider := text_of(run.value("provider")):
        parts.append(f"provider={quoted(provider)}")
    if (value := run.value("deterministic")) is not None and truth(value) is False:
        parts.append("deterministic=false")
    run.editor.send(run.asked, f"CREATE COLLATION {name} ({', '.join(parts)})")


_RUN: Mapping[str, Callable[[_Run], None]] = {
    "CreateModel": _create_model,
    "DeleteModel": _delete_model,
    "RenameModel": _rename_model,
    "AlterModelTable": _alter_table,
    "AlterModelTableComment": _table_comment,
    "AlterUniqueTogether": _unique_together,
    "AlterIndexTogether": _index_together,
    "AlterOrderWithRespectTo": _order_with_respect_to,
    "AlterModelOptions": _options,
    "AlterModelManagers": _nothing,
    "AddField": _add_field,
    "AlterField": _alter_field,
    "RemoveField": _remove_field,
    "RenameField": _rename_field,
    "AddIndex": _add_index,
    "AddIndexConcurrently": _add_index,
    "RemoveIndex": _remove_index,
    "RemoveIndexConcurrently": _remove_index,
    "RenameIndex": _rename_index,
    "AddConstraint": _add_constraint,
    "AddConstraintNotValid": _add_constraint,
    "AlterConstraint": _alter_constraint,
    "RemoveConstraint": _remove_constraint,
    "ValidateConstraint": _validate,
    "CreateExtension": _extension,
    "CreateCollation": _collation,
    "RemoveCollation": _collation,
}

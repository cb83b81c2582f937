"""What each operation of a migration changes in the models, and what it sends."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.django import on_fields, on_indexes, on_models
from bot.django.decided import undecided
from bot.django.editor import Asked, Editor
from bot.django.fields import Key
from bot.django.running import Run, Unclear, called
from bot.django.state import Model, State
from bot.python.layout import Layout
from bot.python.values import Argument, Call, text_of

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


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be told of an operation, and why."""

    node: ast.AST
    reason: str


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
        if kind in on_indexes.EXTENSIONS:
            run = on_indexes.extension
        if run is None:
            return Gap(call.node, _UNKNOWN.format(called(call)))
        if call.partial:
            return Gap(call.node, "its arguments are not written out")
        given = call.bound(*_PARAMETERS.get(kind or "", ()))
        asked = Asked(call, kind or "", self.state.app, inside=inside, layout=self.layout)
        models = self.state.models
        if not state:
            self.state.models = self._aside.setdefault(id(inside), dict(models))
        why = undecided(kind or "", given, self._model(given))
        sends = database and (why is None or kind == "CreateModel")  # nobody waits for a new table
        editor = self.editor if sends else Editor(self.state)
        try:
            run(Run(self.state, editor, asked, given))
        except Unclear as unclear:
            return Gap(call.node, str(unclear))
        finally:
            if not state:
                self.state.models = models
        return Gap(call.node, why) if why else None

    def _model(self, given: Mapping[str, Argument]) -> Model | None:
        named = given.get("model_name")
        return self.state.model(text_of(named.value) or "") if named else None


def kind_of(call: Call) -> str | None:
    """The name of an operation that Django brings, None for another."""
    module, _, name = call.path.rpartition(".")
    return name if module.startswith(("django.db.migrations", "django.contrib.postgres")) else None


_UNKNOWN = "what {} does is not known: it is no operation of Django's"


_RUN: Mapping[str, Callable[[Run], None]] = {
    "CreateModel": on_models.create_model,
    "DeleteModel": on_models.delete_model,
    "RenameModel": on_models.rename_model,
    "AlterModelTable": on_models.alter_table,
    "AlterModelTableComment": on_models.table_comment,
    "AlterUniqueTogether": on_models.unique_together,
    "AlterIndexTogether": on_models.index_together,
    "AlterOrderWithRespectTo": on_models.order_with_respect_to,
    "AlterModelOptions": on_models.options,
    "AlterModelManagers": on_models.nothing,
    "AddField": on_fields.add_field,
    "AlterField": on_fields.alter_field,
    "RemoveField": on_fields.remove_field,
    "RenameField": on_fields.rename_field,
    "AddIndex": on_indexes.add_index,
    "AddIndexConcurrently": on_indexes.add_index,
    "RemoveIndex": on_indexes.remove_index,
    "RemoveIndexConcurrently": on_indexes.remove_index,
    "RenameIndex": on_indexes.rename_index,
    "AddConstraint": on_indexes.add_constraint,
    "AddConstraintNotValid": on_indexes.add_constraint,
    "AlterConstraint": on_indexes.alter_constraint,
    "RemoveConstraint": on_indexes.remove_constraint,
    "ValidateConstraint": on_indexes.validate,
    "CreateExtension": on_indexes.extension,
    "CreateCollation": on_indexes.collation,
    "RemoveCollation": on_indexes.collation,
}

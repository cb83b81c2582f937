"""Models are what the migrations so far have made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.django.fields import USER, Field, Key, field_of
from bot.django.names import default_table
from bot.python.values import (
    Call,
    Known,
    Pairs,
    Several,
    Value,
    text_of,
    texts_of,
    truth,
)

Together = tuple[tuple[str, ...], ...]

_BUILT_IN: Mapping[Key, str] = {  # Django's own apps have AutoField still
    ("auth", "user"): "auth_user",
    ("auth", "group"): "auth_group",
    ("auth", "permission"): "auth_permission",
    ("contenttypes", "contenttype"): "django_content_type",
    ("sites", "site"): "django_site",
    ("admin", "logentry"): "django_admin_log",
    ("flatpages", "flatpage"): "django_flatpage",
    ("redirects", "redirect"): "django_redirect",
}
_DEEPEST = 20  # relations to relations


@dataclass(frozen=True)
class Model:
    """`fields` are in their order; what the option `indexes` and the like name is in `named`."""

    app: str
    name: str
    fields: Mapping[str, Field]
    options: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Call] = field(default_factory=dict)
    together: Mapping[Together, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.app, self.name.lower()

    @property
    def table(self) -> str:
        given = self.options.get("db_table")
        known = text_of(given) or default_table(self.app, self.name)
        return known if given is None or isinstance(given, Known) else "${db_table}"

    def tablespace(self, one: Field | None = None) -> str:
        """Where the table is, or the index of a field; "" where the database decides."""
        own = text_of(one.option("db_tablespace")) if one else None
        return own or text_of(self.options.get("db_tablespace")) or ""

    @property
    def is_managed(self) -> bool:
        """Whether migrations touch its table."""
        proxy = truth(self.options.get("proxy") or Known(False))
        swapped = "swappable" in self.options and self.key == USER
        return (
            not proxy
            and not swapped
            and truth(self.options.get("managed") or Known(True)) is not False
        )

    def with_field(self, one: Field) -> Model:
        return replace(self, fields={**self.fields, one.name: one})

    def without_field(self, name: str) -> Model:
        rest = {key: value for key, value in self.fields.items() if key != name}
        return replace(self, fields=rest)

    def with_options(self, **changed: Value | None) -> Model:
        both = {**self.options, **changed}
        return replace(self, options={key: one for key, one in both.items() if one is not None})

    def with_named(self, call: Call) -> Model:
        name = text_of(call.keywords["name"].value) if "name" in call.keywords else None
        return replace(self, named={**self.named, name: call}) if name else self

    def without_named(self, name: str) -> Model:
        rest = {key: value for key, value in self.named.items() if key != name}
        return replace(self, named=rest)

    def column(self, name: str) -> str:
        """The column of a field, or of the name itself where no field is known."""
        if name == "pk":
            key = self.primary_key
            return key.column if key else "id"
        known = self.fields.get(name)
        if known:
            return known.column
        by_column = (one.column for one in self.fields.values() if one.column == name)
        return next(by_column, name)

    @property
    def primary_key(self) -> Field | None:
        return next((one for one in self.fields.values() if one.primary_key), None)

    @property
    def columns(self) -> tuple[Field, ...]:
        return tuple(
            one for one in self.fields.values() if one.has_column and one.relation != "many"
        )


class Others(Protocol):
    """The models of other apps."""

    def model(self, key: Key) -> Model | None: ...

    def is_deterministic(self, collation: str) -> bool: ...


class State:
    """The models of one app; those of `others` are asked for."""

    def __init__(self, app: str, models: Mapping[Key, Model], others: Others) -> None:
        self.app, self.others = app, others
        self.models = dict(models)

    def model(self, name: str) -> Model | None:
        return self.models.get((self.app, name.lower()))

    def put(self, model: Model) -> None:
        self.models[model.key] = model

    def at(self, key: Key) -> Model | None:
        if key in self.models:
            return self.models[key]
        return self.others.model(key) if key[0] != self.app else None

    def target(self, one: Field) -> Target:
        """Where a relation points: the table, the column and its type, as far as is known."""
        return self._target(one, 0)

    def _target(self, one: Field, depth: int) -> Target:
        key = one.target
        if key is None or depth > _DEEPEST:
            return Target("${table}", "id", "${type}", known=False)
        model = self.at(key)
        if model is None:
            return self._by_default(key, one)
        name = text_of(one.option("to_field"))
        field_ = model.fields.get(name) if name else model.primary_key
        if field_ is None:
            return Target(model.table, name or "id", "${type}", known=False)
        if field_.relation == "one":
            further = self._target(field_, depth + 1)
            return replace(further, table=model.table, column=field_.column, known=True)
        kind = field_.db_type or "${type}"
        return Target(model.table, field_.column, kind, collation=field_.collation)

    def _by_default(self, key: Key, one: Field) -> Target:
        name = text_of(one.option("to_field")) or "id"
        if key in _BUILT_IN:
            return Target(_BUILT_IN[key], name, "integer" if name == "id" else "${type}")
        if key == USER:
            return Target("${AUTH_USER_MODEL}", name, "${type}", known=False)
        return Target(default_table(*key), name, "${type}", known=False)

    def type_of(self, one: Field) -> str:
        return self.target(one).type if one.relation == "one" else (one.db_type or "${type}")

    def collation_of(self, one: Field) -> str | None:
        return one.collation or (self.target(one).collation if one.relation == "one" else None)

    def is_deterministic(self, collation: str) -> bool:
        """Whether strings that differ are never the same by it, as far as is known."""
        return self.others.is_deterministic(collation)

    def pointing_at(self, model: Model) -> tuple[tuple[Model, Field], ...]:
        """The relations of this app to a model."""
        return tuple(
            (other, one)
            for other in self.models.values()
            for one in other.fields.values()
            if one.relation and one.target == model.key
        )


@dataclass(frozen=True, slots=True)
class Target:
    """`known` where the table is not just what Django would call it by default."""

    table: str
    column: str
    type: str
    known: bool = True
    collation: str | None = None


class Nobody:
    """No other app is known."""

    def model(self, key: Key) -> Model | None:
        return None

    def is_deterministic(self, collation: str) -> bool:
        return True


def together_of(value: Value | None) -> Together:
    """unique_together or index_together, each field a name; "a", "b" alone is one of them."""
    if not isinstance(value, Several):
        return ()
    alone = texts_of(value)
    if alone:
        return (alone,)
    found = (texts_of(one) for one in value.items)
    return tuple(one for one in found if one)


def model_of(app: str, name: str, fields: Iterable[Value], options: Mapping[str, Value]) -> Model:
    """A model as CreateModel writes it; a placeholder names a field whose name is put together."""
    made = dict[str, Field]()
    for number, pair in enumerate(fields):
        match pair:
            case Several((one, Call() as call)):
                known = text_of(one) or f"${{field{number}}}"
                made[known] = field_of(known, call, app, name)
    model = Model(app, name, made, dict(options))
    for option in ("indexes", "constraints"):
        several = options.get(option)
        for one in several.items if isinstance(several, Several) else ():
            model = model.with_named(one) if isinstance(one, Call) else model
    return model


def options_of(value: Value | None) -> dict[str, Value]:
    if not isinstance(value, Pairs):
        return {}
    return {str(key.value): one for key, one in value.items if isinstance(key, Known)}

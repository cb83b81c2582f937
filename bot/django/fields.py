"""A model's field, as the migration that adds or alters it writes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from json import dumps
from typing import Literal

from bot.django.names import shortened, split
from bot.python.pure import plain
from bot.python.values import (
    NOTHING,
    Argument,
    Call,
    Known,
    Name,
    Value,
    text_of,
    truth,
)

Key = tuple[str, str]
"""The label of an app and the name of a model in lower case."""

Relation = Literal["", "one", "many"]

_OWN = (
    "django.db.models.",
    "django.db.models.fields.",
    "django.contrib.postgres.fields.",
    "django.contrib.gis.db.models.",
)
_ONE = frozenset({"ForeignKey", "OneToOneField", "TreeForeignKey", "TreeOneToOneField"})
_FOREIGN = frozenset({"mptt.fields.", "mptt.models."})
_NO_COLUMN = ("ManyToMany", "GenericRelation", "GenericForeignKey", "Manager", "Relation")
_TYPES = {
    "AutoField": "integer",
    "BigAutoField": "bigint",
    "SmallAutoField": "smallint",
    "BinaryField": "bytea",
    "BooleanField": "boolean",
    "NullBooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "timestamp with time zone",
    "DurationField": "interval",
    "FloatField": "double precision",
    "IntegerField": "integer",
    "BigIntegerField": "bigint",
    "IPAddressField": "inet",
    "GenericIPAddressField": "inet",
    "JSONField": "jsonb",
    "PositiveBigIntegerField": "bigint",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "smallint",
    "SmallIntegerField": "smallint",
    "TextField": "text",
    "TimeField": "time",
    "UUIDField": "uuid",
    "CITextField": "citext",
    "CIEmailField": "citext",
    "CICharField": "citext",
    "HStoreField": "hstore",
    "SearchVectorField": "tsvector",
    "SearchQueryField": "tsquery",
    "OidField": "oid",
    "IntegerRangeField": "int4range",
    "BigIntegerRangeField": "int8range",
    "DecimalRangeField": "numrange",
    "DateTimeRangeField": "tstzrange",
    "DateRangeField": "daterange",
}
_VARCHAR = {  # their usual lengths
    "CharField": None,
    "EmailField": 254,
    "FileField": 100,
    "ImageField": 100,
    "FilePathField": 100,
    "SlugField": 50,
    "URLField": 200,
    "CommaSeparatedIntegerField": None,
}
_POSITIVE = frozenset(
    {"PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"}
)
_EMPTY = frozenset({*_VARCHAR, "TextField", "CITextField", "CIEmailField", "CICharField"})
_INDEXED = _ONE | {"SlugField"}
_AUTO = {"AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint"}


@dataclass(frozen=True, slots=True)
class Made:
    """What the database calls what was made for a field; "" for what there is not."""

    unique: str = ""
    check: str = ""
    key: str = ""
    index: str = ""
    like: str = ""


@dataclass(frozen=True)
class Field:
    """`default` is what rows that are there get at once, None where it is nothing at all."""

    name: str
    call: Call
    app: str
    model: str
    default: Value | None = None
    made: Made = field(default=Made(), compare=False)

    @cached_property
    def path(self) -> str:
        return self.call.path

    @cached_property
    def own(self) -> bool:
        """Whether Django itself, or what is known as well, has the class."""
        before = self.path.removesuffix(self.kind)
        return before in _OWN or (before in _FOREIGN and self.kind in _ONE)

    @cached_property
    def kind(self) -> str:
        return self.path.rpartition(".")[2]

    def option(self, name: str) -> Value | None:
        found = self.argument(name)
        if name == "through" and found and found.value == NOTHING:
            return None
        return found.value if found else None

    def argument(self, name: str) -> Argument | None:
        if name in self.call.keywords:
            return self.call.keywords[name]
        places = {"to": 0, "base_field": 0, "verbose_name": 0}
        place = places.get(name)
        given = self.call.arguments
        return given[place] if place is not None and place < len(given) else None

    def says(self, name: str, *, default: bool = False) -> bool:
        """Whether an option holds, as far as is known."""
        value = self.option(name)
        found = truth(value) if value is not None else None
        return default if found is None else found

    @cached_property
    def relation(self) -> Relation:
        if self.kind in _ONE or self.kind.endswith("ForeignKey"):
            return "" if self.kind == "GenericForeignKey" else "one"
        if self.kind.endswith("OneToOneField"):
            return "one"
        return "many" if self.kind.endswith("ManyToManyField") else ""

    @property
    def has_column(self) -> bool:
        if self.relation == "one":
            return True
        return (
            not any(part in self.kind for part in _NO_COLUMN) and self.kind != "CompositePrimaryKey"
        )

    @cached_property
    def target(self) -> Key | None:
        """The model that it points to; None where nobody can tell."""
        return target(self.option("to"), self.app, self.model)

    @cached_property
    def column(self) -> str:
        given = text_of(self.option("db_column"))
        return given or (f"{self.name}_id" if self.relation == "one" else self.name)

    @property
    def null(self) -> bool:
        return self.says("null", default=self.kind == "NullBooleanField")

    @cached_property
    def primary_key(self) -> bool:
        return self.says("primary_key")

    @property
    def unique(self) -> bool:
        return self.says("unique") or self.primary_key or self.kind.endswith("OneToOneField")

    @property
    def db_index(self) -> bool:
        return self.says("db_index", default=self.kind in _INDEXED or self.relation == "one")

    @property
    def constrained(self) -> bool:
        """Whether the database is asked to keep a foreign key."""
        return self.relation == "one" and self.says("db_constraint", default=True)

    @property
    def is_auto(self) -> bool:
        return self.kind in _AUTO and self.own

    @property
    def is_generated(self) -> bool:
        return self.kind == "GeneratedField"

    @property
    def check(self) -> str:
        """What PostgreSQL is asked to check, or ""."""
        return f'"{self.column}" >= 0' if self.own and self.kind in _POSITIVE else ""

    @property
    def has_db_default(self) -> bool:
        value = self.option("db_default")
        return value is not None and not _not_provided(value)

    @cached_property
    def db_type(self) -> str | None:
        """Its type in SQL, where it is no relation; a placeholder where it is not known."""
        if not self.own:
            return unknown_type(self.path)
        if self.kind in _VARCHAR:
            length = self.option("max_length") or Known(_VARCHAR[self.kind])
            if length == NOTHING:
                return "varchar"
            return f"varchar({length.value})" if isinstance(length, Known) else "varchar"
        if self.kind == "DecimalField":
            digits = (self.option("max_digits"), self.option("decimal_places"))
            known = [one.value for one in digits if isinstance(one, Known)]
            return f"numeric({known[0]}, {known[1]})" if len(known) == 2 else "numeric"
        if self.kind == "ArrayField":
            return self._array()
        if self.kind == "GeneratedField":
            inner = self.option("output_field")
            return (
                self.within(inner).db_type if isinstance(inner, Call) else unknown_type(self.path)
            )
        return _TYPES.get(self.kind) or unknown_type(self.path)

    def _array(self) -> str:
        inner, size = self.option("base_field"), self.option("size")
        number = size.value if isinstance(size, Known) and size.value else ""
        if not isinstance(inner, Call):
            return unknown_type(self.path)
        return f"{self.within(inner).db_type}[{number}]"

    def within(self, call: Call) -> Field:
        return Field(self.name, call, self.app, self.model)

    @property
    def collation(self) -> str | None:
        return text_of(self.option("db_collation"))

    def given(self) -> Value | None:
        """The value that all rows get that are there, as Django finds it; None for none."""
        value = self.default
        if value is not None and not _not_provided(value):
            return None if value == NOTHING else value
        if self.is_generated:
            return None
        if (
            not self.null
            and self.says("blank")
            and self.own
            and self.kind in (*_EMPTY, "BinaryField")
        ):
            return Known("")
        if self.says("auto_now") or self.says("auto_now_add"):
            return Name("django.utils.timezone.now")
        return None

    def sent(self, value: Value) -> str:
        """A default as SQL, as a field of its class keeps values (Field.get_db_prep_save)."""
        match self.kind if self.own else None, value:
            case None, _:
                return COMPUTED
            case "JSONField", Name("dict" | "list" as name):
                return "'{}'" if name == "dict" else "'[]'"
            case "JSONField", _:
                return _as_json(value)
            case "ArrayField", Name("list"):
                return "'{}'"
            case "HStoreField", Name("dict"):
                return "''"
            case "BooleanField", Known(int() as number):
                return sent_by(Known(bool(number)))
            case kind, Known(bool() | int() | float() as plain) if kind in _EMPTY:
                return sent_by(Known(str(plain)))
        return sent_by(value)

    @property
    def has_default(self) -> bool:
        return self.default is not None and not _not_provided(self.default)


def _not_provided(value: Value) -> bool:
    return isinstance(value, Name) and value.path.endswith("NOT_PROVIDED")


def unknown_type(path: str) -> str:
    """A type that nobody knows, as SQL."""
    word = "".join(one for one in path.rpartition(".")[2] if one.isalnum() or one == "_")
    return f"${{{word or 'type'}}}"


def target(to: Value | None, app: str, model: str) -> Key | None:
    """The model that a relation names: "app.Model", "Model", "self" or the user model."""
    match to:
        case Known("self"):
            return (app, model.lower())
        case Known(str() as text) if "." in text:
            label, _, name = text.rpartition(".")
            return (label, name.lower())
        case Known(str() as text):
            return (app, text.lower())
        case Name(path) if path.endswith("settings.AUTH_USER_MODEL"):
            return USER
        case Name(path):  # a class that the migration imports
            parts = path.split(".")
            label = parts[parts.index("models") - 1] if "models" in parts[1:] else ""
            return (label, parts[-1].lower()) if label else None
    return None


USER: Key = ("", "AUTH_USER_MODEL")
"""Whatever the settings call the model of users."""


def field_of(name: str, call: Call, app: str, model: str, *, keeps: bool = True) -> Field:
    """The field that `call` makes; its default goes where it `keeps` none."""
    default = call.keywords["default"].value if "default" in call.keywords else None
    return Field(name, call, app, model, default)


def without_default(one: Field) -> Field:
    return replace(one, default=None)


def sent_by(value: Value | None) -> str:
    """A default as SQL; whatever Python computes is one value for all rows."""
    match value:
        case Known(bool() as known):
            return "true" if known else "false"
        case Known((int() | float()) as number):
            return str(number)
        case Known(str() as text):
            return literal(text)
        case Call(arguments=(Argument(value=Known(str() | int() as one)),), keywords={}) as call:
            if call.path == "decimal.Decimal" and not isinstance(one, bool):
                return literal(str(one))
            if call.path == "uuid.UUID" and isinstance(one, str):
                return literal(one)
    return COMPUTED


COMPUTED = "'…'"
"""A value of which only Python knows what it is."""


def _as_json(value: Value) -> str:
    try:
        return literal(dumps(plain(value)))
    except (ValueError, TypeError):
        return COMPUTED


def literal(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\x00", "") + "'"


def m2m_table(one: Field, table: str) -> str:
    given = text_of(one.option("db_table"))
    schema, name = split(table)
    return given or shortened(f'{schema}"."{name}_{one.name}' if schema else f"{name}_{one.name}")

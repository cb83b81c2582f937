"""Migrations of Django's as somebody may write them, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import DataObject

HEAD = """import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [{}]

    operations = [
{}
    ]
"""
CASCADE = "on_delete=django.db.models.deletion.CASCADE"
PLAIN = {  # classes with what they always say, by the kind of their values
    "text": (
        "models.CharField(max_length=30{})",
        "models.CharField(max_length=9{})",
        "models.TextField({})",
        "models.SlugField({})",
        "models.EmailField({})",
    ),
    "number": (
        "models.IntegerField({})",
        "models.BigIntegerField({})",
        "models.PositiveIntegerField({})",
        "models.PositiveSmallIntegerField({})",
        "models.DecimalField(max_digits=9, decimal_places=2{})",
    ),
    "other": (
        "models.BooleanField({})",
        "models.UUIDField({})",
        "models.DateTimeField({})",
        "models.JSONField({})",
        "models.GenericIPAddressField({})",
        "django.contrib.postgres.fields.ArrayField(models.CharField(max_length=3){})",
    ),
}
DEFAULTS = {
    "text": ('""', '"it\'s"'),
    "number": ("0", "7"),
    "models.BooleanField({})": ("False", "True"),
    "models.UUIDField({})": ("uuid.uuid4",),
    "models.JSONField({})": ("dict", "list"),
}
KEYS = ("ForeignKey", "OneToOneField")


@dataclass
class Column:
    """A field, as text; `kind` is that of its values, `key` the model that it references."""

    text: str
    kind: str
    shape: str = ""
    key: str = ""
    pinned: bool = False


@dataclass(repr=False)
class Shop:
    """The models so far, and the migrations that made them."""

    data: DataObject
    models: dict[str, dict[str, Column]] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    together: dict[str, tuple[str, str]] = field(default_factory=dict)
    short: set[str] = field(default_factory=set)
    """The models whose keys are no BigAutoField, as those of tables between two are."""
    migrations: list[str] = field(default_factory=list)
    counted: int = 0

    def fresh(self, word: str) -> str:
        self.counted += 1
        return f"{word}{self.counted}"

    def one_of(self, *several: str) -> str:
        return self.data.draw(st.sampled_from(several))

    def maybe(self) -> bool:
        return self.data.draw(st.booleans())

    def options(self, kind: str, shape: str, *, nullable: bool) -> str:
        """Further options, those that go together."""
        known = DEFAULTS.get(shape) or DEFAULTS.get(kind, ())
        found = [", null=True"] if nullable else []
        if shape == "models.DateTimeField({})" and not nullable:
            found.append(", auto_now_add=True")
        elif known and (self.maybe() or not nullable):
            found.append(f", default={self.one_of(*known)}")
        if kind != "other" or "UUID" in shape:
            found.append(self.one_of("", "", ", unique=True", ", db_index=True"))
        if kind == "text" and self.maybe():
            found.append(", blank=True")
        if self.maybe():
            found.append(", help_text='why'")
        return "".join(found)

    def plain(self, kind: str = "", *, nullable: bool | None = None) -> Column:
        kind = kind or self.one_of(*PLAIN)
        shape = self.one_of(*PLAIN[kind])
        has_default = kind in DEFAULTS or shape in DEFAULTS or "DateTime" in shape
        null = self.maybe() if nullable is None else nullable
        said = self.options(kind, shape, nullable=null or not has_default)
        text = shape.format(said if not shape.endswith("({})") else said.removeprefix(", "))
        return Column(text, kind, shape)

    def relation(self, own: str) -> Column:
        target = self.one_of(*self.models, own)
        said = self.one_of("", "", ", db_constraint=False")
        said += self.one_of("", "", ", db_index=False")
        name = self.fresh("r")
        kind = self.one_of(*KEYS)
        to = "self" if target == own and self.maybe() else f"shop.{target}"
        said += f", related_name='{name}'"
        return Column(f"models.{kind}('{to}', null=True, {CASCADE}{said})", "key", key=target)

    def column(self, own: str) -> Column:
        return (
            self.relation(own)
            if self.models and self.data.draw(st.integers(0, 3)) == 0
            else (self.plain())
        )

    # Operations

    def create(self) -> str:
        name = self.fresh("Model")
        columns = {
            self.fresh("f"): self.column(name) for _ in range(self.data.draw(st.integers(1, 4)))
        }
        key = self.one_of("BigAutoField", "BigAutoField", "AutoField")
        fields = [f'("id", models.{key}(primary_key=True))']
        fields += (f'("{one}", {column.text})' for one, column in columns.items())
        table = f', options={{"db_table": "{self.fresh("Table of ")}"}}' if self.maybe() else ""
        self.models[name] = columns
        self.short |= {name} if key == "AutoField" else set()
        return f'migrations.CreateModel("{name}", [{", ".join(fields)}]{table})'

    def add_field(self) -> str:
        model, name = self.one_of(*self.models), self.fresh("f")
        if model not in self.short and self.maybe() and self.maybe():
            target = self.one_of(*self.models)
            other = f"models.ManyToManyField('shop.{target}', related_name='{self.fresh('r')}')"
            self.models[model][name] = Column(other, "many", key=target, pinned=True)
            return f'migrations.AddField("{model}", "{name}", {other})'
        column = self.column(model)
        self.models[model][name] = column
        kept = "" if self.maybe() else ", preserve_default=False"
        return f'migrations.AddField("{model}", "{name}", {column.text}{kept})'

    def fields_of(self, model: str, *kinds: str) -> list[str]:
        return [one for one, column in self.models[model].items() if column.kind in kinds]

    def add_index(self) -> str:
        model = self.one_of(*self.models)
        names = self.fields_of(model, "text", "number")
        if not names:
            return self.add_field()
        name, one = self.fresh("ix"), self.one_of(*names)
        self.models[model][one].pinned = True
        shape = self.one_of(
            f"models.Index(fields=['{one}'], name='{name}')",
            f"models.Index(fields=['-{one}', 'id'], name='{name}')",
            f"models.Index(fields=['id'], include=['{one}'], name='{name}')",
            f"models.Index(models.F('{one}').desc(), name='{name}')",
            f"models.Index(fields=['id'], name='{name}', condition=models.Q({one}__isnull=False))",
            f"django.contrib.postgres.indexes.BrinIndex(fields=['{one}'], name='{name}')",
        )
        self.indexes[name] = model
        return f'migrations.AddIndex("{model}", {shape})'

    def add_constraint(self) -> str:
        model = self.one_of(*self.models)
        names = self.fields_of(model, "number")
        if not names:
            return self.add_field()
        name, one = self.fresh("ck"), self.one_of(*names)
        self.models[model][one].pinned = True
        condition = self.one_of(
            f"models.Q({one}__gte=1)",
            f"models.Q({one}__in=[1, 2]) | models.Q({one}__isnull=True)",
            f"~models.Q({one}=3)",
            f"models.Q(('{one}__lt', 9), ('id__gt', 0), _connector='OR')",
            f"models.Q({one}__range=(1, 5)) & ~models.Q({one}=models.F('id'))",
        )
        shape = self.one_of(
            f"models.CheckConstraint(condition={condition}, name='{name}')",
            f"models.UniqueConstraint(fields=['{one}', 'id'], name='{name}')",
            f"models.UniqueConstraint(fields=['{one}'], condition={condition}, name='{name}')",
            f"models.UniqueConstraint(fields=['{one}'], include=['id'], name='{name}')",
            f"models.UniqueConstraint(fields=['{one}'], name='{name}',"
            " deferrable=models.Deferrable.DEFERRED)",
        )
        self.constraints[name] = model
        late = "CheckConstraint" in shape and self.maybe()
        word = "AddConstraintNotValid" if late else "migrations.AddConstraint"
        return f'{word}("{model}", {shape})'

    def unite(self) -> str:
        model = self.one_of(*self.models)
        names = self.fields_of(model, "text", "number", "other")
        if model in self.together or len(names) < 2:
            return self.add_field()
        pair = (names[0], names[1])
        self.together[model] = pair
        for one in pair:
            self.models[model][one].pinned = True
        return f'migrations.AlterUniqueTogether("{model}", {{{pair}}})'

    def alter(self) -> str:
        model = self.one_of(*self.models)
        free = [
            one
            for one, column in self.models[model].items()
            if column.kind in ("text", "number", "key") and not column.pinned
        ]
        if not free:
            return self.add_field()
        name = self.one_of(*free)
        old = self.models[model][name]
        if old.kind == "key":
            new = Column(old.text, "key", key=old.key)
            others = (", db_constraint=False", ", db_index=False", ", db_index=True")
            for word in others[: 1 + self.maybe()]:
                swapped = (
                    old.text.replace(word, "") if word in old.text else f"{old.text[:-1]}{word})"
                )
                new.text = swapped if "db_index=True" not in swapped else old.text
        else:
            new = self.plain(old.kind)
        self.models[model][name] = new
        kept = "" if self.maybe() else ", preserve_default=False"
        return f'migrations.AlterField("{model}", "{name}", {new.text}{kept})'

    def rename_field(self) -> str:
        model = self.one_of(*self.models)
        free = [one for one, c in self.models[model].items() if not c.pinned and c.kind != "many"]
        if not free:
            return self.add_field()
        old, new = self.one_of(*free), self.fresh("f")
        columns = self.models[model]
        self.models[model] = {new if one == old else one: c for one, c in columns.items()}
        return f'migrations.RenameField("{model}", "{old}", "{new}")'

    def remove_field(self) -> str:
        model = self.one_of(*self.models)
        free = [one for one, c in self.models[model].items() if not c.pinned or c.kind == "many"]
        if not free:
            return self.add_field()
        name = self.one_of(*free)
        del self.models[model][name]
        return f'migrations.RemoveField("{model}", "{name}")'

    def take_away(self) -> str:
        if self.indexes and self.maybe():
            name = self.one_of(*self.indexes)
            return f'migrations.RemoveIndex("{self.indexes.pop(name)}", "{name}")'
        if self.constraints and self.maybe():
            name = self.one_of(*self.constraints)
            return f'migrations.RemoveConstraint("{self.constraints.pop(name)}", "{name}")'
        if self.together:
            model = self.one_of(*self.together)
            del self.together[model]
            return f'migrations.AlterUniqueTogether("{model}", set())'
        return self.rename_field()

    def rename_index(self) -> str:
        if not self.indexes:
            return self.alter()
        old, new = self.one_of(*self.indexes), self.fresh("ix")
        model = self.indexes[new] = self.indexes.pop(old)
        return f'migrations.RenameIndex("{model}", new_name="{new}", old_name="{old}")'

    def move(self) -> str:
        model = self.one_of(*self.models)
        return f'migrations.AlterModelTable("{model}", "{self.fresh("moved")}")'

    # Migrations

    def write(self, operations: list[str]) -> None:
        before = f'("shop", "{self.name(len(self.migrations) - 1)}")' if self.migrations else ""
        body = "\n".join(f"        {one}," for one in operations)
        self.migrations.append(HEAD.format(before, body))

    @staticmethod
    def name(number: int) -> str:
        return f"{number + 1:04}_drawn"

    @property
    def files(self) -> dict[str, str]:
        return {
            f"shop/migrations/{self.name(number)}.py": text
            for number, text in enumerate(self.migrations)
        }


def drawn(data: DataObject, length: int) -> Shop:
    """What asks the server for names stands alone, since `sqlmigrate` looks before it runs."""
    shop = Shop(data)
    shop.write([shop.create() for _ in range(data.draw(st.integers(1, 3)))])
    for _ in range(length):
        adding = (shop.create, shop.add_field, shop.add_index, shop.add_constraint, shop.unite)
        others = (
            shop.alter,
            shop.alter,
            shop.rename_field,
            shop.remove_field,
            shop.take_away,
            shop.rename_index,
            shop.move,
        )
        if shop.maybe():
            several = data.draw(st.lists(st.sampled_from(adding), min_size=1, max_size=3))
            shop.write([one() for one in several])
        else:
            shop.write([data.draw(st.sampled_from(others))()])
    return shop

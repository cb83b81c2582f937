"""The statements by which Django's schema editor makes one field of another.

As `_alter_field()` of django.db.backends.base.schema and of its child for PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace

from bot.django.database_defaults import db_default
from bot.django.differences import differs, shape, shape_of
from bot.django.editor import Asked, Editor
from bot.django.fields import Field
from bot.django.names import implied, index_name, quoted
from bot.django.relations import through
from bot.django.state import Model
from bot.python.values import Known, text_of


def alter_field(editor: Editor, asked: Asked, model: Model, old: Field, new: Field) -> Field:
    """Send what turns `old` into `new`; the new field as the state then has it."""
    if "many" in (old.relation, new.relation):
        if old.relation == new.relation:
            alter_many(editor, asked, (model, old), (model, new))
        return new
    new = replace(new, made=old.made)
    if not (old.has_column and new.has_column) or not differs(editor.state, old, new):
        return new
    return _Alteration(editor, asked, model, old, new).run()


def alter_many(
    editor: Editor, asked: Asked, old: tuple[Model, Field], new: tuple[Model, Field]
) -> None:
    """_alter_many_to_many(): another name for the table between, and for its columns."""
    if old[1].option("through") or new[1].option("through"):
        return
    before, after = editor.between(*old), through(*new)
    editor.rename_table(asked, before.table, after.table)
    there = before.with_options(db_table=Known(after.table))
    there = replace(there, name=after.name)
    editor.state.put(there)
    pairs = list(zip(before.fields.values(), after.fields.values(), strict=True))[1:]
    names = dict[str, Field]()
    for was, now in reversed(pairs):
        names[now.name] = alter_field(editor, asked, there, was, now)
    ends = {now.name: names[now.name] for _, now in pairs}
    if before.key != after.key:
        editor.state.models.pop(before.key, None)
    editor.state.put(replace(after, fields={"id": before.fields["id"], **ends}))


class _Alteration:
    """One field becomes another, in Django's order."""

    def __init__(self, editor: Editor, asked: Asked, model: Model, old: Field, new: Field) -> None:
        self.editor, self.asked, self.model = editor, asked, model
        self.old, self.new = old, new
        self.table = quoted(model.table)
        self.names = old.made
        self.old_type, self.new_type = editor.state.type_of(old), editor.state.type_of(new)
        state = editor.state
        self.old_collation, self.new_collation = state.collation_of(old), state.collation_of(new)

    @property
    def column(self) -> str:
        return quoted(self.new.column)

    def send(self, sql: str) -> None:
        self.editor.send(self.asked, sql)

    def alter(self, *changes: str) -> None:
        if changes:
            self.send(f"ALTER TABLE {self.table} {', '.join(changes)}")

    def run(self) -> Field:
        self.drop_what_goes()
        self.rename()
        self.change_column()
        self.add_what_comes()
        return replace(self.new, made=self.names)

    # What goes

    def drop_what_goes(self) -> None:
        old, new = self.old, self.new
        self.dropped = old.constrained
        if self.dropped:
            self.editor.drop_key(self.asked, self.model, old)
            self.names = replace(self.names, key="")
        if old.unique and not old.primary_key and (not new.unique or self.becomes_key):
            name = self.names.unique or implied(self.model.table, old.column, "key")
            self.drop(name)
            self.names = replace(self.names, unique="")
        self.drop_incoming()
        if old.db_index and not old.unique and (not new.db_index or new.unique):
            name = self.names.index or index_name(self.model.table, [old.column])
            for one in (name, self.names.like) if self.names.like else (name,):
                self.send(f"DROP INDEX IF EXISTS {quoted(one)}")
                self.editor.forget(one)
            self.names = replace(self.names, index="", like="")
        if bool(old.check) and not new.check:
            self.drop(self.names.check or implied(self.model.table, old.column, "check"))
            self.names = replace(self.names, check="")

    def drop(self, name: str) -> None:
        self.alter(f"DROP CONSTRAINT {quoted(name)}")

    @property
    def becomes_key(self) -> bool:
        return self.new.primary_key and not self.old.primary_key

    @property
    def retypes_target(self) -> bool:
        """Whether what other tables may reference gets another type."""
        old, new = self.old, self.new
        both = (old.primary_key and new.primary_key) or (old.unique and new.unique)
        return both and (self.retypes or self.old_collation != self.new_collation)

    @property
    def retypes(self) -> bool:
        """Whether it is known that the type is another one."""
        known = self.old.own and self.new.own and "${" not in f"{self.old_type}{self.new_type}"
        return known and self.old_type != self.new_type

    def incoming(self) -> tuple[tuple[Model, Field], ...]:
        """The fields that reference this one, as far as the app's own models tell."""
        return tuple(
            (model, one)
            for model, one in self.editor.pointing_at(self.model)
            if _references(one, self.new)
        )

    def drop_incoming(self) -> None:
        if self.retypes_target:
            for model, one in self.incoming():
                if one.constrained:
                    self.editor.drop_key(self.asked, model, one)

    # The column

    def rename(self) -> None:
        if self.old.column != self.new.column:
            names = f"{quoted(self.old.column)} TO {self.column}"
            self.alter(f"RENAME COLUMN {names}")
            self.editor.renamed(self.old.column, self.new.column)

    def change_column(self) -> None:
        old, new = self.old, self.new
        changes = [*self.retyped(), *self.database_default()]
        tightens = old.null and not new.null
        temporary = self.temporary_default() if tightens else None
        if temporary is not None:
            changes.append(f"ALTER COLUMN {self.column} SET DEFAULT {temporary}")
        nulls = self.nullability()
        fills = tightens and (new.has_default or new.has_db_default)
        self.alter(*changes, *([] if fills else nulls))
        if fills and (changes or nulls):
            self.fill(temporary)
            self.alter(*nulls)
        if new.is_auto and not old.is_auto:
            self.alter(f"ALTER COLUMN {self.column} ADD GENERATED BY DEFAULT AS IDENTITY")
        if new.is_auto and old.is_auto and new.kind != old.kind:
            sequence = quoted(implied(self.model.table, old.column, "seq"))
            self.send(f"ALTER SEQUENCE IF EXISTS {sequence} AS {self.new_type}")
        if shape_of(old, "db_comment") != shape_of(new, "db_comment"):
            self.editor.comment(self.asked, self.model, new)
        self.temporary = temporary

    def retyped(self) -> list[str]:
        old, new = self.old, self.new
        suffix = old.is_auto != new.is_auto
        commented = shape_of(old, "db_comment") != shape_of(new, "db_comment")
        if (
            self.old_type == self.new_type
            and self.old_collation == self.new_collation
            and not (suffix or commented)
        ):
            return []
        if self.old_type != self.new_type and not self.retypes:
            return []  # nobody knows what becomes of what
        if self.loses_like():
            name = index_name(self.model.table, [old.column], "_like")
            self.send(f"DROP INDEX IF EXISTS {quoted(name)}")
        if old.is_auto and not new.is_auto:
            self.alter(f"ALTER COLUMN {self.column} DROP IDENTITY IF EXISTS")
        collate = f" COLLATE {quoted(self.new_collation)}" if self.new_collation else ""
        return [f"ALTER COLUMN {self.column} TYPE {self.new_type}{collate}{self.using()}"]

    def using(self) -> str:
        """_using_sql(): where the kind of type is another one."""
        same = _kind(self.old, self.old_type) == _kind(self.new, self.new_type)
        return "" if same or self.new.is_generated else f" USING {self.column}::{self.new_type}"

    def loses_like(self) -> bool:
        old, kinds = self.old, ("varchar", "text", "citext")
        indexed = old.db_index or old.unique
        return indexed and any(
            self.old_type.startswith(kind) and not self.new_type.startswith(kind) for kind in kinds
        )

    def database_default(self) -> list[str]:
        old, new = self.old, self.new
        if new.has_db_default and shape_of(old, "db_default") != shape_of(new, "db_default"):
            value = db_default(new, self.model)
            return [f"ALTER COLUMN {self.column} SET DEFAULT {value}"]
        dropped = old.has_db_default and not new.has_db_default
        return [f"ALTER COLUMN {self.column} DROP DEFAULT"] if dropped else []

    def temporary_default(self) -> str | None:
        """The default that the column has while nulls are replaced by it."""
        value, before = self.new.given(), self.old.given()
        if self.new.has_db_default or value is None:
            return None
        same = before is not None and shape(before) == shape(value)
        return None if same else self.new.sent(value)

    def nullability(self) -> list[str]:
        if self.old.null == self.new.null:
            return []
        word = "DROP" if self.new.null else "SET"
        return [f"ALTER COLUMN {self.column} {word} NOT NULL"]

    def fill(self, temporary: str | None) -> None:
        value = temporary or "NULL"
        if self.new.has_db_default:
            value = db_default(self.new, self.model)
        elif temporary is None and (given := self.new.given()) is not None:
            value = self.new.sent(given)
        self.send(
            f"UPDATE {self.table} SET {self.column} = {value} WHERE {self.column} IS NULL"  # noqa: S608
            "; SET CONSTRAINTS ALL IMMEDIATE"
        )

    # What comes

    def add_what_comes(self) -> None:
        old, new = self.old, self.new
        table = self.model.table
        renamed = self.model.without_field(old.name).with_field(new)
        if old.primary_key and not new.primary_key:
            self.drop(f"{table}_pkey")
        if new.unique and not new.primary_key and (not old.unique or old.primary_key):
            self.send(self.editor.unique_sql(renamed, [new.name]))
            self.names = replace(self.names, unique=index_name(table, [new.column], "_uniq"))
        if (not old.db_index or old.unique) and new.db_index and not new.unique:
            name = index_name(table, [new.column])
            self.send(self.editor.plain_index(renamed, new, name))
            self.names = replace(self.names, index=name)
        self.retype_incoming(renamed)
        if new.constrained and (self.dropped or not old.constrained):
            self.send(self.editor.key_sql(renamed, new))
            self.names = replace(self.names, key=self.editor.key_name(renamed, new))
        self.restore_incoming(renamed)
        if new.check and not old.check:
            name = index_name(table, [new.column], "_check")
            self.alter(f"ADD CONSTRAINT {quoted(name)} CHECK ({new.check})")
            self.names = replace(self.names, check=name)
        if self.temporary is not None:
            self.alter(f"ALTER COLUMN {self.column} DROP DEFAULT")
        self.change_like(renamed)

    def retype_incoming(self, model: Model) -> None:
        if self.becomes_key:
            name = index_name(model.table, [self.new.column], "_pk")
            self.alter(f"ADD CONSTRAINT {quoted(name)} PRIMARY KEY ({self.column})")
        if not (self.retypes_target or self.becomes_key):
            return
        self.editor.state.put(model)
        for other, one in self.incoming():
            kind = self.editor.state.type_of(one)
            cast = f" USING {quoted(one.column)}::{kind}" if self.using() else ""
            known = self.editor.state.collation_of(one)
            collate = f" COLLATE {quoted(known)}" if known else ""
            change = f"ALTER COLUMN {quoted(one.column)} TYPE {kind}{collate}{cast}"
            self.send(f"ALTER TABLE {quoted(other.table)} {change}")

    def restore_incoming(self, model: Model) -> None:
        if not self.retypes_target:
            return
        for other, one in self.incoming():
            if one.constrained:
                name = index_name(other.table, [one.column], "_fk")
                key = self.editor.key_sql(other, one)
                usual = quoted(self.editor.key_name(other, one))
                self.send(key.replace(usual, quoted(name), 1))
                kept = replace(one, made=replace(one.made, key=name))
                self.editor.state.put(other.with_field(kept))

    def change_like(self, model: Model) -> None:
        old, new = self.old, self.new
        gains = (not (old.db_index or old.unique) and new.db_index) or (
            not old.unique and new.unique
        )
        if (gains or self.loses_like()) and (sql := self.editor.like_index(model, new)):
            self.send(sql)
            like = index_name(model.table, [new.column], "_like")
            self.names = replace(self.names, like=like)
        if old.unique and not (new.db_index or new.unique):
            name = index_name(model.table, [old.column], "_like")
            self.send(f"DROP INDEX IF EXISTS {quoted(name)}")


def _references(one: Field, referenced: Field) -> bool:
    """_is_relevant_relation()"""
    name = text_of(one.option("to_field"))
    return name == referenced.name or (name is None and referenced.primary_key)


_CHARACTERS = frozenset({"CharField", "EmailField", "URLField", "CommaSeparatedIntegerField"})


def _kind(one: Field, sql: str) -> str:
    """_field_data_type(): alike whatever their lengths are, but for characters."""
    if not one.own or one.relation:
        return sql
    return "characters" if one.kind in _CHARACTERS else sql.partition("(")[0]

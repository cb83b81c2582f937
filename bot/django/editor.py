"""The statements that Django's schema editor sends, in its order.

As `BaseDatabaseSchemaEditor` of django.db.backends.base.schema and its child for PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.django.clauses import (
    DEFERRED,
    constraint_sql,
    generated,
    index_sql,
    listed,
    name_of,
    named,
    within,
)
from bot.django.database_defaults import db_default
from bot.django.fields import Field, Made, sent_by
from bot.django.names import (
    foreign_key_name,
    implied,
    index_name,
    quoted,
    split,
)
from bot.django.relations import related_name, through
from bot.django.state import Model, State
from bot.python.layout import Layout
from bot.python.values import (
    Call,
    Known,
    text_of,
)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An operation of a migration, for the statements that it sends.

    `inside` the SeparateDatabaseAndState around it, `field` where it is about one, `before` what
    that was; `guessed` is why the table that it references is only what Django would call it by
    default, as sentences. `layout` is how its module is written.
    """

    call: Call
    kind: str
    app: str
    model: Model | None = None
    field: Field | None = None
    inside: Call | None = None
    before: Field | None = None
    guessed: str = ""
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL that is sent as one message; `about` are the tables, index and columns it speaks of."""

    sql: str
    asked: Asked
    about: frozenset[str] = frozenset()


class Editor:
    """Collects what is sent for the operations of one migration."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.sent: list[Piece] = []
        self.deferred: list[Piece] = []

    def send(self, asked: Asked, sql: str) -> None:
        self.sent.append(Piece(sql, asked))

    def later(self, asked: Asked, sql: str, *about: str) -> None:
        self.deferred.append(Piece(sql, asked, frozenset(about)))

    def finish(self) -> None:
        """The migration ends, and what was put off is sent."""
        self.sent += self.deferred
        self.deferred.clear()

    def forget(self, *about: str) -> None:
        """What was put off for something that is gone is not sent."""
        self.deferred = [one for one in self.deferred if not one.about.intersection(about)]

    def renamed(self, old: str, new: str) -> None:
        """What was put off speaks of a table or column by its new name."""
        self.deferred = [
            replace(
                one,
                sql=one.sql.replace(quoted(old), quoted(new)),
                about=frozenset(new if word == old else word for word in one.about),
            )
            for one in self.deferred
        ]

    # Models

    def create_model(self, asked: Asked, model: Model) -> None:
        table = quoted(model.table)
        for columns in model.together:
            for several in columns:
                self.later(asked, self.unique_sql(model, several), model.table)
        parts = list[str]()
        for one in model.columns:
            parts.append(f"{quoted(one.column)} {self._definition(model, one, new=True)}")
            if one.constrained:
                self.later(asked, self.key_sql(model, one), model.table)
            model = model.with_field(self.made(model, one))
        parts += self._constraints(asked, model)
        if "CompositePrimaryKey" in (one.kind for one in model.fields.values()):
            parts.append(self._composite_key(model))
        space = within(model.tablespace())
        self.send(asked, f"CREATE TABLE {table} ({', '.join(parts)}){space}")
        if comment := text_of(model.options.get("db_table_comment")):
            self.send(asked, f"COMMENT ON TABLE {table} IS {sent_by(Known(comment))}")
        self._comments(asked, model)
        for one in model.columns:
            self.field_indexes(asked, model, one)
        for index in named(model, "indexes"):
            self.later(asked, index_sql(model, index), model.table, name_of(index))
        self.state.put(model)
        for one in model.fields.values():
            if one.relation == "many":
                self.create_through(asked, model, one)

    def _comments(self, asked: Asked, model: Model) -> None:
        for one in model.columns:
            self.comment(asked, model, one)

    def comment(self, asked: Asked, model: Model, one: Field) -> None:
        text = text_of(one.option("db_comment"))
        if text:
            self.send(
                asked,
                f"COMMENT ON COLUMN {quoted(model.table)}.{quoted(one.column)}"
                f" IS {sent_by(Known(text))}",
            )

    def _composite_key(self, model: Model) -> str:
        key = next(one for one in model.fields.values() if one.kind == "CompositePrimaryKey")
        names = [text_of(one.value) or "" for one in key.call.arguments]
        return f"PRIMARY KEY ({listed(model.column(name) for name in names)})"

    def _constraints(self, asked: Asked, model: Model) -> list[str]:
        """Those of a new table: in it, or put off where they are indexes."""
        defaults = any(one.has_db_default for one in model.columns)
        found = list[str]()
        for one in named(model, "constraints"):
            sql = constraint_sql(model, one)
            if not sql:
                continue
            if defaults or sql.startswith("CREATE"):
                self.later(asked, sql, model.table)
            else:
                found.append(sql.partition(" ADD ")[2])
        return found

    def create_through(self, asked: Asked, model: Model, one: Field) -> None:
        """The table between two models, unless a model of its own is."""
        if one.option("through") is not None:
            return
        self.create_model(replace(asked, field=one), through(model, one))

    def pointing_at(self, model: Model) -> tuple[tuple[Model, Field], ...]:
        """The columns of this app that reference a model, also in tables between two."""
        found = [
            (other, one)
            for other in self.state.models.values()
            for one in other.fields.values()
            if one.relation == "one" and one.target == model.key
        ]
        return tuple(sorted(found, key=lambda pair: related_name(*pair)))

    def between(self, model: Model, one: Field) -> Model:
        """The table of a relation between many, as it is or else as it would be made."""
        made = through(model, one)
        return self.state.models.get(made.key, made)

    def delete_model(self, asked: Asked, model: Model) -> None:
        for one in model.fields.values():
            if one.relation == "many" and one.option("through") is None:
                self.delete_model(asked, self.between(model, one))
        self.state.models.pop(model.key, None)
        self.send(asked, f"DROP TABLE {quoted(model.table)} CASCADE")
        self.forget(model.table)

    def rename_table(self, asked: Asked, old: str, new: str) -> None:
        if old != new:
            self.send(asked, f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")
            self.renamed(old, new)

    # Columns

    def _definition(self, model: Model, one: Field, *, new: bool = False) -> str:
        """A column as CREATE TABLE (`new`) or ADD COLUMN has it."""
        parts = [self.state.type_of(one)]
        if collation := self.state.collation_of(one):
            parts.append(f"COLLATE {quoted(collation)}")
        if one.has_db_default:
            parts.append(f"DEFAULT {db_default(one, model)}")
        elif not new and (value := one.given()) is not None:
            parts.append(f"DEFAULT {one.sent(value)}")
        if one.is_generated:
            parts.append(generated(one, model))
        else:
            parts += [] if one.null else ["NOT NULL"]
        if one.primary_key:
            parts.append("PRIMARY KEY")
        elif one.unique:
            parts.append("UNIQUE")
        if one.unique and (space := model.tablespace(one)):
            parts.append(f"USING INDEX TABLESPACE {quoted(space)}")
        if one.is_auto:
            parts.append("GENERATED BY DEFAULT AS IDENTITY")
        if one.check:
            parts.append(f"CHECK ({one.check})")
        return " ".join(parts)

    def add_field(self, asked: Asked, model: Model, one: Field) -> Field:
        if one.relation == "many":
            self.create_through(asked, model, one)
            return one
        if not one.has_column:
            return one
        table, definition = quoted(model.table), self._definition(model, one)
        if one.constrained:
            definition += self._inline_key(model, one)
        self.send(asked, f"ALTER TABLE {table} ADD COLUMN {quoted(one.column)} {definition}")
        if not one.has_db_default and one.given() is not None:
            self.send(asked, f"ALTER TABLE {table} ALTER COLUMN {quoted(one.column)} DROP DEFAULT")
        self.comment(asked, model, one)
        result = self.made(model, one)
        self.field_indexes(asked, model, one)
        if one.constrained:
            result = replace(result, made=replace(result.made, key=self.key_name(model, one)))
        return result

    def _inline_key(self, model: Model, one: Field) -> str:
        to, name = self.state.target(one), self.key_name(model, one)
        known = f" CONSTRAINT {quoted(name)}" if name else ""
        key = f"{known} REFERENCES {quoted(to.table)}({quoted(to.column)}){DEFERRED}"
        schema = split(model.table)[0]
        before = f"{quoted(schema)}." if schema else ""
        return f"{key}; SET CONSTRAINTS {before}{quoted(name)} IMMEDIATE" if name else key

    def remove_field(self, asked: Asked, model: Model, one: Field) -> None:
        if one.relation == "many":
            if one.option("through") is None:
                self.delete_model(asked, self.between(model, one))
            return
        if not one.has_column:
            return
        if one.constrained:
            self.drop_key(asked, model, one)
        self.send(
            asked, f"ALTER TABLE {quoted(model.table)} DROP COLUMN {quoted(one.column)} CASCADE"
        )
        self.forget(f"{model.table}.{one.column}")

    def drop_key(self, asked: Asked, model: Model, one: Field) -> None:
        name = quoted(one.made.key or self.key_name(model, one) or "${constraint}")
        self.send(
            asked,
            f"SET CONSTRAINTS {name} IMMEDIATE;"
            f" ALTER TABLE {quoted(model.table)} DROP CONSTRAINT {name}",
        )

    # Constraints and indexes

    def field_indexes(self, asked: Asked, model: Model, one: Field) -> None:
        about = (model.table, f"{model.table}.{one.column}")
        if one.db_index and not one.unique:
            name = index_name(model.table, [one.column])
            self.later(asked, self.plain_index(model, one, name), *about, name)
        if like := self.like_index(model, one):
            self.later(asked, like, *about, index_name(model.table, [one.column], "_like"))

    def made(self, model: Model, one: Field) -> Field:
        """The field with the names of what is made for it with its column."""
        table, column = model.table, one.column
        unique = implied(table, column, "key") if one.unique and not one.primary_key else ""
        check = implied(table, column, "check") if one.check else ""
        index = index_name(table, [column]) if one.db_index and not one.unique else ""
        like = index_name(table, [column], "_like") if self.like_index(model, one) else ""
        return replace(one, made=Made(unique, check, one.made.key, index, like))

    def plain_index(self, model: Model, one: Field, name: str) -> str:
        on = f"{quoted(model.table)} ({quoted(one.column)})"
        return f"CREATE INDEX {quoted(name)} ON {on}{within(model.tablespace(one))}"

    def like_index(self, model: Model, one: Field) -> str:
        """The second index, by which LIKE works in any collation; "" where there is none."""
        kind = self.state.type_of(one)
        if not (one.db_index or one.unique) or "[" in kind:
            return ""
        operators = next((word for word in ("varchar", "text") if kind.startswith(word)), "")
        collation = self.state.collation_of(one)
        if not operators or (collation and not self.state.is_deterministic(collation)):
            return ""
        name = index_name(model.table, [one.column], "_like")
        column = f"{quoted(one.column)} {operators}_pattern_ops"
        on = f"{quoted(model.table)} ({column})"
        return f"CREATE INDEX {quoted(name)} ON {on}{within(model.tablespace(one))}"

    def key_name(self, model: Model, one: Field) -> str:
        """As Django calls a foreign key, "" where nobody can tell since the table is not known."""
        to = self.state.target(one)
        if "${" in to.table:
            return ""
        return foreign_key_name(model.table, one.column, to.table, to.column)

    def key_sql(self, model: Model, one: Field) -> str:
        to, name = self.state.target(one), self.key_name(model, one)
        known = f" CONSTRAINT {quoted(name)}" if name else ""
        return (
            f"ALTER TABLE {quoted(model.table)} ADD{known}"
            f" FOREIGN KEY ({quoted(one.column)}) REFERENCES {quoted(to.table)}"
            f" ({quoted(to.column)}){DEFERRED}"
        )

    def unique_sql(self, model: Model, names: Sequence[str]) -> str:
        columns = [model.column(name) for name in names]
        name = index_name(model.table, columns, "_uniq")
        return (
            f"ALTER TABLE {quoted(model.table)} ADD CONSTRAINT {quoted(name)}"
            f" UNIQUE ({listed(columns)})"
        )

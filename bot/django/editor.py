"""The statements that Django's schema editor sends, in its order.

As `BaseDatabaseSchemaEditor` of django.db.backends.base.schema and its child for PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.django.expressions import condition, db_default, expression, in_index
from bot.django.fields import Field, Made, m2m_table, sent_by
from bot.django.names import (
    foreign_key_name,
    implied,
    index_name,
    quoted,
    split,
)
from bot.django.state import Model, State
from bot.python.layout import Layout
from bot.python.values import (
    Argument,
    Call,
    Known,
    Name,
    Several,
    Value,
    text_of,
    texts_of,
)

DEFERRED = " DEFERRABLE INITIALLY DEFERRED"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An operation of a migration, for the statements that it sends.

    `inside` the SeparateDatabaseAndState around it, `field` where it is about one, `before` what
    that was. `layout` is how its module is written.
    """

    call: Call
    kind: str
    app: str
    model: Model | None = None
    field: Field | None = None
    inside: Call | None = None
    before: Field | None = None
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
        self.send(asked, f"CREATE TABLE {table} ({', '.join(parts)})")
        if comment := text_of(model.options.get("db_table_comment")):
            self.send(asked, f"COMMENT ON TABLE {table} IS {sent_by(Known(comment))}")
        self._comments(asked, model)
        for one in model.columns:
            self.field_indexes(asked, model, one)
        for index in named(model, "indexes"):
            self.later(asked, self.index_sql(model, index), model.table, name_of(index))
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
        return f"PRIMARY KEY ({_listed(model.column(name) for name in names)})"

    def _constraints(self, asked: Asked, model: Model) -> list[str]:
        """Those of a new table: in it, or put off where they are indexes."""
        defaults = any(one.has_db_default for one in model.columns)
        found = list[str]()
        for one in named(model, "constraints"):
            sql = self.constraint_sql(model, one)
            if defaults or sql.startswith("CREATE"):
                self.later(asked, sql, model.table)
            else:
                found.append(sql.partition(" ADD ")[2])
        return found

    def create_through(self, asked: Asked, model: Model, one: Field) -> None:
        """The table between two models, unless a model of its own is."""
        if one.option("through") is not None:
            return
        self.create_model(replace(asked, field=one), self.through(model, one))

    def through(self, model: Model, one: Field) -> Model:
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
        made = self.through(model, one)
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
        if one.collation:
            parts.append(f"COLLATE {quoted(one.collation)}")
        if one.has_db_default:
            parts.append(f"DEFAULT {db_default(one.option('db_default'), model)}")
        elif not new and (value := one.given()) is not None:
            parts.append(f"DEFAULT {sent_by(value)}")
        if one.is_generated:
            parts.append(generated(one, model))
        else:
            parts += [] if one.null else ["NOT NULL"]
        if one.primary_key:
            parts.append("PRIMARY KEY")
        elif one.unique:
            parts.append("UNIQUE")
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
        return f"CREATE INDEX {quoted(name)} ON {quoted(model.table)} ({quoted(one.column)})"

    def like_index(self, model: Model, one: Field) -> str:
        """The second index that LIKE needs where the collation is not C; "" where there is none."""
        kind = self.state.type_of(one)
        if not (one.db_index or one.unique) or "[" in kind:
            return ""
        operators = next((word for word in ("varchar", "text") if kind.startswith(word)), "")
        if not operators or one.collation:
            return ""
        name = index_name(model.table, [one.column], "_like")
        column = f"{quoted(one.column)} {operators}_pattern_ops"
        return f"CREATE INDEX {quoted(name)} ON {quoted(model.table)} ({column})"

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
            f" UNIQUE ({_listed(columns)})"
        )

    def constraint_sql(self, model: Model, call: Call) -> str:
        """ALTER TABLE … ADD CONSTRAINT, or CREATE UNIQUE INDEX where Django makes one."""
        kind, table, name = call.path.rpartition(".")[2], quoted(model.table), quoted(name_of(call))
        add = f"ALTER TABLE {table} ADD CONSTRAINT {name}"
        match kind:
            case "CheckConstraint":
                given = call.keywords.get("condition") or call.keywords.get("check")
                return f"{add} CHECK ({condition(given.value if given else None, model)})"
            case "UniqueConstraint":
                return self._unique_constraint(model, call, add)
            case "ExclusionConstraint":
                return f"{add} {_exclusion(model, call)}"
        return ""

    def _unique_constraint(self, model: Model, call: Call, add: str) -> str:
        table, name = quoted(model.table), quoted(name_of(call))
        include, where = _include(model, call), _where(model, call)
        operators = texts_of(_option(call, "opclasses")) or ()
        nulls = {False: " NULLS NOT DISTINCT", True: " NULLS DISTINCT"}.get(
            _known(call, "nulls_distinct"),
            "",  # type: ignore[call-overload]
        )
        columns = _columns(model, call, operators)
        if include or where or operators or call.arguments:
            return f"CREATE UNIQUE INDEX {name} ON {table} ({columns}){include}{nulls}{where}"
        return f"{add} UNIQUE{nulls} ({columns}){_deferrable(call)}"

    def index_sql(self, model: Model, call: Call, *, concurrently: bool = False) -> str:
        """CREATE INDEX as an Index asks for it, "" for one that nobody knows."""
        kind = call.path.rpartition(".")[2]
        method = _METHODS.get(kind)
        if method is None:
            return ""
        name, table = quoted(name_of(call)), quoted(model.table)
        columns = _columns(model, call, texts_of(_option(call, "opclasses")) or ())
        space = text_of(_option(call, "db_tablespace"))
        with_ = f" WITH ({', '.join(several)})" if (several := _parameters(call)) else ""
        extra = f" TABLESPACE {quoted(space)}" if space else ""
        word = " CONCURRENTLY" if concurrently else ""
        using = f" USING {method}" if method else ""
        return (
            f"CREATE INDEX{word} {name} ON {table}{using} ({columns}){_include(model, call)}"
            f"{with_}{extra}{_where(model, call)}"
        )


_METHODS = {
    "Index": "",
    "BloomIndex": "bloom",
    "BrinIndex": "brin",
    "BTreeIndex": "btree",
    "GinIndex": "gin",
    "GistIndex": "gist",
    "HashIndex": "hash",
    "SpGistIndex": "spgist",
}
_PARAMETERS = (
    "length",
    "autosummarize",
    "pages_per_range",
    "fillfactor",
    "deduplicate_items",
    "fastupdate",
    "gin_pending_list_limit",
    "buffering",
)


def generated(one: Field, model: Model) -> str:
    stored = "STORED" if one.says("db_persist") else "VIRTUAL"
    return f"GENERATED ALWAYS AS ({expression(one.option('expression'), model)}) {stored}"


def named(model: Model, option: str) -> tuple[Call, ...]:
    """The indexes or the constraints of a model."""
    ending = "Constraint" if option == "constraints" else "Index"
    return tuple(one for one in model.named.values() if one.path.endswith(ending))


def name_of(call: Call) -> str:
    found = call.keywords.get("name")
    return (text_of(found.value) if found else None) or "${name}"


def _option(call: Call, name: str) -> Value | None:
    found = call.keywords.get(name)
    return found.value if found else None


def _known(call: Call, name: str) -> object:
    found = _option(call, name)
    return found.value if isinstance(found, Known) else None


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(map(quoted, columns))


def _columns(model: Model, call: Call, operators: Sequence[str]) -> str:
    """What is indexed: fields, or expressions."""
    if call.arguments:
        return ", ".join(in_index(expression(one.value, model)) for one in call.arguments)
    parts = list[str]()
    for place, name in enumerate(texts_of(_option(call, "fields")) or ("${fields}",)):
        known = name.startswith("${")
        column = name if known else quoted(model.column(name.removeprefix("-")))
        words = [column, operators[place] if place < len(operators) else ""]
        words.append("DESC" if name.startswith("-") else "")
        parts.append(" ".join(word for word in words if word))
    return ", ".join(parts)


def _include(model: Model, call: Call) -> str:
    names = texts_of(_option(call, "include"))
    return f" INCLUDE ({_listed(model.column(name) for name in names)})" if names else ""


def _where(model: Model, call: Call) -> str:
    given = _option(call, "condition")
    return f" WHERE {condition(given, model)}" if given not in (None, Known(None)) else ""


def _deferrable(call: Call) -> str:
    given = call.keywords.get("deferrable")
    words = getattr(given.value, "path", "") if given else ""
    if words.endswith(".DEFERRED"):
        return DEFERRED
    return " DEFERRABLE INITIALLY IMMEDIATE" if words.endswith(".IMMEDIATE") else ""


def _exclusion(model: Model, call: Call) -> str:
    pairs = _option(call, "expressions")
    parts = list[str]()
    for pair in pairs.items if isinstance(pairs, Several) else ():
        match pair:
            case Several((first, Known(str() as operator))):
                parts.append(f"{in_index(expression(first, model))} WITH {operator}")
            case Several((first, _)):
                parts.append(f"{in_index(expression(first, model))} WITH &&")
    where = _where(model, call)
    bracketed = f" WHERE ({where.removeprefix(' WHERE ')})" if where else ""
    method = text_of(_option(call, "index_type")) or "GIST"
    several = ", ".join(parts) or "${expressions} WITH &&"
    return (
        f"EXCLUDE USING {method} ({several}){_include(model, call)}{bracketed}{_deferrable(call)}"
    )


def _parameters(call: Call) -> list[str]:
    found = list[str]()
    for name in _PARAMETERS:
        value = _known(call, name)
        if value is not None:
            shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
            found.append(f"{name} = {shown}")
    return found


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

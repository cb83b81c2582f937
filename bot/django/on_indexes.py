"""What the operations on indexes, constraints and the like do."""

from __future__ import annotations

from dataclasses import replace

from bot.django.clauses import constraint_sql, index_sql
from bot.django.names import index_name, quoted
from bot.django.running import Run, Unclear, called
from bot.django.state import together_of
from bot.python.values import Argument, Known, text_of, truth

EXTENSIONS = {
    "BloomExtension": "bloom",
    "BtreeGinExtension": "btree_gin",
    "BtreeGistExtension": "btree_gist",
    "CITextExtension": "citext",
    "CryptoExtension": "pgcrypto",
    "HStoreExtension": "hstore",
    "TrigramExtension": "pg_trgm",
    "UnaccentExtension": "unaccent",
}


def add_index(run: Run) -> None:
    model, index = run.model(), run.call("index")
    concurrently = run.asked.kind.endswith("Concurrently")
    run.state.put(model.with_named(index))
    if model.is_managed:
        sql = index_sql(model, index, concurrently=concurrently)
        if not sql:
            raise Unclear(f"what {called(index)} is like is not known")
        run.editor.send(run.about(model), sql)


def remove_index(run: Run) -> None:
    model, name = run.model(), run.text("name")
    word = " CONCURRENTLY" if run.asked.kind.endswith("Concurrently") else ""
    if model.is_managed:
        run.editor.send(run.about(model), f"DROP INDEX{word} IF EXISTS {quoted(name)}")
        run.editor.forget(name)
    run.state.put(model.without_named(name))


def rename_index(run: Run) -> None:
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


def add_constraint(run: Run) -> None:
    model, constraint = run.model(), run.call("constraint")
    run.state.put(model.with_named(constraint))
    if not model.is_managed:
        return
    sql = constraint_sql(model, constraint)
    if not sql:
        raise Unclear(f"what {called(constraint)} is like is not known")
    late = " NOT VALID" if run.asked.kind == "AddConstraintNotValid" else ""
    run.editor.send(run.about(model), f"{sql}{late}")


def alter_constraint(run: Run) -> None:
    model, constraint = run.model(), run.call("constraint")
    run.state.put(model.without_named(run.text("name")).with_named(constraint))


def remove_constraint(run: Run) -> None:
    model, name = run.model(), run.text("name")
    known = model.named.get(name)
    if model.is_managed:
        is_index = known is not None and constraint_sql(model, known).startswith("CREATE")
        drop = f"ALTER TABLE {quoted(model.table)} DROP CONSTRAINT {quoted(name)}"
        sql = f"DROP INDEX IF EXISTS {quoted(name)}" if is_index else drop
        run.editor.send(run.about(model), sql)
    run.state.put(model.without_named(name))


def validate(run: Run) -> None:
    model, name = run.model(), run.text("name")
    if model.is_managed:
        sql = f"ALTER TABLE {quoted(model.table)} VALIDATE CONSTRAINT {quoted(name)}"
        run.editor.send(run.about(model), sql)


def extension(run: Run) -> None:
    name = EXTENSIONS.get(run.asked.kind) or run.text("name")
    run.editor.send(run.asked, f"CREATE EXTENSION IF NOT EXISTS {quoted(name)}")


def collation(run: Run) -> None:
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

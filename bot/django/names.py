"""Tables, indexes and constraints are called as Django calls them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5

LONGEST = 63
"""As many characters as PostgreSQL's names have (DatabaseOperations.max_name_length)."""


def digest(*parts: str, length: int) -> str:
    """names_digest() of django.db.backends.utils."""
    known = md5(usedforsecurity=False)
    for part in parts:
        known.update(part.encode("utf-8", "surrogatepass"))
    return known.hexdigest()[:length]


def split(identifier: str) -> tuple[str, str]:
    """The schema, if any, and the name of `schema"."table`."""
    schema, dot, name = identifier.partition('"."')
    return (schema.strip('"'), name.strip('"')) if dot else ("", identifier.strip('"'))


def quoted(name: str) -> str:
    """As DatabaseOperations.quote_name(): what has quotes keeps them."""
    return name if len(name) > 1 and name[0] == name[-1] == '"' else f'"{name}"'


def shortened(identifier: str) -> str:
    """truncate_name() of django.db.backends.utils, which tables without db_table get."""
    schema, name = split(identifier)
    if len(name) <= LONGEST:
        return identifier
    before = f'{schema}"."' if schema else ""
    return f"{before}{name[: LONGEST - 4]}{digest(name, length=4)}"


def default_table(app: str, model: str) -> str:
    """The table of a model that has no db_table."""
    return shortened(f"{app}_{model.lower()}")


def index_name(table: str, columns: Sequence[str], suffix: str = "") -> str:
    """BaseDatabaseSchemaEditor._create_index_name()"""
    name = split(table)[1]
    ending = f"{digest(name, *columns, length=8)}{suffix}"
    whole = f"{name}_{'_'.join(columns)}_{ending}"
    if len(whole) <= LONGEST:
        return whole
    ending = ending[: LONGEST // 3] if len(ending) > LONGEST / 3 else ending
    rest = (LONGEST - len(ending)) // 2 - 1
    whole = f"{name[:rest]}_{'_'.join(columns)[:rest]}_{ending}"
    return f"D{whole[:-1]}" if whole[0] == "_" or whole[0].isdigit() else whole


def foreign_key_name(table: str, column: str, to_table: str, to_column: str) -> str:
    return index_name(table, [column], f"_fk_{split(to_table)[1]}_{to_column}")


def implied(table: str, column: str, suffix: str) -> str:
    """The name that PostgreSQL gives a constraint of a column itself (ChooseConstraintName)."""
    first, second = split(table)[1].encode(), column.encode()
    most = LONGEST - len(suffix) - 2
    while len(first) + len(second) > most:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    parts = (part.decode(errors="ignore") for part in (first, second))
    return f"{'_'.join(parts)}_{suffix}"

"""The rows that break a constraint are found by a query that can be run as it stands.

It is the condition that PostgreSQL itself checks when it validates the constraint (for foreign
keys RI_Initial_Check in `src/backend/utils/adt/ri_triggers.c`). Where the text does not tell all
of it, there is no query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.model.moment import Moment, Origin
from bot.model.source import Span
from bot.postgres.names import QualifiedName
from bot.postgres.operations import (
    AddConstraint,
    AddDomainCheck,
    ForeignKey,
    SetDomainNotNull,
    SetNotNull,
)
from bot.sql.names import strings
from bot.sql.placeholders import has_any
from bot.sql.tokens import Token, Unlexable, significant
from bot.sql.tree import ParseError, Tree, enums, parsed
from bot.sql.writing import qualified, quoted

_MOST_PLACES = 20  # in which the values of a domain are asked for
_LONGEST_HEAD = 1000
"""As many characters as may stand before the first command of an ALTER TABLE."""


def violating_rows(moment: Moment | None) -> str | None:
    """A query for the rows that break what `moment` checks, None where none is sure to be right."""
    if moment is None or moment.origin is None or moment.undone:
        return None
    try:
        query = _query(_in_sql(moment.origin))
        known = query and not has_any(query)  # nobody can run a template
        return query if query and known and len(parsed(query)) == 1 else None
    except (ParseError, Unlexable):  # what psql handles itself stands in the text
        return None


def _in_sql(origin: Origin) -> Origin:
    """As what reached PostgreSQL, whatever the file itself says."""
    said, sent = origin.statement, origin.statement.in_sql
    pairs = zip(said.commands, sent.commands, strict=True)
    command = next((sql for one, sql in pairs if one is origin.command), origin.command)
    return replace(origin, statement=sent, command=command)


def _query(origin: Origin) -> str | None:
    match origin.command.operation:
        case AddDomainCheck():
            return _of_values(origin, _in_parentheses(_clause(origin), "CHECK"))
        case SetDomainNotNull():
            return _of_values(origin, "(VALUE IS NOT NULL)")
    table = _table(origin)
    if table is None:
        return None
    match origin.command.operation, origin.outcome.operation:
        case SetNotNull(_, column), _:
            return f"SELECT * FROM {table} WHERE {quoted(column)} IS NULL;"
        case (
            AddConstraint(constraint=ForeignKey() as written),
            AddConstraint(resolved, ForeignKey() as key),
        ):
            itself = key.referenced == resolved
            referenced = table if itself else _name(written.referenced, key.referenced, origin)
            return _of_foreign_key(_constraint(origin), key, table, referenced)
        case AddConstraint(), _:
            return _of_constraint(_constraint(origin), _clause(origin), table)
    return None


def _of_values(origin: Origin, condition: str) -> str | None:
    """The values that a domain does not take, in the columns that are known to be of it."""
    simple = origin.outcome.search_path.since is None
    if len(origin.outcome.effect.values) > _MOST_PLACES:
        return None
    places = [
        (qualified(_unqualified(table) if simple else table), column)
        for table, column in origin.outcome.effect.values
    ]
    rests = [f"FROM {table} WHERE NOT {_of_column(condition, column)}" for table, column in places]
    if len(rests) == 1:
        return f"SELECT * {rests[0]};"
    found = (
        f'SELECT {_literal(table)} AS "table", {quoted(column)}::text AS value\n{rest}'
        for (table, column), rest in zip(places, rests, strict=True)
    )
    return "\nUNION ALL\n".join(found) + ";" if rests else None


def _unqualified(table: QualifiedName) -> QualifiedName:
    return QualifiedName(None, table.name) if table.schema == "public" else table


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _of_column(condition: str, column: str) -> str:
    """The condition with the column in the place of VALUE."""
    parts, end = list[str](), 0
    for token in significant(condition):
        if token.name == "VALUE_P":
            parts += (condition[end : token.span.start], quoted(column))
            end = token.span.end
    return "".join((*parts, condition[end:]))


def _clause(origin: Origin) -> str:
    return origin.statement.source[origin.command.span]


def _constraint(origin: Origin) -> Tree:
    """Raises ParseError."""
    (raw,) = parsed(f"ALTER TABLE t {_clause(origin)}")
    return raw.stmt.cmds[0].def_


def _table(origin: Origin) -> str | None:
    """The table for FROM, with ONLY where the author says so: children are not looked at then."""
    match origin.command.operation, origin.outcome.operation:
        case (AddConstraint(written), AddConstraint(resolved)) | (
            SetNotNull(written),
            SetNotNull(resolved),
        ):
            name = _name(written, resolved, origin)
        case _:
            return None
    statement = origin.statement
    head = Span(statement.span.start, statement.commands[0].span.start)
    if name is None or head.end - head.start > _LONGEST_HEAD:
        return None
    only = any(token.name == "ONLY" for token in significant(statement.source[head]))
    return f"ONLY {name}" if only else name


def _name(written: QualifiedName, resolved: QualifiedName, origin: Origin) -> str | None:
    """A table as the author's own session finds it, whatever search path the file has set."""
    if "pg_temp" in (written.schema, resolved.schema):
        return None
    if written.schema or origin.outcome.search_path.since is None:
        return qualified(written)
    return qualified(resolved) if resolved.schema else None


def _of_constraint(node: Tree, clause: str, table: str) -> str | None:
    kinds = enums.ConstrType
    if node.is_no_inherit and not table.startswith("ONLY "):
        table = f"ONLY {table}"
    match node.contype:
        case kinds.CONSTR_CHECK:
            # A null passes, and NOT (null) is not true. The closing parenthesis is the author's
            # own, so no comment can swallow it.
            return f"SELECT * FROM {table} WHERE NOT {_in_parentheses(clause, 'CHECK')};"
        case kinds.CONSTR_NOTNULL:
            return f"SELECT * FROM {table} WHERE {quoted(*strings(node.keys))} IS NULL;"
        case kinds.CONSTR_UNIQUE | kinds.CONSTR_PRIMARY if node.keys and node.without_overlaps:
            return _of_periods(node, table)
        case kinds.CONSTR_UNIQUE | kinds.CONSTR_PRIMARY if node.keys:
            return _of_key(node, table)
        case kinds.CONSTR_EXCLUSION:
            return _of_exclusion(node, clause, table)
    return None


def _of_foreign_key(node: Tree, key: ForeignKey, table: str, referenced: str | None) -> str | None:
    """Those that have no partner; aliases, since a table may reference itself."""
    pairs = list(zip(key.columns, key.referenced_columns, strict=False))
    known = referenced and len(key.columns) == len(key.referenced_columns)
    if not known:
        return None
    if node.fk_with_period and node.pk_with_period:
        return _of_covered(pairs, table, str(referenced))
    some = [f"child.{quoted(column)} IS NOT NULL" for column in key.columns]
    # MATCH SIMPLE lets every row with a null pass, MATCH FULL only one that has nothing else.
    full = node.fk_matchtype == "f" and len(some) > 1
    asked = f"({' OR '.join(some)})" if full else " AND ".join(some)
    same = " AND ".join(f"parent.{quoted(b)} = child.{quoted(a)}" for a, b in pairs)
    return (
        f"SELECT * FROM {table} AS child\nWHERE {asked}\n"
        f"  AND NOT EXISTS (SELECT FROM {referenced} AS parent WHERE {same});"
    )


def _of_covered(pairs: list[tuple[str, str]], table: str, referenced: str) -> str:
    """Those whose period is not covered by the ones of their partners together."""
    some = [f"child.{quoted(column)} IS NOT NULL" for column, _ in pairs]
    *keys, (own, theirs) = pairs
    same = [f"parent.{quoted(b)} = child.{quoted(a)}" for a, b in keys]
    same += [f"parent.{quoted(theirs)} && child.{quoted(own)}"]  # what is empty overlaps nothing
    partners = f"{referenced} AS parent WHERE {' AND '.join(same)}"
    covered = f"SELECT range_agg(parent.{quoted(theirs)}) FROM {partners}"
    return (
        f"SELECT * FROM {table} AS child\nWHERE {' AND '.join(some)}\n"
        f"  AND NOT COALESCE(child.{quoted(own)} <@ ({covered}), false);"
    )


def _of_periods(node: Tree, table: str) -> str:
    """Those whose period overlaps that of another row with the same key, or is empty."""
    columns = [quoted(column) for column in strings(node.keys)]
    *keys, period = columns
    same = [f"y.{column} = x.{column}" for column in keys]
    other = "(y.tableoid, y.ctid) <> (x.tableoid, x.ctid)"
    both = " AND ".join((other, *same, f"y.{period} && x.{period}"))
    wrong = [f"isempty(x.{period})", f"EXISTS (SELECT FROM {table} AS y WHERE {both})"]
    if node.contype == enums.ConstrType.CONSTR_PRIMARY:
        wrong += (f"x.{column} IS NULL" for column in columns)
    return f"SELECT * FROM {table} AS x\nWHERE {' OR '.join(wrong)};"


def _of_key(node: Tree, table: str) -> str:
    """What several rows have in common, and for a primary key what is null as well."""
    columns = [quoted(column) for column in strings(node.keys)]
    listed = ", ".join(columns)
    where, having = "", "count(*) > 1"
    if node.contype == enums.ConstrType.CONSTR_PRIMARY:
        having = " OR ".join((having, *(f"{column} IS NULL" for column in columns)))
    elif not node.nulls_not_distinct:
        where = f" WHERE {' AND '.join(f'{column} IS NOT NULL' for column in columns)}"
    return f"SELECT {listed}, count(*) FROM {table}{where}\nGROUP BY {listed} HAVING {having};"


def _of_exclusion(node: Tree, clause: str, table: str) -> str | None:
    """Pairs of rows, each pair once, for which all operators hold."""
    if any(not element.name or element.collation for element, _ in node.exclusions):
        return None
    same = [
        f"x.{column} {_operator(operator)} y.{column}"
        for element, operator in node.exclusions
        for column in (quoted(element.name),)
    ]
    rows = table
    if node.where_clause:
        rows = f"(SELECT ctid, * FROM {table} WHERE {_in_parentheses(clause, 'WHERE')})"
    both = " AND ".join(("x.ctid < y.ctid", *same))
    return f"SELECT * FROM {rows} AS x\nJOIN {rows} AS y ON {both};"


def _operator(name: Iterable[Tree]) -> str:
    *schema, sign = strings(name)
    return f"OPERATOR({'.'.join((*map(quoted, schema), sign))})" if schema else sign


def _in_parentheses(clause: str, keyword: str) -> str:
    """The parentheses behind the first `keyword` that stands in none, with all that is in them."""
    run = significant(clause)
    depths = _depths(run)
    first = next(i for i, t in enumerate(run) if t.name == keyword and depths[i] == 0) + 1
    last = next(i for i in range(first, len(run)) if depths[i] == 0)
    return clause[run[first].span.start : run[last].span.end]


def _depths(run: tuple[Token, ...]) -> list[int]:
    """How many parentheses are open behind each token."""
    depths, depth = list[int](), 0
    for token in run:
        depth += (token.name == "ASCII_40") - (token.name == "ASCII_41")
        depths.append(depth)
    return depths

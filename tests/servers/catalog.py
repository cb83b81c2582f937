"""Two ways of reaching a schema agree when their catalogs are equal, in whatever order things were made."""

from tests.servers.observed import USER_SCHEMA
from tests.servers.server import Connection

Catalog = frozenset[str]

TABLES = f"""
    SELECT format('table %s: %s', c.oid::regclass, concat_ws(' ',
        CASE relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(c.oid)
                     WHEN 'f' THEN 'foreign' ELSE 'plain' END,
        CASE relpersistence WHEN 'u' THEN 'unlogged' END, reloptions::text))
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'f') AND {USER_SCHEMA}
"""
COLUMNS = f"""
    SELECT format('column %s.%I: %s', c.oid::regclass, attname, concat_ws(' ',
        format_type(atttypid, atttypmod),
        'collate ' || nullif(attcollation, 0)::regcollation::text,
        CASE WHEN attnotnull THEN 'not null' END,
        CASE attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
        CASE attgenerated WHEN '' THEN 'default ' ELSE 'generated ' || attgenerated::text || ' ' END
            || pg_get_expr(adbin, adrelid),
        CASE WHEN NOT attislocal THEN 'not local' END,
        'inherited ' || nullif(attinhcount, 0)))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'f', 'c') AND {USER_SCHEMA}
"""
# Also domain constraints; in 18 also NOT NULL. Foreign keys of plain tables are never inherited, and one
# that became part of a partitioned table's keeps the mark of that, which means nothing.
CONSTRAINTS = f"""
    SELECT format('constraint %s %I: %s', CASE WHEN contypid <> 0 THEN 'domain ' || contypid::regtype
                                          ELSE conrelid::regclass::text END,
        conname, concat_ws(' ', pg_get_constraintdef(k.oid),
        CASE WHEN convalidated THEN 'valid' ELSE 'not validated' END,
        CASE WHEN NOT {{enforced}} THEN 'not enforced' END,
        CASE WHEN condeferrable THEN 'deferrable' END,
        CASE WHEN condeferred THEN 'deferred' END,
        CASE WHEN connoinherit AND contype <> 'f' THEN 'no inherit' END,
        CASE WHEN NOT conislocal THEN 'not local' END,
        'inherited ' || nullif(coninhcount, 0),
        'by ' || nullif(conindid, 0)::regclass::text))
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace
    WHERE contype <> 't' AND {USER_SCHEMA}
"""
INDEXES = f"""
    SELECT format('index on %s: %s', indrelid::regclass, concat_ws(' ', pg_get_indexdef(indexrelid),
        CASE WHEN NOT indisvalid THEN 'invalid' END,
        CASE WHEN indisunique THEN 'unique' END,
        CASE WHEN indisprimary THEN 'primary' END,
        CASE WHEN NOT indimmediate THEN 'deferrable' END,
        CASE WHEN {{nulls_not_distinct}} THEN 'nulls not distinct' END,
        CASE WHEN indisreplident THEN 'replica identity' END,
        CASE WHEN indisclustered THEN 'clustered' END))
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE {USER_SCHEMA}
"""
PARENTS = f"""
    SELECT format('%s %s of %s: %s',
        CASE WHEN relkind IN ('i', 'I') THEN 'index' WHEN relispartition THEN 'partition' ELSE 'child' END,
        inhrelid::regclass, inhparent::regclass,
        concat_ws(' ', pg_get_expr(relpartbound, c.oid), CASE WHEN inhdetachpending THEN 'detaching' END))
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE {USER_SCHEMA}
"""
DOMAINS = f"""
    SELECT format('domain %s: %s', t.oid::regtype, concat_ws(' ', format_type(typbasetype, typtypmod),
        CASE WHEN typnotnull THEN 'not null' END, 'default ' || typdefault))
    FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype = 'd' AND {USER_SCHEMA}
"""
ENUMS = f"""
    SELECT format('enum %s: %s', enumtypid::regtype, string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder))
    FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN pg_namespace n ON n.oid = typnamespace
    WHERE {USER_SCHEMA} GROUP BY enumtypid
"""
TRIGGERS = f"""
    SELECT format('trigger on %s: %s %s', tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE NOT tgisinternal AND {USER_SCHEMA}
"""
SEQUENCES = f"""
    SELECT format('sequence %s: %s', seqrelid::regclass, concat_ws(' ', seqtypid::regtype, 'start', seqstart,
        'increment', seqincrement, 'from', seqmin, 'to', seqmax, 'cache', seqcache,
        CASE WHEN seqcycle THEN 'cycle' END,
        (SELECT format('owned by %s.%I', refobjid::regclass, attname) FROM pg_depend
         JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
         WHERE objid = seqrelid AND classid = 'pg_class'::regclass
         AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))))
    FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE {USER_SCHEMA}
"""
VIEWS = f"""
    SELECT format('%sview %s: %s', CASE relkind WHEN 'm' THEN 'materialized ' END, c.oid::regclass,
        pg_get_viewdef(c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('v', 'm') AND {USER_SCHEMA}
"""


def catalog(connection: Connection) -> Catalog:
    """One line for everything there is in the user's schemas."""
    version = connection.info.server_version
    constraints = CONSTRAINTS.format(enforced="conenforced" if version >= 180000 else "true")
    indexes = INDEXES.format(
        nulls_not_distinct="indnullsnotdistinct" if version >= 150000 else "false"
    )
    queries = (
        TABLES,
        COLUMNS,
        constraints,
        indexes,
        PARENTS,
        DOMAINS,
        ENUMS,
        TRIGGERS,
        SEQUENCES,
        VIEWS,
    )
    with connection.transaction():
        # Names print with their schema when the search path is empty.
        connection.execute("SET LOCAL search_path = ''")
        return frozenset(
            line for query in queries for (line,) in connection.execute(query).fetchall()
        )


def difference(one: Catalog, other: Catalog) -> str:
    """What only one of them has, as lines of a diff."""
    lines = [(line, "-") for line in one - other] + [(line, "+") for line in other - one]
    return "\n".join(f"{sign} {line}" for line, sign in sorted(lines))

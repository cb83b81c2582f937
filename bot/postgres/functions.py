"""How often a function gives another value: PostgreSQL's own functions, and its extensions'.

Source: `provolatile` in `pg_proc` of PostgreSQL 14 to 18 (tests/test_functions.py). Of any other
function nobody can tell.
"""

from __future__ import annotations

from bot.postgres.names import QualifiedName

VOLATILE = frozenset(
    (
        *("random", "random_normal", "gen_random_uuid", "uuidv4", "uuidv7"),
        *("clock_timestamp", "timeofday", "nextval", "currval", "lastval", "setval"),
        *("pg_advisory_lock", "pg_advisory_xact_lock", "pg_notify", "pg_sleep", "set_config"),
    )
)

STEADY = frozenset(
    (
        *("now", "transaction_timestamp", "statement_timestamp", "age", "date_trunc", "date_part"),
        *("date_bin", "extract", "timezone", "make_date", "make_interval", "make_timestamp"),
        *("make_timestamptz", "to_timestamp", "to_date", "to_char", "to_number", "isfinite"),
        *("current_setting", "current_database", "current_schema", "current_schemas", "version"),
        *("pg_backend_pid", "inet_client_addr", "txid_current", "pg_current_xact_id"),
        *("lower", "upper", "initcap", "md5", "sha224", "sha256", "sha384", "sha512", "concat"),
        *("concat_ws", "format", "left", "right", "lpad", "rpad", "substring", "substr", "replace"),
        *("btrim", "ltrim", "rtrim", "length", "char_length", "position", "strpos", "split_part"),
        *("translate", "reverse", "repeat", "chr", "ascii", "quote_literal", "quote_ident"),
        *("regexp_replace", "encode", "decode", "convert_from", "convert_to", "to_hex"),
        *("abs", "ceil", "ceiling", "floor", "round", "trunc", "mod", "power", "sqrt", "exp", "ln"),
        *("log", "pi", "sign", "div", "int4", "int8", "numeric", "float8", "text", "bool", "date"),
        *("string_to_array", "array_to_string", "array_fill", "array_append", "array_cat"),
        *("array_length", "cardinality", "array_remove", "json_build_object", "json_build_array"),
        *("jsonb_build_object", "jsonb_build_array", "json_object", "jsonb_object", "to_json"),
        *("to_jsonb", "row_to_json", "jsonb_set", "jsonb_strip_nulls", "jsonb_typeof"),
        *("to_tsvector", "to_tsquery", "plainto_tsquery", "setweight", "point", "box", "circle"),
        *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "host"),
        *("hashtext", "num_nulls", "num_nonnulls"),
    )
)

# pgcrypto and uuid-ossp, in whichever schema they were put.
VOLATILE_OF_EXTENSIONS = frozenset(
    (
        *("gen_random_bytes", "gen_salt"),
        *("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4"),
    )
)
STEADY_OF_EXTENSIONS = frozenset(
    ("crypt", "digest", "hmac", "uuid_generate_v3", "uuid_generate_v5", "uuid_nil")
)


def is_volatile(function: QualifiedName) -> bool | None:
    """Whether it may give another value for every row; None where nobody can tell."""
    name = function.name
    own = function.schema in (None, "pg_catalog")
    if name in VOLATILE_OF_EXTENSIONS or (own and name in VOLATILE):
        return True
    if name in STEADY_OF_EXTENSIONS or (own and name in STEADY):
        return False
    return None

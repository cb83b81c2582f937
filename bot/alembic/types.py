"""SQLAlchemy's types as its PostgreSQL dialect writes them (PGTypeCompiler)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.python.embedded import hole
from bot.python.values import Attribute, Call, Known, Name, Value, path, text_of, truth
from bot.sql.writing import quoted

_PLAIN = {
    "Integer": "INTEGER",
    "INTEGER": "INTEGER",
    "INT": "INTEGER",
    "BigInteger": "BIGINT",
    "BIGINT": "BIGINT",
    "SmallInteger": "SMALLINT",
    "SMALLINT": "SMALLINT",
    "Text": "TEXT",
    "TEXT": "TEXT",
    "UnicodeText": "TEXT",
    "Boolean": "BOOLEAN",
    "BOOLEAN": "BOOLEAN",
    "Date": "DATE",
    "DATE": "DATE",
    "LargeBinary": "BYTEA",
    "PickleType": "BYTEA",
    "BYTEA": "BYTEA",
    "REAL": "REAL",
    "Double": "DOUBLE PRECISION",
    "DOUBLE": "DOUBLE PRECISION",
    "DOUBLE_PRECISION": "DOUBLE PRECISION",
    "JSON": "JSON",
    "JSONB": "JSONB",
    "Uuid": "UUID",
    "UUID": "UUID",
    "INET": "INET",
    "CIDR": "CIDR",
    "CITEXT": "CITEXT",
    "HSTORE": "HSTORE",
    "MACADDR": "MACADDR",
    "MACADDR8": "MACADDR8",
    "MONEY": "MONEY",
    "OID": "OID",
    "REGCLASS": "REGCLASS",
    "REGCONFIG": "REGCONFIG",
    "TSVECTOR": "TSVECTOR",
    "TSQUERY": "TSQUERY",
    "JSONPATH": "JSONPATH",
    **{
        f"{kind}{many}RANGE": f"{kind}{many}RANGE"
        for kind in ("INT4", "INT8", "NUM", "DATE", "TS", "TSTZ")
        for many in ("", "MULTI")
    },
}
_TEXTS = {
    "String": "VARCHAR",
    "Unicode": "VARCHAR",
    "VARCHAR": "VARCHAR",
    "CHAR": "CHAR",
    "NCHAR": "NCHAR",
    "NVARCHAR": "NVARCHAR",
}
_OWN = ("sqlalchemy.", "sqlmodel.")
Parts = dict[str, Value]


def _number(value: Value | None) -> int | None:
    match value:
        case Known(int() as number):
            return number
    return None


def _text(name: str, parts: Parts) -> str:
    length = _number(parts.get("length"))
    written = _TEXTS[name] if length is None else f"{_TEXTS[name]}({length})"
    collation = text_of(parts.get("collation"))
    return f"{written} COLLATE {quoted(collation)}" if collation else written


def _numeric(parts: Parts) -> str:
    precision, scale = _number(parts.get("precision")), _number(parts.get("scale"))
    if precision is None:
        return "NUMERIC"
    return f"NUMERIC({precision})" if scale is None else f"NUMERIC({precision}, {scale})"


def _float(parts: Parts) -> str:
    precision = _number(parts.get("precision"))
    return "FLOAT" if precision is None else f"FLOAT({precision})"


def _time(name: str, parts: Parts) -> str:
    precision = _number(parts.get("precision"))
    zone = parts.get("timezone")
    known = truth(zone) if zone else False
    if known is None:
        return hole(name)
    digits = "" if precision is None else f"({precision})"
    return f"{name}{digits} {'WITH' if known else 'WITHOUT'} TIME ZONE"


def _enum(parts: Parts) -> str:
    """An enum of its own, or with native_enum=False a text."""
    native = parts.get("native_enum")
    name = text_of(parts.get("name"))
    if native is not None and truth(native) is not True:
        return _text("VARCHAR", parts)
    schema = text_of(parts.get("schema"))
    whole = [quoted(part) for part in (schema, name) if part]
    return ".".join(whole) if name else hole("enum")


def _array(parts: Parts) -> str:
    item = parts.get("item_type")
    inner = type_sql(item) if item else hole("type")
    dimensions = _number(parts.get("dimensions")) or 1
    return f"{inner}{'[]' * min(dimensions, 6)}"


def _bit(parts: Parts) -> str:
    length = _number(parts.get("length")) or 1
    varying = parts.get("varying")
    return f"BIT VARYING({length})" if varying and truth(varying) else f"BIT({length})"


_BY_NAME: Mapping[str, tuple[tuple[str, ...], Callable[[Parts], str]]] = {
    "Numeric": (("precision", "scale"), _numeric),
    "NUMERIC": (("precision", "scale"), _numeric),
    "DECIMAL": (("precision", "scale"), _numeric),
    "Float": (("precision",), _float),
    "FLOAT": (("precision",), _float),
    "Enum": ((), _enum),
    "ENUM": ((), _enum),
    "ARRAY": (("item_type", "as_tuple", "dimensions"), _array),
    "BIT": (("length", "varying"), _bit),
    "DateTime": (("timezone",), lambda parts: _time("TIMESTAMP", parts)),
    "DATETIME": (("timezone",), lambda parts: _time("TIMESTAMP", parts)),
    "TIMESTAMP": (("timezone", "precision"), lambda parts: _time("TIMESTAMP", parts)),
    "Time": (("timezone",), lambda parts: _time("TIME", parts)),
    "TIME": (("timezone", "precision"), lambda parts: _time("TIME", parts)),
    "Interval": ((), lambda parts: "INTERVAL"),
    "INTERVAL": ((), lambda parts: "INTERVAL"),
    "DOMAIN": (("name",), _enum),
}


def type_sql(value: Value) -> str:
    """A type as SQL; a placeholder for one of which nobody knows what it is."""
    named, parts, call = path(value), dict[str, Value](), None
    if isinstance(value, Call):
        if isinstance(variant := _variant(value), Name | Call):
            return type_sql(variant)
        call, named = value, value.path
    own = named.startswith(_OWN)
    name = named.rpartition(".")[2]
    if not own or "()" in named:
        return hole(name or "type")
    if name in _PLAIN:
        return _PLAIN[name]
    wanted, write = _BY_NAME.get(name, (("length", "collation"), None))
    if call:
        parts = {**_longest(call), **{key: one.value for key, one in call.bound(*wanted).items()}}
    if name in _TEXTS:
        return _text(name, parts)
    return write(parts) if write else hole(name)


def _longest(call: Call) -> Parts:
    """The length of an enum's longest value, which that of its text is where no other is given."""
    values = enum_values(call) if is_own(call, "Enum") else ()
    known = len(values) == len(call.arguments) and values
    return {"length": Known(max(map(len, values)))} if known else {}


def _variant(call: Call) -> Value | None:
    """What `X().with_variant(Y(), "postgresql")` is to PostgreSQL."""
    if not call.path.endswith(".with_variant") or len(call.arguments) < 2:
        return None
    own, *dialects = (one.value for one in call.arguments)
    if any(text_of(one) == "postgresql" for one in dialects):
        return own
    return call.function.of if isinstance(call.function, Attribute) else None


def created_enum(kind: Value | None) -> Call | None:
    """The enum that SQLAlchemy creates together with a table, if the type is such a one."""
    if not isinstance(kind, Call) or not is_own(kind, "Enum", "ENUM"):
        return None
    says_no = (kind.keywords.get(name) for name in ("native_enum", "create_type"))
    named = kind.keywords.get("name")
    refused = any(one is not None and truth(one.value) is False for one in says_no)
    return None if refused or named is None else kind


def checked_enum(kind: Value | None) -> Call | None:
    """The enum for whose values SQLAlchemy adds a check: on PostgreSQL one that is no type."""
    enum, checked = _checked(kind)
    return enum if checked else None


def may_be_checked(kind: Value | None) -> bool:
    """Whether nobody can tell if SQLAlchemy adds such a check."""
    return _checked(kind)[1] is None


def _checked(kind: Value | None) -> tuple[Call | None, bool | None]:
    """An enum, and whether it has a check, None where nobody can tell."""
    while isinstance(kind, Call) and (variant := _variant(kind)) is not None:
        kind = variant
    if not isinstance(kind, Call) or not is_own(kind, "Enum"):
        return None, False
    native, asked = (kind.keywords.get(one) for one in ("native_enum", "create_constraint"))
    if native is None or truth(native.value) is not False:
        return kind, False
    if asked is not None:
        return kind, truth(asked.value)
    spread = any(one.arg is None for one in kind.node.keywords)
    return kind, None if spread and kind.partial else False


def enum_values(call: Call) -> tuple[str, ...]:
    """The values of an enum that are written out."""
    found = (text_of(one.value) for one in call.arguments)
    return tuple(one for one in found if one is not None)


def is_own(value: Value, *names: str) -> bool:
    """Whether the value is one of these things of SQLAlchemy's."""
    named = value.path if isinstance(value, Call) else path(value)
    return named.startswith(_OWN) and named.rpartition(".")[2] in names

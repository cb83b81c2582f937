"""The configuration is read and validated once; nothing in it is ignored in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar, get_args

from bot.errors import ConfigurationError
from bot.model.finding import Severity

PATHS = (".github/lockstep.toml", "lockstep.toml")
Threshold = Literal["error", "warning", "notice", "never"]
Level = Literal["off", "notice", "warning", "error"]
Version = Literal[14, 15, 16, 17, 18]

T = TypeVar("T")


@dataclass(frozen=True)
class MigrationsSetting:
    """One [[migrations]]: which tool runs the files below a path, and in what transactions."""

    path: str
    framework: str
    transaction: Literal["statement", "file", "all"] | None = None


@dataclass(frozen=True)
class TablesSetting:
    """[tables]: a file of rows and bytes per table, and how many rows count as small."""

    stats: str | None = None
    small_rows: int = 10_000


@dataclass(frozen=True)
class Settings:
    """`lockstep.toml`; `postgres_version` is the oldest server that runs these migrations."""

    postgres_version: Version = 14
    fail_on: Threshold = "error"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow_suppressions: bool = True
    rules: Mapping[str, Level] = field(default_factory=dict)
    migrations: tuple[MigrationsSetting, ...] = ()
    tables: TablesSetting = field(default_factory=TablesSetting)


@dataclass(frozen=True)
class TableStats:
    """One table of the statistics file."""

    rows: int
    bytes: int = 0


_RIGHT: Mapping[str, tuple[object, ...]] = {
    "postgres-version": get_args(Version),
    "fail-on": get_args(Threshold),
    "rules": get_args(Level),
    "transaction": ("statement", "file", "all"),
}

# The tables of the file by where they stand in it; keys are spelt with hyphens there.
_TABLES: Mapping[str, type] = {
    "": Settings,
    "migrations": MigrationsSetting,
    "tables": TablesSetting,
}


def fails(severity: Severity, threshold: Threshold) -> bool:
    """Whether a finding this bad fails the check."""
    return threshold != "never" and severity >= Severity[threshold.upper()]


def parse(text: str, path: str, rules: frozenset[str], frameworks: frozenset[str]) -> Settings:
    """The settings in the TOML `text`. Raises ConfigurationError naming the key at fault."""
    import tomllib

    try:
        settings = _converted(_spelt(tomllib.loads(text), "", path), Settings, path)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    for rule in settings.rules:
        _known(rule, rules, f"{path}: [rules] names a rule that does not exist")
    for entry in settings.migrations:
        _known(entry.framework, frameworks, f"{path}: [[migrations]] names an unknown framework")
    return settings


def parse_stats(text: str, path: str) -> Mapping[str, TableStats]:
    """Rows and bytes by table, as `{"public.orders": {"rows": 1200, "bytes": 98304}}`."""
    import json

    try:
        return _converted(json.loads(text), dict[str, TableStats], path)
    except (json.JSONDecodeError, ConfigurationError) as error:
        raise ConfigurationError(
            f'{error}; right would be {{"public.orders": {{"rows": 1200, "bytes": 98304}}}}'
        ) from error


def with_version(settings: Settings, version: int) -> Settings:
    """`settings` for servers of `version`. Raises ConfigurationError for one not supported."""
    known = next((one for one in get_args(Version) if one == version), None)
    if known is None:
        raise ConfigurationError(f"PostgreSQL {version} is not known here; 14 to 18 are")
    return replace(settings, postgres_version=known)


def with_threshold(settings: Settings, fail_on: Threshold | None) -> Settings:
    return replace(settings, fail_on=fail_on) if fail_on else settings


def known_framework(name: str, frameworks: frozenset[str]) -> str:
    """`name`, if it is a migration tool's. Raises ConfigurationError otherwise."""
    return _known(name, frameworks, "--framework names an unknown migration tool")


def _spelt(table: Mapping[str, Any], place: str, path: str) -> dict[str, Any]:
    """`table` with its keys as attributes are spelt. Raises ConfigurationError for unknown ones."""
    names = frozenset(one.name.replace("_", "-") for one in fields(_TABLES[place]))
    spelt: dict[str, Any] = {}
    for key, value in table.items():
        _known(key, names, f"{path}: unknown key" + (f" in [{place}]" if place else ""))
        match value:
            case dict() if key in _TABLES:
                value = _spelt(value, key, path)  # noqa: PLW2901 (the same value, spelt)
            case list() if key in _TABLES:
                value = [_spelt(v, key, path) if isinstance(v, dict) else v for v in value]  # noqa: PLW2901
        spelt[key.replace("-", "_")] = value
    return spelt


def _converted(value: Any, kind: type[T], path: str) -> T:
    """`value` as `kind`. Raises ConfigurationError naming the key and what would be right."""
    from msgspec import ValidationError, convert

    try:
        return convert(value, kind)
    except ValidationError as error:
        said, _, place = str(error).replace("`", "").partition(" - at $")
        key = place.lstrip(".").replace("_", "-")
        right = _RIGHT.get("rules" if "rules" in key else key.rpartition(".")[2], ())
        advice = f"; right is one of {', '.join(map(str, right))}" if right else ""
        raise ConfigurationError(f"{path}: {said} at {key or 'the top'}{advice}") from error


def _known(name: str, names: frozenset[str], complaint: str) -> str:
    if name in names:
        return name
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1)
    advice = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(sorted(names))}"
    raise ConfigurationError(f'{complaint}: "{name}"; {advice}')

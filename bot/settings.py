"""The configuration is read and validated once; nothing in it is ignored in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar, get_args

from bot.errors import ConfigurationError
from bot.model.finding import Following, Severity

PATHS = (".github/lockstep.toml", "lockstep.toml")
Threshold = Literal["error", "warning", "notice", "never"]
Level = Literal["off", "notice", "warning", "error"]
Version = Literal[14, 15, 16, 17, 18]
Transaction = Literal["statement", "file", "all"]

T = TypeVar("T")


@dataclass(frozen=True)
class MigrationsSetting:
    """One [[migrations]]: which tool runs the files below a path, and in what transactions.

    `follow_up` is where it wants what comes later; else as for all files.
    """

    path: str
    framework: str
    transaction: Transaction | None = None
    follow_up: Following | None = None


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
    follow_up: Following = "auto"
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
    "transaction": get_args(Transaction),
    "follow-up": get_args(Following),
}

_GLOB = frozenset("*?[\\")

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
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    for rule in settings.rules:
        _known(rule, rules, f"{path}: [rules] names a rule that does not exist")
    for entry in settings.migrations:
        _known(entry.framework, frameworks, f"{path}: [[migrations]] names an unknown framework")
    for mistake in _mistakes(settings):
        raise ConfigurationError(f"{path}: {mistake}")
    return settings


def _mistakes(settings: Settings) -> Iterator[str]:
    """Values of the right type that mean nothing."""
    for key, patterns in (("include", settings.include), ("exclude", settings.exclude)):
        for pattern in patterns:
            if not _is_pattern(pattern):
                yield f'"{pattern}" at {key}; right is a pattern as in .gitignore, such as db/**'
    for index, entry in enumerate(settings.migrations):
        if not _is_folder(entry.path):
            yield (
                f'"{entry.path}" at migrations[{index}].path; right is a folder relative to the'
                " repository's root, such as services/billing/sql"
            )
    if settings.tables.small_rows < 0:
        yield f"{settings.tables.small_rows} at tables.small-rows; right is 0 or more"


def _is_pattern(text: str) -> bool:
    """Whether it says anything: blanks and comments do not, and some are refused."""
    from pathspec import GitIgnoreSpec

    try:
        return any(one.include is not None for one in GitIgnoreSpec.from_lines([text]).patterns)
    except ValueError:
        return False


def _is_folder(path: str) -> bool:
    return bool(path) and path[0] != "/" and ".." not in path.split("/") and not set(path) & _GLOB


def parse_stats(text: str, path: str) -> Mapping[str, TableStats]:
    """Rows and bytes by table, as `{"public.orders": {"rows": 1200, "bytes": 98304}}`."""
    import json

    right = 'right would be {"public.orders": {"rows": 1200, "bytes": 98304}}'
    try:
        stats = _converted(json.loads(text), dict[str, TableStats], path)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not valid JSON: {error}; {right}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; {right}") from error
    for table, known in stats.items():
        if known.rows < 0:  # pg_class.reltuples of a table that was never analysed
            raise ConfigurationError(f'{path}: "{table}" has {known.rows} rows; {right}')
    return stats


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

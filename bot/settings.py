"""The configuration is read and validated once; nothing in it is ignored in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError, convert, field
from msgspec.structs import replace

from bot.errors import ConfigurationError
from bot.model.finding import Severity

PATHS = (".github/lockstep.toml", "lockstep.toml")
Threshold = Literal["error", "warning", "notice", "never"]
Level = Literal["off", "notice", "warning", "error"]
Version = Annotated[int, Meta(ge=14, le=18)]


class _Table(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class MigrationsSetting(_Table, frozen=True):
    """One [[migrations]]: which tool runs the files below a path, and in what transactions."""

    path: str
    framework: str
    transaction: Literal["statement", "file", "all"] | None = None


class TablesSetting(_Table, frozen=True):
    """[tables]: a file of rows and bytes per table, and what counts as small."""

    stats: str | None = None
    small_rows: Annotated[int, Meta(ge=0)] = 10_000


class Settings(_Table, frozen=True):
    """`lockstep.toml`; `postgres_version` is the oldest server that runs these migrations."""

    postgres_version: Version = 14
    fail_on: Threshold = "error"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow_suppressions: bool = True
    rules: Mapping[str, Level] = field(default_factory=dict)
    migrations: tuple[MigrationsSetting, ...] = ()
    tables: TablesSetting = field(default_factory=TablesSetting)


class TableStats(_Table, frozen=True):
    """One table of the statistics file."""

    rows: Annotated[int, Meta(ge=0)]
    bytes: Annotated[int, Meta(ge=0)] = 0


def fails(severity: Severity, threshold: Threshold) -> bool:
    """Whether a finding this bad fails the check."""
    return threshold != "never" and severity >= Severity[threshold.upper()]


def parse(text: str, path: str, rules: frozenset[str], frameworks: frozenset[str]) -> Settings:
    """The settings in the TOML `text`. Raises ConfigurationError naming the key at fault."""
    import tomllib

    try:
        settings = convert(tomllib.loads(text), Settings)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_explained(str(error))}") from error
    for rule in settings.rules:
        _known(rule, rules, f"{path}: [rules] names a rule that does not exist")
    for entry in settings.migrations:
        _known(entry.framework, frameworks, f"{path}: [[migrations]] names an unknown framework")
    return settings


def parse_stats(text: str, path: str) -> Mapping[str, TableStats]:
    """Rows and bytes by table, as `{"public.orders": {"rows": 1200, "bytes": 98304}}`."""
    from msgspec import DecodeError, json

    try:
        return json.decode(text, type=dict[str, TableStats])
    except (ValidationError, DecodeError) as error:
        raise ConfigurationError(
            f"{path}: {_explained(str(error))}; right would be"
            ' {"public.orders": {"rows": 1200, "bytes": 98304}}'
        ) from error


def with_version(settings: Settings, version: int) -> Settings:
    """`settings` for servers of `version`. Raises ConfigurationError for one not supported."""
    if not 14 <= version <= 18:
        raise ConfigurationError(f"PostgreSQL {version} is not known here; 14 to 18 are")
    return replace(settings, postgres_version=version)


def with_threshold(settings: Settings, fail_on: Threshold | None) -> Settings:
    return replace(settings, fail_on=fail_on) if fail_on else settings


def known_framework(name: str, frameworks: frozenset[str]) -> str:
    """`name`, if it is a migration tool's. Raises ConfigurationError otherwise."""
    return _known(name, frameworks, "--framework names an unknown migration tool")


def _known(name: str, names: frozenset[str], complaint: str) -> str:
    if name not in names:
        raise ConfigurationError(f'{complaint}: "{name}"; {_advice(name, names)}')
    return name


def _advice(name: str, names: frozenset[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known are {', '.join(sorted(names))}"


def _explained(message: str) -> str:
    """msgspec's complaint, with the key spelt as in the file and what would be right."""
    unknown = re.match(r"Object contains unknown field `(.+?)`(?: - at `\$(.*)`)?$", message)
    if not unknown:
        return re.sub(r" - at `\$\.?(.+)`$", r" at \1", message).replace("`", "")
    structs = (Settings, MigrationsSetting, TablesSetting)
    by_place = {"": Settings, ".migrations[...]": MigrationsSetting, ".tables": TablesSetting}
    struct = by_place.get(unknown[2] or "", structs[0])
    names = frozenset(struct.__struct_encode_fields__)
    return f'unknown key "{unknown[1]}"; {_advice(unknown[1], names)}'

"""A wrong configuration is refused, with the key at fault and what would be right."""

from __future__ import annotations

import pytest

from bot.errors import ConfigurationError
from bot.settings import Settings, parse, parse_stats

RULES = frozenset({"check-validated-on-add", "lock-timeout-missing"})
TOOLS = frozenset({"flyway", "psql"})


def read(text: str) -> Settings:
    return parse(text, "lockstep.toml", RULES, TOOLS)


def test_everything_that_can_be_configured_is_read() -> None:
    settings = read(
        """
        postgres-version = 16
        fail-on = "warning"
        include = ["db/**"]
        exclude = ["db/seeds/**"]
        allow-suppressions = false

        [rules]
        lock-timeout-missing = "off"

        [[migrations]]
        path = "services/billing/sql"
        framework = "psql"
        transaction = "file"

        [tables]
        stats = ".github/lockstep-stats.json"
        small-rows = 500
        """
    )
    assert settings.postgres_version == 16
    assert settings.exclude == ("db/seeds/**",)
    assert settings.migrations[0].transaction == "file"
    assert settings.tables.small_rows == 500


def test_an_empty_file_means_the_defaults() -> None:
    assert read("") == Settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("postgres_version = 16", '"postgres_version"; did you mean "postgres-version"?'),
        ("postgres-version = 13", "at postgres-version; right is one of 14, 15, 16, 17, 18"),
        ('postgres-version = "16"', "got str at postgres-version; right is one of 14"),
        ('fail-on = "errors"', "at fail-on; right is one of error, warning, notice, never"),
        ('include = "db/**"', "Expected array, got str at include"),
        ("[rules]\ncheck-validatd-on-add = 'off'", 'did you mean "check-validated-on-add"?'),
        ("[rules]\ncheck-validated-on-add = 'no'", "one of off, notice, warning, error"),
        ("[[migrations]]\npath = 'db'\nframework = 'flywya'", 'did you mean "flyway"?'),
        ("[[migrations]]\npath = 'db'", "missing required field framework at migrations[0]"),
        ("[[migrations]]\npath = 'db'\nframework='psql'\ntool = 1", 'in [migrations]: "tool"'),
        (
            "[[migrations]]\npath = 'db'\nframework='psql'\ntransaction = 'none'",
            "at migrations[0].transaction; right is one of statement, file, all",
        ),
        ("[tables]\nsmall-row = 1", 'did you mean "small-rows"?'),
        ("[tables]\nsmall-rows = -1", "-1 at tables.small-rows; right is 0 or more"),
        ('include = [""]', '"" at include; right is a pattern as in .gitignore, such as db/**'),
        ('include = ["# seeds"]', '"# seeds" at include'),
        ('exclude = ["db", "!"]', '"!" at exclude'),
        ("exclude = ['\\']", '"\\" at exclude'),
        ("[[migrations]]\npath = '/db'\nframework = 'psql'", '"/db" at migrations[0].path'),
        ("[[migrations]]\npath = 'db/*'\nframework = 'psql'", "right is a folder relative to"),
        ("[[migrations]]\npath = '../db'\nframework = 'psql'", '"../db" at migrations[0].path'),
        ("[[migrations]]\npath = ''\nframework = 'psql'", '"" at migrations[0].path'),
        ("a = ", "is not valid TOML"),
        (f"a = {'[' * 100_000}", "is not valid TOML"),
        (f"a = {'9' * 5_000}", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert str(caught.value).startswith("lockstep.toml")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "text", ['{"t": 5}', "[" * 100_000, "9" * 5_000, "", '{"public.t": {"rows": -1}}']
)
def test_statistics_of_a_wrong_shape_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="right would be") as caught:
        parse_stats(text, "stats.json")
    assert str(caught.value).startswith("stats.json")


def test_statistics_are_rows_by_table() -> None:
    assert parse_stats('{"public.t": {"rows": 5}}', "stats.json")["public.t"].rows == 5

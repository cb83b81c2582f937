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
        ("a = ", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert str(caught.value).startswith("lockstep.toml")
    assert complaint in str(caught.value)


def test_statistics_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="right would be"):
        parse_stats('{"t": 5}', "stats.json")
    assert parse_stats('{"public.t": {"rows": 5}}', "stats.json")["public.t"].rows == 5

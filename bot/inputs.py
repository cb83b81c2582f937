"""What a workflow passes with `with:` is read and validated once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from bot.errors import ConfigurationError
from bot.settings import Threshold

COMMENTS = ("inline", "summary", "off")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow passes with `with:`; None where it passes nothing."""

    token: str
    comments: str
    max_comments: int
    fail_on: Threshold | None
    postgres_version: int | None
    config: str | None
    sarif: str | None


def inputs(environment: Mapping[str, str]) -> Inputs:
    """The inputs in the environment, as INPUT_FAIL-ON: upper case, hyphens kept.

    Raises ConfigurationError naming the input that is wrong.
    """
    limit = _number(environment, "max-comments")
    token = _text(environment, "token")
    if not token:
        raise ConfigurationError("the input `token` is empty: leave it out, or pass a token")
    return Inputs(
        token=token,
        comments=_one_of(environment, "comments", COMMENTS) or COMMENTS[0],
        max_comments=25 if limit is None else limit,
        fail_on=cast("Threshold | None", _one_of(environment, "fail-on", get_args(Threshold))),
        postgres_version=_number(environment, "postgres-version"),
        config=_text(environment, "config"),
        sarif=_text(environment, "sarif"),
    )


def _text(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(f"INPUT_{name.upper()}", "").strip() or None


def _number(environment: Mapping[str, str], name: str) -> int | None:
    value = _text(environment, name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal()):
        raise ConfigurationError(f'the input `{name}` is "{value}"; right is a whole number')
    return int(value)


def _one_of(environment: Mapping[str, str], name: str, values: tuple[str, ...]) -> str | None:
    value = _text(environment, name)
    if value is not None and value not in values:
        right = f"{', '.join(values[:-1])} or {values[-1]}"
        raise ConfigurationError(f'the input `{name}` is "{value}"; right is {right}')
    return value

"""Alembic runs all pending revisions in one transaction, which a block of a revision can end."""

from __future__ import annotations

import re

from bot.frameworks._contract import Framework
from bot.frameworks._lazy import Lazy
from bot.model.migration import Wrapping

_REVISIONS = Lazy("bot.frameworks._revisions")
_SURROUNDINGS = _REVISIONS.function("surroundings")

FRAMEWORK = Framework(
    name="alembic",
    file=re.compile(r"(?!(?:__init__|env)\.py|\.#)[^/]+\.py"),
    place=re.compile(r"(?:^|/)(?:versions|[^/]*(?:alembic|migrat)[^/]*)/"),
    says=re.compile(r"\bdown_revision\b"),
    needs_proof=True,
    markers=frozenset({"script.py.mako"}),
    folders=frozenset({"versions"}),
    wrapping=Wrapping.ALL,
    wrapping_of=_REVISIONS.function("wrapping"),
    companions=lambda path: _SURROUNDINGS(path) if path.endswith(".py") else (),
    program=_REVISIONS,
    splits=True,
    planned=_REVISIONS.function("planned"),
    follow_up=_REVISIONS.function("follow_up"),
    alone_in_place=True,
    several_alone=True,
)

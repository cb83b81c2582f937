"""Alembic runs all pending revisions in one transaction, which a block of a revision can end."""

from __future__ import annotations

import re

from bot.frameworks._beside import beside
from bot.frameworks._contract import Framework
from bot.model.migration import Wrapping

_FILE = re.compile(r"(?!__init__|\.#)(?P<version>[0-9a-f]*)(?P<title>.*)\.py")

FRAMEWORK = Framework(
    name="alembic",
    file=_FILE,
    place=re.compile(r"(?:^|/)(?:versions|[^/]*(?:alembic|migrat)[^/]*)/"),
    says=re.compile(r"^down_revision\b", re.MULTILINE),
    needs_proof=True,
    markers=frozenset({"script.py.mako"}),
    folders=frozenset({"versions"}),
    wrapping=Wrapping.ALL,
    splits=True,
    follow_up=beside(_FILE),
)

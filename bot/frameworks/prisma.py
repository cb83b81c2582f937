"""Prisma sends each migration.sql as one message before 7.4, and knows no words against that."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from bot.frameworks import _folders
from bot.frameworks._contract import Framework
from bot.frameworks._numbering import next_number
from bot.model.migration import Wrapping

_FOLDER = re.compile(r"(?P<version>[0-9]{1,40})_(?P<title>.+)")


def _order(path: str) -> tuple[object, ...]:
    """By the folder's name, as a string."""
    return (PurePosixPath(path).parent.name,)


FRAMEWORK = Framework(
    name="prisma",
    file=re.compile(r"migration\.sql"),
    folder=_FOLDER,
    markers=frozenset({"migration_lock.toml", "schema.prisma"}),
    needs_proof=True,
    folders=frozenset({"prisma"}),
    wrapping=Wrapping.MESSAGE,
    follow_up=_folders.in_folders(_FOLDER, next_number),
    alone_in_place=True,
    series=_folders.series,
    order=_order,
    same_versions=True,
)

"""What Django runs of a migration, and the migration that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.django import rewriting
from bot.django.following import Next, next_migration
from bot.django.migrations import in_order, width
from bot.django.migrations import read as sent_by
from bot.django.places import unwrapping
from bot.django.written import read as read_migration
from bot.frameworks._contract import FollowUp, Later
from bot.frameworks._lines import settings
from bot.frameworks._tree import Tree
from bot.model.finding import NoFix
from bot.model.migration import Batch, Misreading, Unreadable
from bot.model.source import Source, Span
from bot.python.layout import Layout
from bot.python.layout import comments as comments_of
from bot.python.parsing import Unparsable, module

comment = "#"
"""What a comment begins with."""

objection = rewriting.objection
amended = rewriting.amended
removed = rewriting.removed
in_place = rewriting.in_place


def read(source: Source, tree: Tree) -> Iterable[Batch | Misreading | Unreadable]:
    """What Django sends for a migration, and what cannot be told of it."""
    return sent_by(source, tree)


def comments(source: Source) -> tuple[Span, ...]:
    """Where the comments of a migration stand."""
    try:
        return comments_of(module(source))
    except Unparsable:
        return ()


def planned(path: str, tree: Tree) -> Sequence[str] | None:
    """The migrations of an app, each behind those that it depends on."""
    return in_order(path, tree) or None


def unwrapped(source: Source, section: Span, tree: Tree) -> Later | None:
    """`atomic = False` in its class."""
    try:
        migration = read_migration(source)
    except Unparsable:
        return None
    if migration is None:
        return None
    layout = Layout(migration.module, width(source.path, tree))
    return (unwrapping(layout, migration.names.node),)


def follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    """The migration that does later what one puts off."""
    limits = dict.fromkeys(
        text.rstrip(";")
        for moment, _ in new.operations
        for text in settings(moment, local=False)
        if text and not new.alone
    )
    wanted = Next(new.source, new.operations, new.verb, new.says, tuple(limits), new.alone)
    made = next_migration(wanted, tuple(taken), tree)
    return made if isinstance(made, NoFix) else (made,)

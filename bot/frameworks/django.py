"""Django runs the operations of a migration in one transaction unless it says `atomic = False`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.django import rewriting
from bot.django.following import Next, next_migration
from bot.django.migrations import in_order, read, width
from bot.django.places import unwrapping
from bot.django.written import read as read_migration
from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._lines import settings
from bot.frameworks._program import Beside
from bot.frameworks._tree import Tree
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Batch, Command, Misreading, Statement, Unreadable, Wrapping
from bot.model.moment import Moment
from bot.model.source import Edit, Source, Span
from bot.postgres.operations import Operation
from bot.python.layout import Layout, comments
from bot.python.parsing import Unparsable, module

# MigrationLoader.load_disk(): every module whose name does not begin so.
_FILE = re.compile(r"(?![_~.])[^/]+\.py")
_SAYS = re.compile(
    r"^[ \t]*(?:from django\.db import [^\n]*\bmigrations\b|from django\.db\.migrations\b"
    r"|import django\.db\.migrations\b|class Migration\((?:[\w.]*\.)?Migration\))",
    re.MULTILINE,
)


class _Program:
    """Migrations, in Python."""

    comment = "#"

    def read(self, source: Source, tree: Tree) -> Iterable[Batch | Misreading | Unreadable]:
        return read(source, tree)

    def comments(self, source: Source) -> tuple[Span, ...]:
        try:
            return comments(module(source))
        except Unparsable:
            return ()

    def objection(self, finding: Finding) -> NoFix | None:
        return rewriting.objection(finding)

    def amended(self, moment: Moment, rewrite: Rewrite, beside: Beside) -> tuple[Edit, ...]:
        return rewriting.amended(moment, rewrite, beside)

    def removed(
        self, statement: Statement, commands: Sequence[Command], beside: Beside
    ) -> tuple[Edit, ...]:
        return rewriting.removed(statement, commands, beside)

    def in_place(self, moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
        return rewriting.in_place(moment, steps)


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    limits = dict.fromkeys(
        text.rstrip(";")
        for moment, _ in new.operations
        for text in settings(moment, local=False)
        if text and not new.alone
    )
    wanted = Next(new.source, new.operations, new.verb, new.says, tuple(limits), new.alone)
    made = next_migration(wanted, tuple(taken), tree)
    return made if isinstance(made, NoFix) else (made,)


def _planned(path: str, tree: Tree) -> Sequence[str] | None:
    return in_order(path, tree) or None


def _unwrapped(source: Source, section: Span, tree: Tree) -> Later | None:
    """`atomic = False` in its class."""
    try:
        migration = read_migration(source)
    except Unparsable:
        return None
    if migration is None or migration.value("atomic") is not None:
        return None
    layout = Layout(migration.module, width(source.path, tree))
    return (unwrapping(layout, migration.names.node),)


FRAMEWORK = Framework(
    name="django",
    file=_FILE,
    wrapping=Wrapping.FILE,
    follow_up=_follow_up,
    says=_SAYS,
    needs_proof=True,
    program=_Program(),
    place=re.compile(r"(?:^|/)[^/]*migrations[^/]*/$"),
    markers=frozenset({"manage.py"}),
    folders=frozenset({"migrations"}),
    planned=_planned,
    unwrapped=_unwrapped,
    unwrapped_as=Wrapping.MESSAGE,  # so that only what stands alone loses the transaction
    alone_in_place=True,
    several_alone=True,
)

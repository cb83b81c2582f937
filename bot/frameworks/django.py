"""Django runs the operations of a migration in one transaction unless it says `atomic = False`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.django.migrations import comments, read
from bot.frameworks._contract import FollowUp, Framework, Later
from bot.frameworks._tree import Tree
from bot.model.finding import Finding, Fix, NoFix, Rewrite
from bot.model.migration import Batch, Command, Misreading, Statement, Unreadable, Wrapping
from bot.model.moment import Moment
from bot.model.source import Edit, Source, Span
from bot.postgres.operations import Operation

# MigrationLoader.load_disk(): every module whose name does not begin so.
_FILE = re.compile(r"(?![_~.])[^/]+\.py")
_SAYS = re.compile(
    r"^[ \t]*(?:from django\.db import [^\n]*\bmigrations\b|from django\.db\.migrations\b"
    r"|import django\.db\.migrations\b|class Migration\((?:[\w.]*\.)?Migration\))",
    re.MULTILINE,
)


class _Django:
    """Reads and rewrites migrations."""

    comment = "#"

    def read(self, source: Source, tree: Tree) -> Iterable[Batch | Misreading | Unreadable]:
        return read(source, tree)

    def comments(self, source: Source) -> tuple[Span, ...]:
        return comments(source)

    def objection(self, finding: Finding) -> NoFix | None:
        return NoFix("It has to be rewritten by hand.")

    def amended(self, moment: Moment, rewrite: Rewrite) -> tuple[Edit, ...]:
        return ()

    def removed(self, statement: Statement, commands: Sequence[Command]) -> tuple[Edit, ...]:
        return ()

    def in_place(self, moment: Moment, steps: Sequence[Sequence[Operation]]) -> Fix:
        return Fix(())


def _follow_up(new: FollowUp, taken: Iterable[str], tree: Tree) -> Later | NoFix:
    return NoFix("It has to be written by hand.")


FRAMEWORK = Framework(
    name="django",
    file=_FILE,
    wrapping=Wrapping.FILE,
    follow_up=_follow_up,
    says=_SAYS,
    needs_proof=True,
    program=_Django(),
    place=re.compile(r"(?:^|/)migrations/"),
)

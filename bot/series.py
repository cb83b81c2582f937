"""The files of a series run one after another, behind those that the repository already has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.frameworks import Framework, Tree, read
from bot.model.change import FileStatus
from bot.model.finding import Finding
from bot.model.migration import Migration
from bot.model.source import Source
from bot.postgres.operations import (
    AddColumn,
    AddConstraint,
    AlterComposite,
    AlterConstraint,
    AlterType,
    AttachPartition,
    Check,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropNotNull,
    ForeignKey,
    Key,
    NotNull,
    OnDomain,
    Operation,
    RefreshMaterializedView,
    SetExpression,
    SetLogged,
    SetNotNull,
)
from bot.postgres.types import Type
from bot.rules import findings, misread
from bot.selection import Selected
from bot.simulation import simulate

Begins = Callable[[Sequence[str]], None]
"""Is told the files for which something is about to be done."""


def nobody(paths: Sequence[str]) -> None:
    """Nobody wants to know."""


_DEPEND_ON_HISTORY = (
    AlterComposite
    | AlterConstraint
    | AlterType
    | AttachPartition
    | CreateIndex
    | DetachPartition
    | DropNotNull
    | OnDomain
    | RefreshMaterializedView
    | SetExpression
    | SetLogged
    | SetNotNull
)


@dataclass(frozen=True, slots=True)
class Series:
    """Changed files of one migration tool against one database, in their order.

    `paths` are theirs and those of whatever lies beside them; new files must have others.
    """

    framework: Framework
    files: tuple[Selected, ...]
    paths: tuple[str, ...]
    tree: Tree

    def findings(
        self,
        migrations: Mapping[str, Migration | None],
        version: int,
        begins: Begins = nobody,
    ) -> Iterator[Finding]:
        """What the rules find in the files on a server of `version`, one after another."""
        run = [migration for one in self.files if (migration := migrations[one.file.path])]
        history = list(self._history(begins)) if _asks_for_history(run) else []
        begins([migration.source.path for migration in run])
        old = self._old() | {migration.source.path for migration in history}
        for migration in run:
            yield from misread(migration)
        yield from findings(simulate((*history, *run), version, old))

    def _earlier(self) -> list[str]:
        """The migrations that the repository has besides the changed ones, in their order."""
        changed = {one.file.path for one in self.files}
        there = (path for path in self.paths if path not in changed)
        names = self.framework.history or self.framework.file
        known = (path for path in there if names.fullmatch(path.rpartition("/")[2]))
        return sorted(known, key=self.framework.order)

    def _old(self) -> set[str]:
        """The files that may have run before the change, or that may never run."""
        order, earlier = self.framework.order, self._earlier()
        last = order(earlier[-1]) if earlier and self.framework.skips_older else ()
        return {
            one.file.path
            for one in self.files
            if one.file.status is not FileStatus.ADDED or order(one.file.path) < last
        }

    def _history(self, begins: Begins) -> Iterator[Migration]:
        """What ran before: it tells which names are taken and which columns are not null.

        What cannot be read of it says nothing: then less is known, and nothing wrong.
        """
        for path, text in self.tree.texts(self._earlier()).items():
            begins((path,))
            yield read(self.framework, Source(path, text), self.tree)


def series_of(selected: Iterable[Selected], tree: Tree) -> tuple[Series, ...]:
    """The selected files, series by series."""
    grouped: dict[tuple[str, str], list[Selected]] = defaultdict(list)
    for one in selected:
        grouped[one.framework.name, one.framework.series(one.file.path)].append(one)
    return tuple(_series(files, tree) for files in grouped.values())


def _series(files: list[Selected], tree: Tree) -> Series:
    framework = files[0].framework
    ordered = sorted(files, key=lambda one: framework.order(one.file.path))
    folders = {str(PurePosixPath(one.file.path).parent) for one in files}
    beside = {
        str(PurePosixPath(folder) / name) for folder in folders for name in tree.names(folder)
    }
    paths = beside | {one.file.path for one in files}
    return Series(framework, tuple(ordered), tuple(sorted(paths)), tree)


def _asks_for_history(migrations: Iterable[Migration]) -> bool:
    """Whether it matters what earlier migrations have named, typed, proved or partitioned."""
    operations = (
        command.operation
        for migration in migrations
        for batch in migration.batches
        for statement in batch.statements
        for command in statement.all_commands
    )
    return any(
        isinstance(operation, _DEPEND_ON_HISTORY) or _depends_on_history(operation)
        for operation in operations
    )


def _depends_on_history(operation: Operation) -> bool:
    match operation:
        case AddConstraint(constraint=constraint):
            unnamed = constraint.name is None
            alone = isinstance(constraint, Check) and constraint.no_inherit
            return unnamed or alone or isinstance(constraint, ForeignKey | Key)
        case AddColumn(constraints=several) if any(not isinstance(one, NotNull) for one in several):
            return True
        case AddColumn(type=Type() as kind):
            return not kind.own  # it may be a domain
        case CreateTable(parent=parent):
            return parent is not None
    return False

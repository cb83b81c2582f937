"""The files of a series run one after another, behind those that the repository already has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import PurePosixPath

from bot.frameworks import Framework, Tree, could_be_read, out_of_order, read, unheard
from bot.model.change import FileStatus
from bot.model.finding import Finding
from bot.model.migration import Migration, Unreadable
from bot.model.moment import Moment
from bot.model.source import Source, Span
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
    DropExpression,
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
    SetSearchPath,
)
from bot.postgres.types import Type
from bot.rules import misread, unordered
from bot.selection import Selected
from bot.simulation import simulate
from bot.tip import Meanwhile, Tip, beside

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
    | DropExpression
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

    `paths` are theirs and those of whatever lies beside them. `meanwhile` tells what differs there
    on the base branch.
    """

    framework: Framework
    files: tuple[Selected, ...]
    paths: tuple[str, ...]
    tree: Tree
    meanwhile: Meanwhile

    @property
    def taken(self) -> list[str]:
        """The paths that new files must not have."""
        return sorted({*self.paths, *self.meanwhile.gained})

    def history(
        self, migrations: Mapping[str, Migration | None], begins: Begins = nobody
    ) -> tuple[Migration, ...]:
        """What ran before, as far as it matters to `migrations`, by path the files' own."""
        known = (migrations[one.file.path] for one in self.files)
        run = [migration for migration in known if migration]
        asked = _asks_for_history(run) or any(one.by_words for one in self.files)
        return tuple(self._history(begins)) if asked else ()

    def doubted(
        self, history: Iterable[Migration], migrations: Mapping[str, Migration | None]
    ) -> dict[str, Migration]:
        """The files whose words alone tell their tool, where none that was there before has any."""
        changed = {one.file.path for one in self.files}
        beside = any(could_be_read(path) for path in self.paths if path not in changed)
        heard = any(self.framework.says_so(one.source.text) for one in history)
        told = [one.file.path for one in self.files if one.by_words and beside and not heard]
        return {path: unheard(found) for path in told if (found := migrations[path])}

    def moments(
        self,
        history: Sequence[Migration],
        migrations: Mapping[str, Migration | None],
        version: int,
    ) -> Iterator[Moment]:
        """The files on a server of `version`, one after another, behind their `history`."""
        run = [migration for one in self.files if (migration := migrations[one.file.path])]
        old = self._old()
        known = [part for one in run for part in self._by_age(one, old=one.source.path in old)]
        yield from simulate((*history, *known), version)

    def misplaced(self, migrations: Mapping[str, Migration | None]) -> Iterator[Finding]:
        """What is wrong in the tool's own words, or with the files' versions."""
        for one in self.files:
            migration = migrations[one.file.path]
            if migration:
                yield from misread(migration)
        yield from self._out_of_order()

    def _out_of_order(self) -> Iterator[Finding]:
        """New files that the tool refuses or passes over, because of the versions of others."""
        earlier = self._migrations(self.meanwhile.merged(self.paths))
        new = {one.file.path for one in self.files if one.file.status is FileStatus.ADDED}
        own = [one.file.path for one in self.files]
        told = out_of_order(self.framework, earlier, own, new, self.meanwhile.gained)
        for one in self.files:
            if one.file.source and one.file.path in told:
                yield unordered(one.file.source, told[one.file.path])

    def _earlier(self) -> list[str]:
        """The migrations that the repository has besides the changed ones, in their order."""
        return self._migrations(self.paths)

    def _migrations(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` that are migrations and not changed, in their order."""
        changed = {one.file.path for one in self.files}
        there = (path for path in paths if path not in changed)
        tool = self.framework
        run = tool.history or tool.file
        named = ((path, path.rpartition("/")[2]) for path in there)
        known = (
            path
            for path, name in named
            if run.fullmatch(name) and not tool.passes_over(PurePosixPath(path))
        )
        return sorted(known, key=self._order())

    def _order(self) -> Callable[[str], tuple[object, ...]]:
        return self.framework.order_in(self.files[0].file.path, self.tree)

    def _old(self) -> set[str]:
        """The files that may have run before the change, or that may never run."""
        order, earlier = self._order(), self._earlier()
        last = order(earlier[-1]) if earlier and self.framework.skips_older else ()
        return {
            one.file.path
            for one in self.files
            if one.file.status is not FileStatus.ADDED or order(one.file.path) < last
        }

    def _by_age(self, migration: Migration, *, old: bool) -> Iterator[Migration]:
        """A migration, or where its tool remembers each part of a file those of one age."""
        if not (old and self.framework.by_section):
            yield replace(migration, ran=old)
            return
        file = next(one.file for one in self.files if one.file.path == migration.source.path)
        gaps: dict[Span, list[Unreadable]] = defaultdict(list)
        for gap in migration.unreadable:
            gaps[migration.batch_of(gap.span).span].append(gap)
        for new, several in groupby(migration.batches, lambda batch: file.adds(batch.span)):
            batches = tuple(several)
            unread = tuple(gap for batch in batches for gap in gaps[batch.span])
            yield replace(migration, batches=batches, unreadable=unread, ran=not new)

    def _history(self, begins: Begins) -> Iterator[Migration]:
        """What ran before: it tells which names are taken and which columns are not null.

        What cannot be read of it says nothing: then less is known, and nothing wrong.
        """
        for path, text in self.tree.texts(self._earlier()).items():
            begins((path,))
            yield replace(read(self.framework, Source(path, text), self.tree), ran=True)


def series_of(
    selected: Iterable[Selected], tree: Tree, tip: Tip | None = None
) -> tuple[Series, ...]:
    """The selected files, series by series."""
    grouped: dict[tuple[str, str], list[Selected]] = defaultdict(list)
    for one in selected:
        grouped[one.framework.name, one.framework.series(one.file.path)].append(one)
    return tuple(_series(files, tree, tip) for files in grouped.values())


def _series(files: list[Selected], tree: Tree, tip: Tip | None) -> Series:
    framework, own = files[0].framework, [one.file.path for one in files]
    order = framework.order_in(own[0], tree)
    ordered = sorted(files, key=lambda one: order(one.file.path))
    paths = beside(framework, own, tree).union(own)
    meanwhile = tip.since(framework, paths, own) if tip else Meanwhile()
    return Series(framework, tuple(ordered), tuple(sorted(paths)), tree, meanwhile)


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
        case SetSearchPath(schemas=schemas):
            return schemas is not None and len(schemas) > 1  # which of them has the table?
    return False

"""From changed files to a report, arrow by arrow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.comments.fingerprint import fingerprints
from bot.frameworks import read, write
from bot.model.change import ChangedFile, FileStatus
from bot.model.finding import Finding, Severity
from bot.model.migration import Migration, Unreadable
from bot.model.report import (
    Applicability,
    NotAnalysed,
    Remark,
    Report,
    ReviewedFile,
    Status,
    follow_ups,
)
from bot.model.source import Source
from bot.postgres.names import QualifiedName
from bot.postgres.operations import AddConstraint, SetNotNull
from bot.rules import findings
from bot.selection import Selected, Selection
from bot.settings import TableStats
from bot.simulation import simulate
from bot.suppression import Suppressed, suppress

ByPath = Mapping[str, tuple[Finding, ...]]
Series = tuple[str, str]
"""A migration tool and a part of the repository whose files run one after another."""
Watch = Callable[[Sequence[Selected]], Iterable[Selected]]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Reviews changes; `stats` are the sizes of tables by qualified name."""

    selection: Selection
    stats: Mapping[str, TableStats] = field(default_factory=dict)

    def review(self, files: Iterable[ChangedFile], watch: Watch = tuple) -> Report:
        """Everything that is to be said about `files`; `watch` sees the progress."""
        changed = tuple(files)
        chosen = tuple(self.selection.of(changed))
        selected = tuple(one for one in chosen if isinstance(one, Selected))
        migrations = {one.file.path: self._read(one, one.file.source) for one in watch(selected)}
        series = self._series(selected)
        found = self._findings(series, migrations)
        paths = {key: self._paths(several) for key, several in series.items()}
        parts: list[Report] = []
        for one in selected:
            path = one.file.path
            taken = paths[_series_of(one)]
            part = self._part(one, migrations[path], found.get(path, ()), taken)
            taken += (new.path for new in follow_ups(part.remarks))
            parts.append(part)
        passed_over = tuple(one for one in chosen if isinstance(one, ReviewedFile))
        return Report(
            self.selection.settings.postgres_version,
            (*(file for part in parts for file in part.files), *passed_over),
            tuple(remark for part in parts for remark in part.remarks),
            tuple(gap for part in parts for gap in part.unreadable),
            tuple(remark for part in parts for remark in part.suppressed),
        )

    def _read(self, one: Selected, source: Source | None) -> Migration | None:
        if source is None:
            return None
        return read(one.framework, source, self.selection.tree, one.wrapping)

    def _part(
        self,
        one: Selected,
        migration: Migration | None,
        found: tuple[Finding, ...],
        taken: list[str],
    ) -> Report:
        """The report of one file."""
        path, version = one.file.path, self.selection.settings.postgres_version
        if migration is None:
            reason = str(one.file.text)
            file = ReviewedFile(path, one.framework.name, Status.UNREADABLE, reason)
            return Report(version, (file,), unreadable=(NotAnalysed(path, reason),))
        before = self._read(one, one.file.before)
        known = fingerprints(findings(simulate([before], version))) if before else ()
        concerned = _concerned(one.file, found, frozenset(known))
        allowed = self.selection.settings.allow_suppressions
        sorted_out = suppress(migration, concerned, allowed=allowed, known=found)
        return Report(
            version,
            (ReviewedFile(path, one.framework.name, Status.REVIEWED),),
            self._remarks(one, migration, sorted_out, taken),
            tuple(
                NotAnalysed(path, gap.reason, migration.source, gap.span)
                for gap in _unreadable(one.file, migration, before)
            ),
            tuple(
                Remark(finding, finding.severity, mark, because=reason)
                for (finding, reason), mark in zip(
                    sorted_out.allowed,
                    fingerprints(finding for finding, _ in sorted_out.allowed),
                    strict=True,
                )
            ),
        )

    def _remarks(
        self, one: Selected, migration: Migration, sorted_out: Suppressed, taken: list[str]
    ) -> tuple[Remark, ...]:
        complaints = (c for c in sorted_out.complaints if _touched(one.file, c))
        told = sorted(
            (
                (finding, severity)
                for finding in (*sorted_out.left, *complaints)
                if (severity := self._severity(finding))
            ),
            key=lambda pair: pair[0].span,
        )
        several = [finding for finding, _ in told]
        fixes = write(one.framework, migration, several, taken, self.selection.tree)
        new = one.file.status is FileStatus.ADDED
        applicability = Applicability.SAFE if new else Applicability.DISPLAY
        return tuple(
            Remark(finding, severity, mark, fix, applicability)
            for (finding, severity), mark, fix in zip(
                told, fingerprints(several), fixes, strict=True
            )
        )

    def _severity(self, finding: Finding) -> Severity | None:
        """As configured; a scan of tables that are all known to be small is just a notice."""
        level = self.selection.settings.rules.get(finding.rule)
        if level == "off":
            return None
        if level:
            return Severity[level.upper()]
        small = finding.scans and all(self._small(table) for table in finding.scans)
        return Severity.NOTICE if small else finding.severity

    def _small(self, table: QualifiedName) -> bool:
        known = self.stats.get(str(table))
        return known is not None and known.rows < self.selection.settings.tables.small_rows

    def _series(self, selected: Iterable[Selected]) -> dict[Series, list[Selected]]:
        """The files of each series in the order in which they run."""
        series: dict[Series, list[Selected]] = defaultdict(list)
        for one in selected:
            series[_series_of(one)].append(one)
        for several in series.values():
            several.sort(key=lambda one: one.framework.order(one.file.path))
        return series

    def _paths(self, series: list[Selected]) -> list[str]:
        """Whatever lies in the folders of a series, and the changed files themselves."""
        folders = {str(PurePosixPath(one.file.path).parent) for one in series}
        there = {
            str(PurePosixPath(folder) / name)
            for folder in folders
            for name in self.selection.tree.names(folder)
        }
        return sorted(there | {one.file.path for one in series})

    def _findings(
        self,
        series: Mapping[Series, list[Selected]],
        migrations: Mapping[str, Migration | None],
    ) -> ByPath:
        """What the rules find in each file, every series of files simulated in its order."""
        version = self.selection.settings.postgres_version
        found: dict[str, list[Finding]] = defaultdict(list)
        for files in series.values():
            run = [migration for one in files if (migration := migrations[one.file.path])]
            history = self._history(files) if _asks_for_history(run) else []
            old = self._old(files) | {migration.source.path for migration in history}
            for finding in findings(simulate((*history, *run), version, old)):
                found[finding.source.path].append(finding)
        return {path: tuple(several) for path, several in found.items()}

    def _old(self, series: list[Selected]) -> set[str]:
        """The files that may have run before the change, or that may never run."""
        changed = {one.file.path for one in series}
        framework = series[0].framework
        others = [
            framework.order(path)
            for path in self._paths(series)
            if path not in changed and framework.file.fullmatch(path.rpartition("/")[2])
        ]
        last = max(others) if others and framework.skips_older else ()
        return {
            one.file.path
            for one in series
            if one.file.status is not FileStatus.ADDED or framework.order(one.file.path) < last
        }

    def _history(self, series: list[Selected]) -> list[Migration]:
        """The migrations before the change: they know which names are taken.

        They are only asked for names, so those that cannot be read say nothing.
        """
        changed = {one.file.path for one in series}
        framework = series[0].framework
        paths = [
            path
            for path in self._paths(series)
            if path not in changed and framework.file.fullmatch(path.rpartition("/")[2])
        ]
        texts = self.selection.tree.texts(sorted(paths, key=framework.order))
        sources = [Source(path, text) for path, text in texts.items()]
        return [read(framework, source, self.selection.tree) for source in sources]


def _series_of(one: Selected) -> Series:
    return one.framework.name, one.framework.series(one.file.path)


def _asks_for_history(migrations: Iterable[Migration]) -> bool:
    """Whether names have to be chosen, or it matters what earlier migrations have proved."""
    return any(
        isinstance(command.operation, SetNotNull)
        or (
            isinstance(command.operation, AddConstraint)
            and command.operation.constraint.name is None
        )
        for migration in migrations
        for batch in migration.batches
        for statement in batch.statements
        for command in statement.commands
    )


def _concerned(file: ChangedFile, found: tuple[Finding, ...], old: Set[str]) -> tuple[Finding, ...]:
    """What the change brought: findings on its lines, and any that the file did not have."""
    if file.touched is None:
        return found
    return tuple(
        finding
        for finding, mark in zip(found, fingerprints(found), strict=True)
        if _touched(file, finding) or mark not in old
    )


def _unreadable(
    file: ChangedFile, migration: Migration, before: Migration | None
) -> tuple[Unreadable, ...]:
    if file.touched is None:
        return migration.unreadable
    old = {before.source[gap.span] for gap in before.unreadable} if before else set()
    source = migration.source
    return tuple(
        gap
        for gap in migration.unreadable
        if source.lines(gap.span).touches(file.touched) or source[gap.span] not in old
    )


def _touched(file: ChangedFile, finding: Finding) -> bool:
    return file.touched is None or finding.lines.touches(file.touched)

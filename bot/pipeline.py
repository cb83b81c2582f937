"""From changed files to a report, arrow by arrow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from bot.comments.fingerprint import fingerprints
from bot.concern import concerned, touched, unreadable
from bot.drawing import Drawing, now, suggested
from bot.frameworks import contested, read, write
from bot.model.change import ChangedFile, FileStatus
from bot.model.course import Course
from bot.model.finding import Finding, Severity
from bot.model.migration import Migration
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
from bot.rules import findings
from bot.selection import Selected, Selection
from bot.series import Begins, Series, nobody, series_of
from bot.settings import TableStats
from bot.sql.violating import violating_rows
from bot.suppression import Suppressed, suppress

Watch = Callable[[Sequence[Selected]], Iterable[Selected]]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Reviews changes; `stats` are the sizes of tables by qualified name.

    With `draws`, the report tells what new files do from statement to statement.
    """

    selection: Selection
    stats: Mapping[str, TableStats] = field(default_factory=dict)
    begins: Begins = nobody
    draws: bool = False

    @property
    def _version(self) -> int:
        return self.selection.settings.postgres_version

    def review(self, files: Iterable[ChangedFile], watch: Watch = tuple) -> Report:
        """Everything that is to be said about `files`; `watch` sees the progress."""
        chosen = tuple(self.selection.of(files))
        selected = tuple(one for one in chosen if isinstance(one, Selected))
        migrations = {one.file.path: self._read(one, one.file.source) for one in watch(selected)}
        parts: dict[str, Report] = {}
        drawn: list[tuple[Course, Course | None]] = []
        for series in series_of(selected, self.selection.tree, self.selection.tip):
            history = series.history(migrations, self.begins)
            migrations |= series.doubted(history, migrations)
            drawing = Drawing(series, history)
            here = self._parts(series, migrations, drawing)
            parts |= here
            drawn += [self._drawn(drawing, here.values())] if self.draws else []
        passed_over = tuple(one for one in chosen if isinstance(one, ReviewedFile))
        report = self._whole([parts[one.file.path] for one in selected], passed_over)
        return replace(report, now=now(drawn), suggested=suggested(drawn))

    def _parts(
        self, series: Series, migrations: Mapping[str, Migration | None], drawing: Drawing
    ) -> dict[str, Report]:
        """The reports of the files of one series."""
        run = [migration for one in series.files if (migration := migrations[one.file.path])]
        self.begins([migration.source.path for migration in run])
        moments = series.moments(drawing.history, migrations, self._version)
        found: dict[str, list[Finding]] = defaultdict(list)
        wrong = series.misplaced(migrations)
        for finding in chain(wrong, findings(drawing.watched(moments) if self.draws else moments)):
            found[finding.source.path].append(finding)
        parts, taken = dict[str, Report](), series.taken
        for one in series.files:
            path = one.file.path
            parts[path] = self._part(one, migrations[path], tuple(found[path]), taken)
            taken += (new.path for new in follow_ups(parts[path].remarks))
        return parts

    def _drawn(self, drawing: Drawing, parts: Iterable[Report]) -> tuple[Course, Course | None]:
        remarks = [remark for part in parts for remark in part.remarks]
        after = drawing.suggested(remarks, self.selection, self._read_text)
        return drawing.now(remarks), after

    def _whole(self, parts: list[Report], passed_over: tuple[ReviewedFile, ...]) -> Report:
        return Report(
            self._version,
            (*(file for part in parts for file in part.files), *passed_over),
            tuple(remark for part in parts for remark in part.remarks),
            tuple(gap for part in parts for gap in part.unreadable),
            tuple(remark for part in parts for remark in part.suppressed),
        )

    def _read(self, one: Selected, source: Source | None) -> Migration | None:
        if source is None:
            return None
        self.begins((one.file.path,))
        return self._read_text(one, source)

    def _read_text(self, one: Selected, source: Source) -> Migration:
        tree = self.selection.tree
        return contested(read(one.framework, source, tree, one.wrapping), one.rivals, tree)

    def _part(
        self,
        one: Selected,
        migration: Migration | None,
        found: tuple[Finding, ...],
        taken: list[str],
    ) -> Report:
        """The report of one file."""
        path = one.file.path
        if migration is None:
            reason = str(one.file.text)
            file = ReviewedFile(path, one.framework.name, Status.UNREADABLE, reason)
            return Report(self._version, (file,), unreadable=(NotAnalysed(path, reason),))
        self.begins((path,))
        before = self._read(one, one.file.before)
        brought = concerned(one.file, found, before, self._version)
        allowed = self.selection.settings.allow_suppressions
        sorted_out = suppress(
            migration, brought, allowed=allowed, known=found, written=one.framework.program
        )
        return Report(
            self._version,
            (ReviewedFile(path, one.framework.name, Status.REVIEWED),),
            self._remarks(one, migration, sorted_out, taken),
            tuple(
                NotAnalysed(path, gap.reason, migration.source, gap.span)
                for gap in unreadable(one.file, migration, before)
            ),
            _allowed(sorted_out),
        )

    def _remarks(
        self, one: Selected, migration: Migration, sorted_out: Suppressed, taken: list[str]
    ) -> tuple[Remark, ...]:
        complaints = (c for c in sorted_out.complaints if touched(one.file, c))
        told = sorted(
            (
                (finding, severity)
                for finding in (*sorted_out.left, *complaints)
                if (severity := self._severity(finding))
            ),
            key=lambda pair: pair[0].span,
        )
        several = [finding for finding, _ in told]
        fixes = write(
            one.framework,
            migration,
            several,
            taken,
            self.selection.tree,
            following=one.following,
        )
        return tuple(
            Remark(
                finding,
                severity,
                mark,
                fix,
                _applicability(one, migration, finding),
                violating_rows=_rows(finding),
            )
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


def _applicability(one: Selected, migration: Migration, finding: Finding) -> Applicability:
    """What may have run already is not to be edited: a file, or a part that is run by itself."""
    new = one.file.status is FileStatus.ADDED
    if not new and one.framework.by_section and finding.moment:
        new = one.file.adds(migration.batch_of(finding.span).span)
    return Applicability.SAFE if new else Applicability.DISPLAY


def _allowed(sorted_out: Suppressed) -> tuple[Remark, ...]:
    marks = fingerprints(finding for finding, _ in sorted_out.allowed)
    return tuple(
        Remark(finding, finding.severity, mark, because=reason, violating_rows=_rows(finding))
        for (finding, reason), mark in zip(sorted_out.allowed, marks, strict=True)
    )


def _rows(finding: Finding) -> str | None:
    """Where the rows are not read, none of them is in the way."""
    return violating_rows(finding.moment) if finding.scans else None

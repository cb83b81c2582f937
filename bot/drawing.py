"""What new files do now, and what they would do once every safe fix is made: both are simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from bot.fixing import FileChange, changes
from bot.model.change import ChangedFile, FileStatus
from bot.model.course import Course, course
from bot.model.migration import Migration
from bot.model.moment import Moment
from bot.model.report import Remark, Report
from bot.model.source import Source
from bot.selection import Selected, Selection
from bot.series import Series

_MOST_MOMENTS = 2_000
_MOST_TEXT = 50_000  # characters, beyond which nobody could look at a drawing
_MOST_EARLIER = 1_000_000  # of earlier migrations, which have to be simulated once more

Read = Callable[[Selected, Source], Migration]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One series, behind its `history`: it is `watched` as it is reviewed, and drawn afterwards."""

    series: Series
    history: Sequence[Migration]
    moments: list[Moment] = field(default_factory=list)

    def watched(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        new = self._new()
        for moment in moments:
            if len(self.moments) < _MOST_MOMENTS and moment.migration.source.path in new:
                self.moments.append(moment)
            yield moment

    def _new(self) -> frozenset[str]:
        files = (one.file for one in self.series.files)
        return frozenset(file.path for file in files if file.status is FileStatus.ADDED)

    def now(self, remarks: Iterable[Remark]) -> Course:
        hazardous = _hazardous(remarks)
        return course(one for one in self.moments if one.migration.source.path in hazardous)

    def suggested(
        self, remarks: Sequence[Remark], selection: Selection, read: Read
    ) -> Course | None:
        """None where no fix is safe, or where there is too much to look at."""
        if self._is_too_much():
            return None
        version = selection.settings.postgres_version
        made = changes(Report(version, remarks=tuple(remarks)))
        if not made:
            return None
        fixed = _fixed(self.series, made, selection)
        migrations = {
            one.file.path: read(one, one.file.source) if one.file.source else None
            for one in fixed.files
        }
        told = (_hazardous(remarks) & self._new()) | {one.path for one in made if not one.before}
        moments = fixed.moments(self.history, migrations, version)
        drawn = (one for one in moments if one.migration.source.path in told)
        return course(islice(drawn, _MOST_MOMENTS))

    def _is_too_much(self) -> bool:
        sources = [one.file.source for one in self.series.files]
        size = sum(len(source.text) for source in sources if source)
        earlier = sum(len(migration.source.text) for migration in self.history)
        return size > _MOST_TEXT or earlier > _MOST_EARLIER


Drawn = Sequence[tuple[Course, Course | None]]
"""What each series does now, and with the safe fixes, if there are any."""


def now(drawn: Drawn) -> Course:
    return sum((before for before, _ in drawn), Course())


def suggested(drawn: Drawn) -> Course | None:
    """All series once the fixes are made; those without any stay as they are."""
    if not any(after for _, after in drawn):
        return None
    return sum((before if after is None else after for before, after in drawn), Course())


def _hazardous(remarks: Iterable[Remark]) -> frozenset[str]:
    """The files in which others wait while a table is read."""
    found = (remark.finding for remark in remarks)
    return frozenset(one.source.path for one in found if one.blocks and one.scans)


def _fixed(series: Series, made: Iterable[FileChange], selection: Selection) -> Series:
    """The series as it will be, with the files that follow."""
    after = {one.path: Source(one.path, one.after, one.encoding) for one in made}
    edited = [
        replace(one, file=replace(one.file, text=after.pop(one.file.path, one.file.text)))
        for one in series.files
    ]
    new = selection.of(ChangedFile(path, FileStatus.ADDED, text) for path, text in after.items())
    files = [*edited, *(one for one in new if isinstance(one, Selected))]
    order = series.framework.order
    return replace(series, files=tuple(sorted(files, key=lambda one: order(one.file.path))))

"""A review of texts alone: what most tests need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.frameworks import frameworks
from bot.model.change import ChangedFile, FileStatus
from bot.model.report import Report
from bot.model.source import Source
from bot.pipeline import Reviewer
from bot.selection import Selection
from bot.settings import Settings, TableStats

NO_LOCK_TIMEOUT = "lock-timeout-missing"


@dataclass(frozen=True)
class Texts:
    """A repository of texts by path."""

    files: Mapping[str, str] = field(default_factory=dict)

    def names(self, folder: str) -> frozenset[str]:
        start = f"{folder}/" if folder not in ("", ".") else ""
        inside = (path.removeprefix(start) for path in self.files if path.startswith(start))
        return frozenset(path.split("/")[0] for path in inside)

    def text(self, path: str) -> str | None:
        return self.files.get(path)

    def texts(self, paths: Sequence[str]) -> dict[str, str]:
        return {path: self.files[path] for path in paths if path in self.files}


def review(
    files: Mapping[str, str],
    *,
    framework: str | None = None,
    repository: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    stats: Mapping[str, TableStats] | None = None,
) -> Report:
    """The report on new files, in a repository that may hold others.

    Nearly every example would get the notice that no lock_timeout is set: who wants it asks for it.
    """
    forced = frameworks()[framework] if framework else None
    chosen = settings or Settings()
    chosen = replace(chosen, rules={NO_LOCK_TIMEOUT: "off", **chosen.rules})
    tree = Texts({**(repository or {}), **files})
    selection = Selection(chosen, tree, forced, explicit=True)
    changed = [
        ChangedFile(path, FileStatus.ADDED, Source(path, text)) for path, text in files.items()
    ]
    return Reviewer(selection, stats or {}, draws=True).review(changed)

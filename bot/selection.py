"""Each changed file is a migration of one tool, or the report says why it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.base import Base
from bot.frameworks import (
    UNKNOWN,
    Framework,
    Tree,
    could_be_a_migration,
    detect,
    frameworks,
    in_words_alone,
    is_sql,
    rivals,
    set_wrapping,
)
from bot.model.change import ChangedFile, FileStatus
from bot.model.finding import Following
from bot.model.migration import Wrapping
from bot.model.report import ReviewedFile, Status
from bot.settings import MigrationsSetting, Settings
from bot.tip import Tip


@dataclass(frozen=True, slots=True)
class Selected:
    """A file to review; `wrapping` is None where the tool decides.

    `following` is where what comes later goes. `rivals` are other tools that may run the file.
    `by_words` where nothing but its own words tells which one does.
    """

    file: ChangedFile
    framework: Framework
    wrapping: Wrapping | None = None
    following: Following = "auto"
    rivals: tuple[Framework, ...] = ()
    by_words: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """`forced` is the tool named on the command line; `explicit` when the user named the files.

    `base` is the repository before the change, and `tip` its base branch now, where known.
    """

    settings: Settings
    tree: Tree
    forced: Framework | None = None
    explicit: bool = False
    base: Base | None = None
    tip: Tip | None = None

    def of(self, files: Iterable[ChangedFile]) -> Iterator[Selected | ReviewedFile]:
        """What becomes of each file that could hold SQL; others are passed over."""
        include = _matcher(self.settings.include)
        exclude = _matcher(self.settings.exclude)
        for file in files:
            if exclude(file.path) or (self.settings.include and not include(file.path)):
                continue
            if file.status is FileStatus.DELETED:
                yield from self._deleted(file)
                continue
            chosen = self._one(file) if could_be_a_migration(file.path) else None
            if chosen:
                yield chosen
            elif self.explicit:
                yield ReviewedFile(file.path, None, Status.SKIPPED, "it is no migration")

    def _deleted(self, file: ChangedFile) -> Iterator[ReviewedFile]:
        """A migration that is there no more; whatever else is deleted is no concern."""
        known = self.forced or self._configured(file.path) or self._found(file)
        if known and could_be_a_migration(file.path):
            reason = "it is deleted; where it has run already, what it did stays"
            yield ReviewedFile(file.path, None, Status.SKIPPED, reason)

    def _one(self, file: ChangedFile) -> Selected | ReviewedFile | None:
        """None for what is neither SQL nor a program that a tool is known to run."""
        place = PurePosixPath(file.path)
        entry = self._configured(file.path)
        framework = self.forced or (entry and frameworks()[entry.framework]) or self._found(file)
        if framework is None and not is_sql(file.path):
            return None
        if framework is None:
            return ReviewedFile(
                file.path,
                None,
                Status.SKIPPED,
                "no migration tool is known for it; if it is a migration, name its tool under"
                " [[migrations]] in the configuration",
            )
        if framework.unread and not is_sql(file.path):
            return ReviewedFile(file.path, None, Status.SKIPPED, framework.unread)
        told = self.forced or entry
        others = () if told else rivals(framework, file.path, _text(file), self.tree)
        if framework.passes_over(place) and others:
            framework = others[0]
        if framework.passes_over(place):
            return ReviewedFile(
                file.path, framework.name, Status.SKIPPED, "it does not run on the way up"
            )
        wrapping = (
            Wrapping(entry.transaction)
            if entry and entry.transaction
            else set_wrapping(framework, file.path, self.tree, self.base)
        )
        following = (entry and entry.follow_up) or self.settings.follow_up
        by_words = not told and in_words_alone(framework, file.path, _text(file), self.tree)
        return Selected(file, framework, wrapping, following, others, by_words)

    def _configured(self, path: str) -> MigrationsSetting | None:
        """The entry of [[migrations]] whose path is the longest that holds the file."""
        fitting = [
            entry
            for entry in self.settings.migrations
            if PurePosixPath(path).is_relative_to(entry.path)
        ]
        return max(fitting, key=lambda entry: len(entry.path), default=None)

    def _found(self, file: ChangedFile) -> Framework | None:
        """The tool of the files beside it, whatever files of tools the change adds or removes.

        Where it is the first migration of its folder, what the change adds tells, unless that would
        run less of it, or each statement by itself, than the tool known so far.
        """
        now = self._detected(file, self.tree)
        if not (self.base and self.base.differs):
            return now
        known = self._detected(file, self.base)
        folder = file.path.rpartition("/")[0]
        if known is None or now is None or self.base.had_migrations(folder):
            return known or now
        return known if known.name != UNKNOWN and _is_loose(now, file.path) else now

    def _detected(self, file: ChangedFile, tree: Tree) -> Framework | None:
        found = detect(file.path, _text(file), tree)
        if found:
            return found
        if not is_sql(file.path):
            return None
        named = any("migrat" in part.lower() for part in PurePosixPath(file.path).parts)
        asked = self.explicit or bool(self.settings.include)
        return frameworks()[UNKNOWN] if named or asked else None


def _is_loose(framework: Framework, path: str) -> bool:
    by_statement = framework.wrapping is Wrapping.STATEMENT
    return by_statement or framework.passes_over(PurePosixPath(path))


def _text(file: ChangedFile) -> str:
    return file.source.text if file.source else ""


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool | None]:
    if not patterns:
        return lambda path: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file

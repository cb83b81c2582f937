"""What the pipeline asks of a migration tool; most tools are just facts with these defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from re import Pattern

from bot.frameworks._program import Program
from bot.frameworks._tree import Tree
from bot.model.finding import Following, NewFile, NoFix
from bot.model.migration import (
    Batch,
    Migration,
    Misreading,
    Statement,
    Unreadable,
    Wrapping,
)
from bot.model.moment import Moment
from bot.model.source import Edit, Source, Span
from bot.model.wording import naturally
from bot.postgres.operations import Operation
from bot.sql.statements import statements


def no_companions(path: str) -> tuple[str, ...]:
    return ()


def nowhere_else(path: str) -> tuple[str, ...]:
    return ()


def same_folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def unplanned(path: str, tree: Tree) -> Sequence[str] | None:
    return None


def unsealed(source: Source) -> NoFix | None:
    return None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a file that its tool runs by itself, what stands in `span`."""

    span: Span
    wrapping: Wrapping


@dataclass(frozen=True, slots=True)
class FollowUp:
    """SQL that runs once a part of `source` has been committed; `verb` names what it does.

    `alone` where PostgreSQL takes it outside of transactions only. `section` is that part, for
    which the same has been asked `again` times before. `says` tells what it is for, and
    `operations` are what `sql` does, each for the moment at fault. `pending` where all that is
    pending is one transaction, and `following` where it goes, if the author has said.
    """

    source: Source
    sql: str
    verb: str
    alone: bool
    section: Span
    again: int = 0
    says: str = ""
    operations: tuple[tuple[Moment, Operation], ...] = ()
    pending: bool = False
    following: Following = "auto"


@dataclass(frozen=True, slots=True)
class Beside:
    """An edit of the file itself that belongs to one finding alone, that of `moment`."""

    moment: Moment
    edit: Edit


Later = tuple[NewFile | Edit | Beside, ...]
"""What a tool runs later: new files, or more of the file itself."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A file that has to be made anew whenever the migrations beside it change.

    `of` makes it from its text so far, the names and texts of all of them, and the names of those
    that are new; None where it cannot. `afterwards` is a sentence on the tool's own way, and with
    `just_new` only new migrations matter.
    """

    name: str
    of: Callable[[str, Mapping[str, str], Collection[str]], str | None]
    afterwards: str
    just_new: bool = False


@dataclass(frozen=True, slots=True)
class Framework:
    """One migration tool.

    `file` matches the names of the files that it runs. Which tool it is of several that fit say,
    in this order: the file's own words, its folder or the nearest path of `markers` or `hints`
    (which other tools' users have too) in it or above, and `folders`, in which migrations usually
    lie.
    """

    name: str
    file: Pattern[str]
    wrapping: Wrapping
    follow_up: Callable[[FollowUp, Iterable[str], Tree], Later | NoFix]
    """(what follows, paths already taken, repository) → what runs next."""
    says: Pattern[str] | None = None
    """What stands in its files, and in those of no other tool."""
    markers: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    lies_in: Pattern[str] | None = None
    """The folder, from the repository's root, that is its own by the tool's convention."""
    needs_proof: bool = False
    """Whether files are named so by many: nothing but their words, place or a marker is proof."""
    hints_prove: bool = False
    """Whether a hint is proof as well."""
    folder: Pattern[str] | None = None
    """The names of the folders that are its migrations, where each has one of its own."""
    companions: Callable[[str], tuple[str, ...]] = no_companions
    """Files that change how the migration at this path runs."""
    sections: Callable[[Source, Tree], Iterable[Section | Misreading | Unreadable]] | None = None
    """The parts of a file that run on the way up, and what is wrong in the tool's own words.

    Else all of the file is one part."""
    wrapping_of: Callable[[Source, Sequence[Statement], Tree], Wrapping] | None = None
    """How a part with its statements is wrapped, where that depends on them."""
    settings: frozenset[str] = frozenset()
    """Names of files, beside or above its migrations, that tell how all of them run."""
    set_wrapping: Callable[[str, Tree], Wrapping | None] | None = None
    """How those have the migration at this path wrapped, where they say."""
    unwrapped: Callable[[Source, Span, Tree], Later | None] | None = None
    """The tool's own words by which the part at this place runs without a transaction."""
    unwrapped_as: Wrapping = Wrapping.STATEMENT
    """How it runs then: MESSAGE where it still is sent as one."""
    by_section: bool = False
    """Whether it runs and remembers each part by itself, so that what follows is one more part."""
    alone_in_place: bool = False
    """Whether a file of nothing else runs what PostgreSQL takes outside of transactions only."""
    alone_needs: str = ""
    """What it needs to run that, as a sentence."""
    several_alone: bool = False
    """Whether such a file may hold several such statements."""
    resumes: bool = False
    """Whether it remembers each statement, and goes on with the one that failed."""
    alone: str = "have the tool run each migration in a transaction of its own"
    """What can be done besides by hand where all pending files are one transaction."""
    each_alone: str = ""
    """How the tool is told to commit each file by itself, as a sentence, where it can be."""
    sealed: Callable[[Source], NoFix | None] = unsealed
    """Why a file must not be edited, where it must not."""
    ignored: Pattern[str] = re.compile(r"(?!)")
    """Names of files that belong to the tool but do not run on the way up."""
    runs_below: frozenset[str] = frozenset()
    """Names of the folders below which alone its files run, where there are such."""
    undoes_below: frozenset[str] = frozenset()
    """Names of the folders whose files belong to the tool but do not run on the way up."""
    series: Callable[[str], str] = same_folder
    """Files of one series run one after another against the same database."""
    order: Callable[[str], tuple[object, ...]] = naturally
    """The key by which the files of a series are sorted."""
    planned: Callable[[str, Tree], Sequence[str] | None] = unplanned
    """The paths of the series of this path as a file of the tool's own lists them, if it does."""
    history: Pattern[str] | None = None
    """Names of the files that ran before, where `file` does not tell them."""
    reads_version: Callable[[str], object] = str
    """What a version is to it: two that it reads alike are the same one."""
    ran_in: Callable[[str], tuple[str, ...]] = nowhere_else
    """The folders besides its own in which what ran before the migration at this path lies."""
    skips_older: bool = False
    """Whether a file is never run once a later one has been."""
    refuses_older: str = ""
    """What it does to such a file instead, as the end of a sentence."""
    same_versions: bool = False
    """Whether files of the same version are no trouble to it."""
    no_gaps: bool = False
    """Whether every number up to the highest must be there; it reads versions as such."""
    begins: str = ""
    """The line without which nothing of a file runs."""
    splits: bool = False
    """Whether a new file of it can end the transaction of all that is pending before it."""
    program: Program | None = None
    """How its files are read and rewritten, where they are no SQL."""
    unread: str = ""
    """Why its files are passed over, where they are programs that nobody reads, as a sentence."""
    place: Pattern[str] | None = None
    """What the folder of each of its files has in its path, where it is no SQL."""
    sums: Sums | None = None
    """The file beside its migrations that tells which there are or what is in them."""
    can_commit: bool = False
    """Whether a file can commit all that is pending up to it, and go on."""

    def version(self, path: str) -> str | None:
        """The version of the migration at `path`, where it is one and has one."""
        place = PurePosixPath(path)
        if not self.file.fullmatch(place.name) or self.ignored.fullmatch(place.name):
            return None
        match = (self.folder or self.file).fullmatch(
            place.parent.name if self.folder else place.name
        )
        return match.groupdict().get("version") if match else None

    def order_in(self, path: str, tree: Tree) -> Callable[[str], tuple[object, ...]]:
        """The key by which the files of the series of `path` are sorted, unplanned ones last."""
        listed = self.planned(path, tree)
        if listed is None:
            return self.order
        places = {one: index for index, one in enumerate(listed)}
        return lambda one: (places.get(one, len(places)), *self.order(one))

    def could_own(self, place: PurePosixPath) -> bool:
        """Whether a file called so could be one of its own."""
        named = self.file.fullmatch(place.name) is not None
        return named and not (self.place and not self.place.search(f"{place.parent}/"))

    def owns(self, place: PurePosixPath) -> bool:
        """Whether a file there could be one of its own."""
        if self.place and not self.could_own(place):
            return False
        below = self.runs_below | self.undoes_below
        named = self.file.fullmatch(place.name) or self.ignored.fullmatch(place.name)
        return bool(named) and (not below or bool(below & set(place.parts[:-1])))

    def says_so(self, text: str) -> bool:
        """Whether the file's own words are of this tool."""
        return self.says is not None and self.says.search(text) is not None

    def passes_over(self, place: PurePosixPath) -> bool:
        """Whether a file of its own does not run on the way up."""
        folders = set(place.parts[:-1])
        undone = bool(self.undoes_below & folders) and not self.runs_below & folders
        return undone or self.ignored.fullmatch(place.name) is not None


def read(
    framework: Framework, source: Source, tree: Tree, wrapping: Wrapping | None = None
) -> Migration:
    """The statements of a file in the transactions in which `framework` runs them.

    `wrapping` is what the configuration says of it.
    """
    if framework.program:
        return _program(framework, framework.program, source, tree, wrapping)
    whole = Section(Span(0, len(source.text)), framework.wrapping)
    parts = tuple(framework.sections(source, tree)) if framework.sections else (whole,)
    batches, unreadable = list[Batch](), list[Unreadable]()
    for part in parts:
        if isinstance(part, Section):
            found = tuple(statements(source, part.span))
            readable = tuple(one for one in found if isinstance(one, Statement))
            unreadable += (one for one in found if isinstance(one, Unreadable))
            decided = wrapping or _wrapping(framework, part, source, readable, tree)
            batches.append(Batch(readable, decided, part.span))
    unreadable += (part for part in parts if isinstance(part, Unreadable))
    wrong = [part for part in parts if isinstance(part, Misreading)]
    if framework.begins and not (batches or wrong):
        wrong.append(_nothing_runs(framework, source))
    return Migration(source, framework.name, tuple(batches), tuple(unreadable), tuple(wrong))


def _program(
    framework: Framework, program: Program, source: Source, tree: Tree, wrapping: Wrapping | None
) -> Migration:
    """What a program runs in the tool's own transaction is wrapped as the tool does it."""
    found = tuple(program.read(source, tree))
    asked = framework.wrapping_of
    usual = wrapping or (asked(source, (), tree) if asked else framework.wrapping)
    batches = tuple(
        replace(one, wrapping=usual) if one.wrapping is Wrapping.FILE else one
        for one in found
        if isinstance(one, Batch)
    )
    unreadable = tuple(one for one in found if isinstance(one, Unreadable))
    misread = tuple(one for one in found if isinstance(one, Misreading))
    return Migration(source, framework.name, batches, unreadable, misread)


def _nothing_runs(framework: Framework, source: Source) -> Misreading:
    return Misreading(
        source.span_of(source.lines(Span(0, 0))),
        f"{framework.name} runs nothing of this file, which has no line `{framework.begins}`.",
    )


def _wrapping(
    framework: Framework,
    part: Section,
    source: Source,
    readable: Sequence[Statement],
    tree: Tree,
) -> Wrapping:
    if framework.wrapping_of:
        return framework.wrapping_of(source, readable, tree)
    if part.wrapping is Wrapping.MESSAGE:
        single = len(readable) == 1 and readable[0].alone
        return Wrapping.STATEMENT if single else Wrapping.FILE
    return part.wrapping

"""What `lockstep fix` does: edited files and new ones, written or as one patch for git."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path, PurePosixPath

from bot.errors import LockstepError
from bot.frameworks import Framework, Tree, frameworks
from bot.model.finding import Fix, NewFile, merged
from bot.model.report import Applicability, Remark, Report, follow_ups, is_aside, is_fixable
from bot.model.source import BYTE_ORDER_MARK, UTF_8, Source
from bot.model.wording import plain


@dataclass(frozen=True, slots=True)
class FileChange:
    """`before` is None for a new file."""

    path: str
    before: str | None
    after: str
    encoding: str = UTF_8


def changes(report: Report) -> tuple[FileChange, ...]:
    """All changes that the safe fixes of `report` ask for."""
    fixes: dict[str, list[Fix]] = defaultdict(list)
    sources: dict[str, Source] = {}
    encodings: dict[NewFile, str] = {}
    fixable = [remark for remark in report.remarks if is_fixable(remark)]
    for remark in fixable:
        if isinstance(remark.fix, Fix):
            source = remark.finding.source
            sources[source.path] = source
            fixes[source.path].append(remark.fix)
            encodings |= dict.fromkeys(remark.fix.follow_ups, source.encoding)
    edited = (
        FileChange(path, source.text, source.edited(merged(fixes[path])), source.encoding)
        for path, source in sources.items()
    )
    new = (_new(file, encodings[file]) for file in follow_ups(fixable))
    return (*(one for one in edited if one.after != one.before), *new)


def _new(file: NewFile, encoding: str) -> FileChange:
    """A file in the encoding of the one beside it, in which the migration tool reads both."""
    mark = "" if encoding == UTF_8 else BYTE_ORDER_MARK
    return FileChange(file.path, None, f"{mark}{file.text}", encoding)


def sums_of(report: Report, made: Iterable[FileChange], tree: Tree) -> tuple[FileChange, ...]:
    """The files that tell what is in all migrations of a folder, once the changes are made."""
    tools = {_folder(file.path): file.framework for file in report.files if file.framework}
    changed: dict[str, list[FileChange]] = defaultdict(list)
    for change in made:
        changed[_folder(change.path)].append(change)
    found = (
        _sums(folder, frameworks()[tools[folder]], several, tree)
        for folder, several in changed.items()
        if folder in tools
    )
    return tuple(one for one in found if one)


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _sums(
    folder: str, tool: Framework, changed: Sequence[FileChange], tree: Tree
) -> FileChange | None:
    """Nothing where the repository has no such file, or one of the migrations cannot be read."""
    place = str(PurePosixPath(folder) / tool.sums.name) if tool.sums else ""
    before = tree.text(place) if place else None
    if tool.sums is None or before is None:
        return None
    paths = [str(PurePosixPath(folder) / name) for name in tree.names(folder) if _is_sql(name)]
    texts = {**tree.texts(paths), **{one.path: one.after for one in changed}}
    if any(path not in texts for path in paths):
        return None
    by_name = {path.rpartition("/")[2]: text for path, text in texts.items()}
    new = [one.path.rpartition("/")[2] for one in changed if one.before is None]
    after = tool.sums.of(before, by_name, new)
    return FileChange(place, before, after) if after not in (None, before) else None


def _is_sql(name: str) -> bool:
    return name.endswith(".sql")


def make(root: Path, made: Iterable[FileChange]) -> None:
    """Write the changes, new files first: none takes the place of one that is there."""
    for change in sorted(made, key=lambda change: change.before is not None):
        try:
            _write(root.resolve(), change)
        except OSError as error:
            raise LockstepError(f"{change.path} cannot be written: {error.strerror}") from error


def _write(root: Path, change: FileChange) -> None:
    """Never through a link, whatever has taken the place of the file that was read."""
    place = root / change.path
    folder = place.parent.resolve()
    if not folder.is_relative_to(root):
        raise LockstepError(f"{change.path} is not written, because it lies outside of {root}")
    fresh = os.O_TRUNC if change.before is not None else os.O_CREAT | os.O_EXCL
    flags = os.O_WRONLY | os.O_NOFOLLOW | fresh
    with os.fdopen(os.open(folder / place.name, flags, 0o666), "wb") as file:
        file.write(change.after.encode(change.encoding))


def describe(report: Report, made: Iterable[FileChange]) -> str:
    """What was done, and what is left to a person."""
    lines = [
        f"{'edited' if change.before is not None else 'created'} {plain(change.path)}"
        for change in made
    ]
    lines += (_left(one) for one in report.remarks if not is_fixable(one) and not is_aside(one))
    lines += (
        f"{plain(gap.path)}:{gap.line} not analysed: {plain(gap.reason)}"
        for gap in report.unreadable
    )
    return "".join(f"{line}\n" for line in lines or ["nothing to fix"])


def _left(remark: Remark) -> str:
    place = f"{plain(remark.finding.source.path)}:{remark.finding.lines.first}"
    ran = remark.applicability is Applicability.DISPLAY
    because = ", since this file may have run already" if ran else ""
    return f"{place} has no fix that can be made for you{because}: {remark.finding.message}"


def as_patch(made: Iterable[FileChange]) -> str:
    """One patch that `git apply` takes; files that git takes for binary have none."""
    several = tuple(made)
    binary = [change for change in several if change.encoding != UTF_8]
    if binary:
        raise LockstepError(
            f"{binary[0].path} is {binary[0].encoding.upper()}, of which git makes no patch: run"
            " `lockstep fix` without --diff, or save the file as UTF-8"
        )
    return "".join(line for change in several for line in _patch(change))


def _patch(change: FileChange) -> Iterator[str]:
    old, new = _quoted(f"a/{change.path}"), _quoted(f"b/{change.path}")
    yield f"diff --git {old} {new}\n"
    if change.before is None:
        yield "new file mode 100644\n"
    before = _lines(change.before or "")
    origin = old if change.before is not None else "/dev/null"
    for line in unified_diff(before, _lines(change.after), origin, new):
        ended = line.endswith("\n")
        yield line if ended else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines as git counts them, which "\\r" and the like do not end."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        line for line in text.split("\n")[-1:] if line
    ]


def _quoted(path: str) -> str:
    """A path as git writes it in a patch: in quotes where it holds anything unusual."""
    if all(character.isprintable() and character not in '"\\' for character in path):
        return path
    inside = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{inside}"'

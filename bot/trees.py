"""What a merge group changes are the files in which the trees of its base and its head differ.

Only folders that differ are read, level by level. Unlike the listing of a whole tree this has no
limit but the number of requests, and unlike a comparison of commits none of 300 files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.model.pull_request import Entry, FileDiff, Listed, MergeGroup, Place, Read, Wanted

MAX_FILES = 3_000  # as many as GitHub lists of a pull request
_DEEPEST = 15  # levels, a request each; 20 requests read the texts as well


def differences(group: MergeGroup, look: Callable[[Wanted], Read]) -> Listed:
    """The files that differ; `look` reads folders. What was not seen is `left_out`."""
    files, folders = list[FileDiff](), {"": (True, True)}
    for _ in range(_DEEPEST):
        if not folders or len(files) > MAX_FILES:
            break
        several = {path: _both(group, path) for path in folders}
        found = look(Wanted(folders=tuple(one for pair in several.values() for one in pair)))
        below = dict[str, tuple[bool, bool]]()
        for path, (base, head) in several.items():
            there = base in found.folders, head in found.folders
            if there != folders[path]:
                return Listed(tuple(files), f"GitHub did not list {path or 'the root'}")
            old, new = found.folders.get(base, {}), found.folders.get(head, {})
            for name, before, after in _differing(old, new):
                whole = f"{path}/{name}" if path else name
                files += _file(whole, before, after)
                if any(one and one.is_folder for one in (before, after)):
                    below[whole] = _is_folder(before), _is_folder(after)
        folders = below
    if len(files) > MAX_FILES:
        reason = f"the merge group changes more than {MAX_FILES:,} files"
        return Listed(tuple(files[:MAX_FILES]), reason)
    deep = f"the merge group changes files below more than {_DEEPEST} folders" if folders else ""
    return Listed(tuple(files), deep)


def _both(group: MergeGroup, path: str) -> tuple[Place, Place]:
    return Place(group.base_sha, path), Place(group.head_sha, path)


def _is_folder(entry: Entry | None) -> bool:
    return entry is not None and entry.is_folder


def _differing(
    old: Mapping[str, Entry], new: Mapping[str, Entry]
) -> Iterator[tuple[str, Entry | None, Entry | None]]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield name, before, after


def _file(path: str, before: Entry | None, after: Entry | None) -> Iterator[FileDiff]:
    """The file that is there now, or that is there no more; none where both are folders."""
    was, now = before and not before.is_folder, after and not after.is_folder
    if after and now:
        yield FileDiff(path, "modified" if was else "added", after.oid, None)
    elif before and was:
        yield FileDiff(path, "removed", before.oid, None)

"""What speaks for one of several tools is its words, the nearest of its files, and the folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from bot.frameworks._contract import Framework
from bot.frameworks._tree import Tree

NO_EVIDENCE = (0, 0, 0, 0)


def evidence(framework: Framework, path: str, text: str, tree: Tree) -> tuple[int, int, int, int]:
    """How surely `framework` runs the file at `path`: the larger, the surer."""
    place = PurePosixPath(path)
    if not framework.owns(place):
        return NO_EVIDENCE
    if framework.folder and not framework.folder.fullmatch(place.parent.name):
        return NO_EVIDENCE
    says = framework.says_so(text)
    near, kind = _nearest(framework, place, tree)
    if framework.program and not framework.folders & set(place.parts[:-1]):
        near = kind = 0  # other programs lie beside its marker as well
    proof = says or (near and (kind or framework.hints_prove))
    if framework.needs_proof and not proof:
        return NO_EVIDENCE
    return int(says), near, kind, 1 + bool(framework.folders & set(place.parts))


def is_proven(framework: Framework, path: str, tree: Tree) -> bool:
    """Whether a marker or the folder tells that `framework` runs the file at `path`."""
    near, kind = _nearest(framework, PurePosixPath(path), tree)
    return bool(near and kind)


def _nearest(framework: Framework, place: PurePosixPath, tree: Tree) -> tuple[int, int]:
    """How deep the nearest proof lies, and what it is worth beside others that lie there."""
    above = ["" if str(folder) == "." else str(folder) for folder in place.parents]
    if framework.lies_in and framework.lies_in.fullmatch(above[0]):
        return len(above), 2
    marker = _nearness(framework.markers, above, tree)
    hint = _nearness(framework.hints, above, tree)
    return max((marker, 1), (hint, 0)) if marker or hint else (0, 0)


def _nearness(names: frozenset[str], above: Sequence[str], tree: Tree) -> int:
    """How deep the nearest folder lies that has a file of `names`; 0 where none has."""
    further = (str(PurePosixPath(above[0]) / name) for name in names if "/" in name)
    if any(tree.text(path) is not None for path in further):
        return len(above)
    depth = (len(above) - i for i, folder in enumerate(above) if names & tree.names(folder))
    return next(depth, 0) if names else 0

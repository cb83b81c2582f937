"""What a change adds does not tell whose the migrations are that were there before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.frameworks import Tree, could_be_read, tells_a_tool


class Base:
    """The repository's folders before a change, and the texts of what it leaves as it is."""

    def __init__(
        self,
        tree: Tree,
        added: Iterable[str],
        removed: Iterable[str],
        modified: Iterable[str] = (),
    ) -> None:
        self._tree = tree
        self.added, self.removed = frozenset(added), frozenset(removed)
        self._lost = self.removed | frozenset(modified)
        self._new, self._gone = _by_folder(self.added), _by_folder(self.removed)
        self._names: dict[str, frozenset[str]] = {}
        self._migrated: dict[str, bool] = {}

    @property
    def differs(self) -> bool:
        """Whether the change adds or removes a file by which a tool is recognised."""
        return any(map(tells_a_tool, self.added | self.removed))

    def had_migrations(self, folder: str) -> bool:
        if folder not in self._migrated:
            self._migrated[folder] = any(
                could_be_read(f"{folder}/{name}") for name in self.names(folder)
            )
        return self._migrated[folder]

    def names(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            place = "" if folder == "." else folder
            known = self._tree.names(folder) - self._new.get(place, frozenset())
            self._names[folder] = known | self._gone.get(place, frozenset())
        return self._names[folder]

    def text(self, path: str) -> str | None:
        if path in self.added:
            return None
        return "" if path in self._lost else self._tree.text(path)

    def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        return self._tree.texts(paths)


def _by_folder(paths: Iterable[str]) -> dict[str, frozenset[str]]:
    grouped: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, name = path.rpartition("/")
        grouped[folder].add(name)
    return {folder: frozenset(names) for folder, names in grouped.items()}

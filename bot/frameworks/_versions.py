"""A migration whose version is taken, too low or too high is refused, or never runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.frameworks._contract import Framework
from bot.model.wording import code


@dataclass(frozen=True, slots=True)
class _Known:
    """The migrations of a series by version; `last` is the last of those that are not new.

    `gained` are on the base branch alone.
    """

    framework: Framework
    owners: Mapping[object, list[str]]
    last: str | None
    gained: Collection[str]

    def wrong(self, path: str) -> str | None:
        """What the tool makes of the new migration at `path`, where that is not to run it."""
        framework, name = self.framework, self.framework.name
        version = framework.version(path)
        if not version:
            return None
        owners = self.owners[framework.reads_version(version)]
        others = [other for other in owners if other != path]
        if others and not framework.same_versions:
            return f"{self._taken(others[0], version)}: {name} runs one of the two at the most."
        if framework.no_gaps and not self._follows(version):
            return f"No migration has the number before {version}: {name} refuses to miss one."
        if self.last is None or framework.order(path) >= framework.order(self.last):
            return None
        later = f"{self._comes_later(self.last)}: where that has run, {name}"
        if framework.skips_older:
            return f"{later} never runs this file."
        return f"{later} {framework.refuses_older}." if framework.refuses_older else None

    def _taken(self, other: str, version: str) -> str:
        its = self.framework.version(other)
        has = f"has the version {version} too"
        if its != version:
            has = f"has the version {its}, which is the same as {version}"
        return f"{self._known(other)} {has}"

    def _comes_later(self, other: str) -> str:
        new = "" if other in self.gained else " and is not new"
        return f"{self._known(other)} comes later{new}"

    def _known(self, path: str) -> str:
        where = "On the base branch " if path in self.gained else ""
        return f"{where}{self._code(path)}"

    def _follows(self, version: str) -> bool:
        return int(version) == 1 or int(version) - 1 in self.owners

    def _code(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        return code(folder.rpartition("/")[2] if self.framework.folder else name)


def out_of_order(
    framework: Framework,
    earlier: Sequence[str],
    changed: Iterable[str],
    new: Iterable[str],
    gained: Collection[str] = (),
) -> dict[str, str]:
    """For each of the `new` ones of what is `changed` that is out of order what becomes of it.

    `earlier` are the migrations besides, in their order, and `gained` those of them that the base
    branch has got since the change left it.
    """
    owners: dict[object, list[str]] = defaultdict(list)
    for path in sorted({*earlier, *changed}):
        if version := framework.version(path):
            owners[framework.reads_version(version)].append(path)
    last = next((path for path in reversed(earlier) if framework.version(path)), None)
    known = _Known(framework, owners, last, gained)
    return {path: sentence for path in new if (sentence := known.wrong(path))}

"""A migration whose version is taken, too low or too high is refused, or never runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.frameworks._contract import Framework
from bot.model.wording import code


@dataclass(frozen=True, slots=True)
class _Known:
    """The migrations of a series by version; `last` is the last of those that are not new.

    `numbers` are the versions of a tool that takes no gaps.
    """

    framework: Framework
    owners: Mapping[str, list[str]]
    last: str | None
    numbers: frozenset[int]

    def wrong(self, path: str) -> str | None:
        """What the tool makes of the new migration at `path`, where that is not to run it."""
        framework, name = self.framework, self.framework.name
        version = framework.version(path)
        if not version:
            return None
        others = [other for other in self.owners[version] if other != path]
        if others and not framework.same_versions:
            return (
                f"{self._code(others[0])} has the version {version} too: {name} runs one of the two"
                " at the most."
            )
        if framework.no_gaps and not self._follows(version):
            return f"No migration has the number before {version}: {name} refuses to miss one."
        if self.last is None or framework.order(path) >= framework.order(self.last):
            return None
        later = f"{self._code(self.last)} comes later and is not new: where that has run, {name}"
        if framework.skips_older:
            return f"{later} never runs this file."
        return f"{later} {framework.refuses_older}." if framework.refuses_older else None

    def _follows(self, version: str) -> bool:
        return int(version) == 1 or int(version) - 1 in self.numbers

    def _code(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        return code(folder.rpartition("/")[2] if self.framework.folder else name)


def out_of_order(
    framework: Framework, paths: Iterable[str], new: Iterable[str], last: str | None
) -> dict[str, str]:
    """For each of the `new` ones of `paths` that is out of order what the tool makes of it.

    `last` is the one that comes last of those that may have run before.
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if version := framework.version(path):
            owners[version].append(path)
    numbers = frozenset(map(int, owners)) if framework.no_gaps else frozenset()
    known = _Known(framework, owners, last, numbers)
    return {path: sentence for path in new if (sentence := known.wrong(path))}

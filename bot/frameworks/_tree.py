"""What a migration tool can see of the repository beside a migration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Tree(Protocol):
    """The repository's files as the change leaves them, as far as they are asked for."""

    def names(self, folder: str) -> frozenset[str]:
        """What lies in `folder` ("" is the root); nothing where there is no such folder."""

    def text(self, path: str) -> str | None:
        """A small text file beside a migration, or None where it is missing or no text."""

    def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Those of many text files that can be had, in the order of `paths`."""

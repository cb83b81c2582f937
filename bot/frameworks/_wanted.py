"""A rewrite on its way to becoming a fix."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.finding import Rewrite
from bot.model.moment import Moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """`index` is the place of its finding among those of the file."""

    index: int
    moment: Moment
    rewrite: Rewrite

    @property
    def leaves(self) -> bool:
        """Whether the whole command disappears."""
        return not self.rewrite.instead and self.rewrite.inline is None

"""A rewrite on its way to becoming a fix."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.finding import Following, Rewrite
from bot.model.migration import Wrapping
from bot.model.moment import Moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """`index` is the place of its finding among those of the file.

    `splits` where what follows ends the transaction of what is before it, should all be one. What
    `programs` do later goes into new files always.
    """

    index: int
    moment: Moment
    rewrite: Rewrite
    following: Following
    splits: bool = False
    programs: bool = False

    @property
    def apart(self) -> bool:
        """Whether what comes later stands apart from the statement, behind the whole file."""
        wrapping = self.moment.wrapping
        if wrapping is Wrapping.ALL:
            return self.splits  # else another file would be in the same transaction
        return self.programs or self.following == "new-file" or wrapping is Wrapping.FILE

    @property
    def leaves(self) -> bool:
        """Whether the whole command disappears."""
        return not self.rewrite.instead and self.rewrite.inline is None

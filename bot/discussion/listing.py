"""What has no place in the diff stands in the body of one review, as long as it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discussion.content import Draft
from bot.discussion.marker import LONGEST, identity_of_all, mark_in, signed
from bot.model.pull_request import Edit, OwnReview

_MOVED = "What this review listed is listed anew in a later one."


@dataclass(frozen=True, slots=True)
class Listing:
    """`head` is the verdict at a commit, `opening` tells more; `text` lists what has no place.

    `whole` stands for all that is listed, "" for nothing; `cut`: it is too much for the body.
    """

    head: str
    opening: str
    text: str
    whole: str = ""
    cut: bool = False


def listing(head: str, overview: str, listed: Sequence[Draft]) -> Listing:
    """The review's body: the verdict, the overview, and what has no place in the diff."""
    opening = f"{head}\n\n{overview}" if overview else head
    if not listed:
        return Listing(head, opening, opening)
    whole = identity_of_all(one for draft in listed for one in draft.identities)
    told, room = list[Draft](), LONGEST - len(opening)
    for draft in listed:
        room -= len(draft.line) + 17 * len(draft.identities)
        if room < 0:
            break
        told.append(draft)
    lines = [f"- {draft.line}" for draft in told]
    if len(told) < len(listed):
        lines.append(f"- and {len(listed) - len(told)} more, which the job's summary lists")
    lists = "\n".join(lines)
    identities = (whole, *(one for draft in told for one in draft.identities))
    text = signed(f"{opening}\n\nNot beside a line:\n\n{lists}", identities, says=lists)
    return Listing(head, opening, text, whole, cut=len(told) < len(listed))


def relisted(rest: Listing, before: Sequence[OwnReview], *, fresh: bool) -> tuple[Edit, ...]:
    """What becomes of the reviews that list something; `fresh`: a new one is about to list all."""
    old = before if fresh else before[:-1]
    edits = [Edit(one.id, _MOVED) for one in old]
    if before and not fresh:
        last = before[-1]
        gone = f"{rest.head} What this review listed is not found any more."
        if not rest.whole:
            edits.append(Edit(last.id, gone))
        elif mark_in(rest.text) != mark_in(last.body):
            edits.append(Edit(last.id, rest.text))
    return tuple(edit for edit in edits if edit.id)

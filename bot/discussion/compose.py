"""What a report says beside what was said before: a review to post, and earlier texts to revise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bot.discussion.content import Content, Draft
from bot.discussion.earlier import match
from bot.discussion.listing import Listing, listing, relisted
from bot.discussion.marker import mark_in
from bot.model.pull_request import Review, ReviewComment, Revision, Said


@dataclass(frozen=True, slots=True)
class Plan:
    """`revision` follows once `review` is posted; `doubles` of it are comments said twice."""

    review: Review | None
    revision: Revision
    doubles: tuple[str, ...]


Compose = Callable[[Said, frozenset[str]], Plan]
"""The plan beside what has been said, without the comments that GitHub has refused."""


def compose(
    content: Content,
    commit: str,
    said: Said,
    refused: Collection[str],
    *,
    max_comments: int,
) -> Plan:
    """What is new to say and what of `said` is to change; GitHub has `refused` some identities."""
    earlier = match(content.drafts, said.comments)
    listed_before = [one for one in said.reviews if mark_in(one.body).identities]
    before = mark_in(listed_before[-1].body).identities if listed_before else frozenset()
    new = [draft for draft in earlier.unsaid if not before.issuperset(draft.identities)]
    worst = sorted(
        (one for one in new if one.comment and not set(refused) & set(one.identities)),
        key=lambda draft: -draft.severity,
    )
    chosen = worst[: max(max_comments - earlier.open, 0)]
    inline = {one.identities for one in chosen}
    unplaced = [one for one in earlier.unsaid if one.identities not in inline]
    rest = listing(content.head, content.overview, unplaced)
    fresh = len(new) > len(chosen) and rest.whole not in before
    fresh = fresh and not (rest.cut and before)  # a list without end is kept up to date in place
    return Plan(
        _review(rest, commit, chosen, fresh=fresh),
        Revision(
            earlier.edits(content.allowed, content.doubted, commit),
            relisted(rest, listed_before, fresh=fresh),
            earlier.deletions(content.doubted),
        ),
        earlier.doubles,
    )


def _review(rest: Listing, commit: str, chosen: Sequence[Draft], *, fresh: bool) -> Review | None:
    if not chosen and not fresh:
        return None
    comments = [comment for draft in chosen if (comment := draft.comment)]
    return Review(commit, rest.text if fresh else rest.opening, bottom_up(comments))


def bottom_up(comments: Sequence[ReviewComment]) -> tuple[ReviewComment, ...]:
    """Accepting a batch of suggestions shifts what lies below them: post from the bottom up."""
    return tuple(sorted(comments, key=lambda comment: (comment.path, -comment.lines.last)))

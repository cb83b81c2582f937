"""Earlier comments stay, are edited or go, as what they say holds, changes or is gone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.discussion.content import Draft
from bot.discussion.marker import mark_in, signed
from bot.model.pull_request import Edit, OwnComment

_LONGEST_QUOTE = 10_000
_EVERYWHERE = "."  # the path of what is wrong with the pull request as a whole


@dataclass(frozen=True, slots=True)
class Earlier:
    """Each draft beside the comment that says it; `replaced` ones are said anew and better placed.

    `gone` are the comments that no draft needs, `doubled` those that repeat another.
    """

    kept: tuple[tuple[Draft, OwnComment], ...]
    replaced: tuple[OwnComment, ...]
    unsaid: tuple[Draft, ...]
    gone: tuple[OwnComment, ...]
    doubled: tuple[OwnComment, ...]

    @property
    def open(self) -> int:
        return sum(not comment.settled for _, comment in self.kept)

    @property
    def doubles(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.doubled if one.id and _may_go(one))

    def deletions(self, doubted: Collection[str]) -> tuple[str, ...]:
        gone = (one for one in self.gone if _may_go(one) and not _in(doubted, one))
        return (*(one.id for one in (*self.replaced, *gone)), *self.doubles)

    def edits(
        self, allowed: frozenset[str], doubted: Collection[str], commit: str
    ) -> tuple[Edit, ...]:
        changed = (
            Edit(comment.id, draft.at(comment.lines))
            for draft, comment in self.kept
            if comment.id and draft.text and not comment.settled and not _says(comment, draft)
        )
        return (*changed, *self._fixed(allowed, doubted, commit))

    def _fixed(
        self, allowed: frozenset[str], doubted: Collection[str], commit: str
    ) -> Iterator[Edit]:
        for one in self.gone:
            mark = mark_in(one.body)
            if one.answered and not (one.settled or mark.fixed or _in(doubted, one)):
                is_allowed = allowed.issuperset(mark.identities)
                text = _fixed_body(one.body, sorted(mark.identities), commit, allowed=is_allowed)
                yield Edit(one.id, text)


def match(drafts: Sequence[Draft], comments: Sequence[OwnComment]) -> Earlier:
    """Each draft finds the comment that speaks of it; where people take part, that one first."""
    by_identity: dict[str, list[int]] = defaultdict(list)
    for number, comment in enumerate(comments):
        for one in mark_in(comment.body).identities:
            by_identity[one].append(number)
    pairs, replaced = list[tuple[Draft, OwnComment]](), list[OwnComment]()
    unsaid, taken = list[Draft](), set[int]()
    for draft in drafts:
        free = Counter(n for one in draft.identities for n in by_identity[one] if n not in taken)
        if not free:
            unsaid.append(draft)
            continue
        best = min(free, key=lambda n: _rank(draft, free[n], comments[n], n))
        taken.add(best)
        if _is_better_anew(draft, comments[best]):
            replaced.append(comments[best])
            unsaid.append(draft)
        else:
            pairs.append((draft, comments[best]))
    needed = {one for draft in drafts for one in draft.identities}
    left = [comment for n, comment in enumerate(comments) if n not in taken]
    named = [one for one in left if mark_in(one.body).identities]
    return Earlier(
        tuple(pairs),
        tuple(replaced),
        tuple(unsaid),
        tuple(one for one in named if not needed & mark_in(one.body).identities),
        tuple(one for one in named if needed & mark_in(one.body).identities),
    )


def _rank(draft: Draft, shared: int, comment: OwnComment, number: int) -> tuple[int, ...]:
    anew = _is_better_anew(draft, comment)
    return not comment.settled, not comment.answered, -shared, anew, number


def _says(comment: OwnComment, draft: Draft) -> bool:
    """Where GitHub shows a comment no more, either text will do: nothing can be applied there."""
    texts = [draft.at(comment.lines)] if comment.lines else [draft.clickable, draft.text]
    return mark_in(comment.body) in map(mark_in, texts)


def _is_better_anew(draft: Draft, comment: OwnComment) -> bool:
    """A suggestion can be applied only where it stands, and no comment can be moved."""
    if not (draft.suggests and draft.place == draft.lines) or not _may_go(comment):
        return False
    return comment.lines != draft.lines and not (comment.lines is None and _says(comment, draft))


def _may_go(comment: OwnComment) -> bool:
    return bool(comment.id) and not comment.answered and not comment.settled


def _in(doubted: Collection[str], comment: OwnComment) -> bool:
    return comment.path in doubted or _EVERYWHERE in doubted


def _fixed_body(old: str, identities: Sequence[str], commit: str, *, allowed: bool) -> str:
    """What an answered comment becomes, once what it said holds no more; `old` is its text."""
    now = "Allowed, with a reason," if allowed else "Fixed"
    said = old.partition("\n\n")[0][:_LONGEST_QUOTE].replace("\n", "\n> ")
    text = f"{now} as of {commit[:12]}. What stood here:\n\n> {said}"
    return signed(text, identities, says=now, fixed=True)

"""What a review says reaches the pull request once, whatever becomes of a request on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.discussion.compose import Compose, Plan
from bot.discussion.marker import mark_in
from bot.errors import LockstepError
from bot.host.failures import GitHubError
from bot.host.github import GitHub
from bot.model.pull_request import (
    OwnComment,
    OwnReview,
    PullRequest,
    Read,
    Review,
    ReviewComment,
    Revision,
    Said,
    Wanted,
)
from bot.remote import superseded

_ATTEMPTS = 3
_MOST_POSTS = 16  # what it may cost to find the comments that GitHub refuses; others are listed
_UNPROCESSABLE = 422


@dataclass
class _Sent:
    """What GitHub took, and the identities of what it refused, in this run."""

    said: Said = field(default_factory=Said)
    refused: frozenset[str] = frozenset()
    url: str = ""
    posts: int = 0

    def beside(self, said: Said) -> Said:
        """A review that was just posted need not be in a listing yet."""
        comments = (*said.comments, *self.said.comments)
        return Said(comments, (*said.reviews, *self.said.reviews))


def publish(github: GitHub, pull: PullRequest, compose: Compose) -> str:
    """The address of the review, "" where there was nothing new to say; raises LockstepError.

    Another run may be saying the same, so one more look is taken: before posting, where more was
    read by then, else afterwards. What two runs say twice all the same, the next one deletes.
    """
    if github.mute:
        raise LockstepError(github.mute)
    sent, looked = _Sent(), github.looks > 1
    plan = _post(github, pull, _current(github.seen, pull), compose, sent)
    if plan.revision or (sent.posts and not looked):
        _revise(github, pull, plan, compose, sent)
    return sent.url


def _post(github: GitHub, pull: PullRequest, said: Said, compose: Compose, sent: _Sent) -> Plan:
    """Post what is new; after a failure look first, for it may have been posted all the same."""
    for attempt in range(_ATTEMPTS):
        plan = compose(sent.beside(said), sent.refused)
        if plan.review is None:
            return plan
        before = sent.refused
        try:
            _send(github, pull, plan.review, sent)
        except GitHubError as error:
            if attempt + 1 == _ATTEMPTS or not github.waits_for(error, attempt):
                raise
            said = _look(github, pull)
            continue
        if sent.refused == before:
            return plan
    return compose(sent.beside(said), sent.refused)


def _send(github: GitHub, pull: PullRequest, review: Review, sent: _Sent) -> None:
    """GitHub refuses a review for one bad comment and does not say which: halves tell."""
    try:
        sent.posts += 1
        url = github.post(pull, review)
    except GitHubError as error:
        if error.status != _UNPROCESSABLE or not review.comments:
            raise
        if sent.posts == 1:
            _look(github, pull)
    else:
        sent.url = sent.url or url
        sent.said = sent.beside(_as_said(review))
        return
    middle = len(review.comments) // 2
    if not middle or sent.posts >= _MOST_POSTS:
        sent.refused |= _identities(review.comments)
        return
    head = review.body.partition("\n\n")[0]  # what it lists is posted with the last review
    for half in (review.comments[:middle], review.comments[middle:]):
        _send(github, pull, replace(review, body=head, comments=half), sent)


def _revise(github: GitHub, pull: PullRequest, plan: Plan, compose: Compose, sent: _Sent) -> None:
    """Another run may have said the same meanwhile: the later of two comments goes."""
    revision = plan.revision
    for attempt in range(_ATTEMPTS):
        try:
            after = github.revise(pull, revision)
            if doubles := compose(after, sent.refused).doubles:
                github.revise(pull, Revision(deletions=doubles))
            return
        except GitHubError as error:
            if attempt + 1 == _ATTEMPTS or not github.waits_for(error, attempt):
                raise
        revision = compose(sent.beside(_look(github, pull)), sent.refused).revision


def _look(github: GitHub, pull: PullRequest) -> Said:
    """What has been said by now."""
    return _current(github.read(pull, Wanted()), pull)


def _current(read: Read, pull: PullRequest) -> Said:
    """Raises LockstepError where there is a newer commit to speak of."""
    if reason := superseded(pull, read):
        raise LockstepError(f"{reason}: a later run comments")
    return read.said


def _as_said(review: Review) -> Said:
    comments = (OwnComment("", one.body, one.path, one.lines) for one in review.comments)
    return Said(tuple(comments), (OwnReview("", review.body),))


def _identities(comments: Iterable[ReviewComment]) -> frozenset[str]:
    return frozenset(one for comment in comments for one in mark_in(comment.body).identities)

"""Of all that stands on a pull request, only what the token's own login wrote is believed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.host import answers
from bot.model.pull_request import OwnComment, OwnReview, Said
from bot.model.source import Lines


def own(viewer: str, pull: answers.Pull, before: Said) -> Said:
    """What `before` and this page of `pull` hold of the viewer's own."""
    reviews = (post for post in pull.reviews.nodes or () if post and _is(post.author, viewer))
    return Said(
        (*before.comments, *_comments(viewer, pull)),
        (*before.reviews, *(OwnReview(one.id, one.body) for one in reviews)),
    )


def _comments(viewer: str, pull: answers.Pull) -> Iterator[OwnComment]:
    """Those that open a thread: the bot never replies."""
    for thread in pull.review_threads.nodes or ():
        first = (thread.comments.nodes or (None,))[0] if thread else None
        if thread and first and _is(first.author, viewer):
            yield OwnComment(
                first.id,
                first.body,
                thread.path,
                _lines(thread),
                answered=thread.comments.total_count > 1,
                settled=thread.is_resolved or first.is_minimized,
            )


def _lines(thread: answers.Thread) -> Lines | None:
    if thread.line is None or thread.is_outdated:
        return None
    return Lines(thread.start_line or thread.line, thread.line)


def _is(author: answers.Author | None, viewer: str) -> bool:
    """A bot's login lacks in GraphQL the "[bot]" that REST and `viewer` give it."""
    if author is None:
        return False
    is_bot = author.typename == "Bot"
    login = author.login.removesuffix("[bot]")
    return login == viewer.removesuffix("[bot]") and is_bot == viewer.endswith("[bot]")

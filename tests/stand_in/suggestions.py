"""Suggestions and links to new files are applied as GitHub's own buttons apply them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .records import Comment, User

if TYPE_CHECKING:
    from .pull import Pull

LONGEST_ADDRESS = 8_000
Replacement = tuple[int, int, list[bytes]]


class NotApplicable(Exception):
    """GitHub would not offer the button, or would answer with an error."""


def suggestion_of(body: str) -> str:
    """The text of the first suggestion fence of a comment."""
    for token in MarkdownIt("commonmark").parse(body):
        if token.type == "fence" and token.info.split()[:1] == ["suggestion"]:
            if not _is_closed(token, body):
                raise NotApplicable("the suggestion's closing fence is missing")
            return token.content
    raise NotApplicable("the comment holds no suggestion")


def _is_closed(fence: Token, body: str) -> bool:
    assert fence.map is not None
    first, end = fence.map
    last = body.replace("\r\n", "\n").split("\n")[end - 1].strip(" >\t")
    return end - 1 > first and set(last) == {fence.markup[0]} and len(last) >= len(fence.markup)


def apply(pull: Pull, comments: Sequence[Comment], by: str) -> str:
    """One commit on the head branch, with every suggestion in it."""
    if pull.state != "open":
        raise NotApplicable("the pull request is closed")
    chosen: dict[str, list[Replacement]] = {}
    for comment in comments:
        chosen.setdefault(comment.path, []).append(_replacement(comment))
    changed = {
        path: replaced(pull.read(path), replacements) for path, replacements in chosen.items()
    }
    message = (
        "Update " + ", ".join(sorted(changed))
        if len(comments) == 1
        else "Apply suggestions from code review"
    )
    for comment in comments:
        comment.thread.resolved_by = User(by)
    return pull.head_repository.commit(pull.head, changed, message, author=by)


def _replacement(comment: Comment) -> Replacement:
    if comment.subject_type == "file":
        raise NotApplicable("the comment is on the whole file")
    if comment.outdated:
        raise NotApplicable("the comment is outdated")
    if "LEFT" in (comment.side, comment.start_side):
        raise NotApplicable("the comment is on a deleted line")
    last = comment.line
    assert last is not None
    first = comment.start_line if comment.start_line is not None else last
    text = suggestion_of(comment.body).encode()
    return first, last, _lines(text)


def _lines(content: bytes) -> list[bytes]:
    pieces = content.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def replaced(content: bytes, replacements: list[Replacement]) -> bytes:
    lines = _lines(content)
    below = len(lines) + 1
    for first, last, text in sorted(replacements, key=lambda one: one[:2], reverse=True):
        if last >= below:
            raise NotApplicable(f"two suggestions overlap at line {last}")
        if lines[first - 1 : last] == text:
            raise NotApplicable(f"the suggestion for line {last} changes nothing")
        lines[first - 1 : last] = text
        below = first
    return b"".join(lines)


def create_file(pull: Pull, url: str, by: str) -> str:
    """Commits what `…/OWNER/REPO/new/BRANCH?filename=…&value=…` fills into the editor."""
    if len(url) > LONGEST_ADDRESS:
        raise NotApplicable(f"the address has {len(url)} characters")
    parts = urlsplit(url)
    place = f"/{pull.head_repository.full_name}/new/{pull.head}"
    if f"{parts.scheme}://{parts.netloc}" != pull.repository.github.server_url:
        raise NotApplicable(f"{url} is not on this server")
    folder = unquote(parts.path).removeprefix(place)
    if not unquote(parts.path).startswith(place) or (folder and not folder.startswith("/")):
        raise NotApplicable(f"{url} is not on the head branch, {place}")
    query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    path = "/".join(part for part in (folder.strip("/"), query["filename"][0].strip("/")) if part)
    try:
        pull.read(path)
    except FileNotFoundError:
        content = query.get("value", [""])[0]
        return pull.head_repository.commit(pull.head, {path: content}, f"Create {path}", author=by)
    raise NotApplicable(f"{path} exists already")

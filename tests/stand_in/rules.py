"""GitHub answers 422 for each of these, although its published description allows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .diff import FileDiff, Hunk
from .records import Anchor

BODY_LIMIT = 65_536


@dataclass(frozen=True)
class Refusal:
    """One reason, told as GitHub tells it: by field for one comment, in words for a review."""

    field: str
    predicate: str
    resource: str = "pull_request_review_thread"

    @property
    def words(self) -> str:
        subject = f"{self.resource}_{self.field}".replace("_", " ").capitalize()
        return f"{subject} {self.predicate}"

    @property
    def error(self) -> dict[str, str]:
        field = f"{self.resource}.{self.field}"
        return {
            "resource": "PullRequestReviewComment",
            "code": "custom",
            "field": field,
            "message": f"{field} {self.predicate}",
        }


@dataclass(frozen=True)
class Proposal:
    """A comment that asks to be placed, with the diff that it asks to be placed in."""

    anchor: Anchor
    body: str
    diff: Mapping[str, FileDiff]

    @property
    def file(self) -> FileDiff | None:
        return self.diff.get(self.anchor.path)

    @property
    def hunk(self) -> Hunk | None:
        at = self.anchor
        if self.file is None or at.line is None:
            return None
        return self.file.hunk(at.side, at.line)


Rule = Callable[[Proposal], Iterator[Refusal]]


def the_path_is_in_the_diff(proposal: Proposal) -> Iterator[Refusal]:
    if proposal.file is None:
        yield Refusal("path", "is invalid")


def the_line_is_in_a_hunk(proposal: Proposal) -> Iterator[Refusal]:
    if proposal.file is not None and proposal.hunk is None:
        yield Refusal("line", "must be part of the diff")


def the_line_is_not_refused(anchor: Anchor, refused: Collection[tuple[str, int]]) -> Iterator[str]:
    """GitHub resolves some lines otherwise than the patch that it shows."""
    if anchor.line is not None and (anchor.path, anchor.line) in refused:
        yield "Pull request review thread line could not be resolved"


def the_start_precedes_the_line(proposal: Proposal) -> Iterator[Refusal]:
    at = proposal.anchor
    if at.start_line is None or at.line is None:
        return
    if at.first_side == at.side and at.start_line >= at.line:
        yield Refusal("start_line", "must precede the end line.")


def the_range_lies_in_one_hunk(proposal: Proposal) -> Iterator[Refusal]:
    at = proposal.anchor
    if at.start_line is None or at.line is None or proposal.file is None:
        return
    hunk = proposal.hunk
    start = hunk.index(at.first_side, at.start_line) if hunk else None
    end = hunk.index(at.side, at.line) if hunk else None
    if start is None or end is None or (start > end and at.first_side != at.side):
        yield Refusal("start_line", "must be part of the same hunk as the line.")


def the_comment_has_text(proposal: Proposal) -> Iterator[Refusal]:
    if not proposal.body.strip():
        yield Refusal("body", "can't be blank", "pull_request_review_comment")


def the_text_is_not_too_long(proposal: Proposal) -> Iterator[Refusal]:
    if len(proposal.body) > BODY_LIMIT:
        yield Refusal(
            "body",
            f"is too long (maximum is {BODY_LIMIT} characters)",
            "pull_request_review_comment",
        )


def a_file_comment_has_no_line(line: int | None) -> Iterator[Refusal]:
    if line is not None:
        yield Refusal("line", "is not allowed for a subject type of file")


OF_ANY: tuple[Rule, ...] = (the_path_is_in_the_diff, the_comment_has_text, the_text_is_not_too_long)
OF_LINES: tuple[Rule, ...] = (
    the_line_is_in_a_hunk,
    the_start_precedes_the_line,
    the_range_lies_in_one_hunk,
)


def refusals(proposal: Proposal) -> tuple[Refusal, ...]:
    rules = OF_ANY + (OF_LINES if proposal.anchor.subject_type == "line" else ())
    found = [refusal for rule in rules for refusal in rule(proposal)]
    if any(refusal.field in ("line", "path") for refusal in found):
        found.append(Refusal("diff_hunk", "can't be blank"))
    return tuple(found)


def in_words(found: Iterable[Refusal]) -> str:
    words = [refusal.words for refusal in found]
    if len(words) < 3:
        return " and ".join(words)
    return ", ".join(words[:-1]) + f", and {words[-1]}"


def a_submitted_review_says_something(event: str | None, body: str, comments: int) -> Iterator[str]:
    if event in ("COMMENT", "REQUEST_CHANGES") and not body.strip() and not comments:
        yield "Review body can't be blank"


def a_review_body_is_not_too_long(body: str) -> Iterator[str]:
    if len(body) > BODY_LIMIT:
        yield f"Body is too long (maximum is {BODY_LIMIT} characters)"


def an_author_does_not_judge_their_own(event: str | None, own: bool) -> Iterator[str]:
    if own and event == "APPROVE":
        yield "Can not approve your own pull request"
    if own and event == "REQUEST_CHANGES":
        yield "Can not request changes on your own pull request"


def the_commit_is_of_this_pull(commit: str, commits: Sequence[str]) -> Iterator[str]:
    if commit not in commits:
        yield "commit_id is not part of the pull request"


def one_pending_review_each(pending: bool) -> Iterator[str]:
    if pending:
        yield "User can only have one pending review per pull request"


def a_review_holds_so_many_comments(count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield f"Review comments is too long (maximum is {most} comments)"


def review_comments_have_no_subject_type(comments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if any("subject_type" in comment for comment in comments):
        yield 'Invalid request.\n\n"subject_type" is not a permitted key.'

"""What a client may write: reviews, comments, results of a scan."""

from __future__ import annotations

import uuid
from typing import Any

from . import payloads, rules
from .diff import Side
from .exchange import Answer, Refused
from .reading import PULL, REPO
from .records import Anchor, Comment
from .routes import Call, answers

STATES = {
    "COMMENT": "COMMENTED",
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    None: "PENDING",
}


@answers(f"POST {PULL}/reviews", "pull_requests:write")
def add_review(call: Call) -> Answer:
    pull, given = call.pull, call.body or {}
    event, body, comments = given.get("event"), given.get("body") or "", given.get("comments") or []
    commit = given.get("commit_id") or pull.head_sha
    pending = any(one.state == "PENDING" and one.author == call.token.user for one in pull.reviews)
    refuse(
        *rules.the_commit_is_of_this_pull(commit, pull.commits),
        *rules.review_comments_have_no_subject_type(comments),
        *rules.a_submitted_review_says_something(event, body, len(comments)),
        *rules.a_review_body_is_not_too_long(body),
        *rules.an_author_does_not_judge_their_own(event, pull.author == call.token.user),
        *rules.one_pending_review_each(pending and event is None),
        *rules.a_review_holds_so_many_comments(len(comments), call.github.limits.review_comments),
    )
    placed = [(_anchor(call, one, commit), one["body"]) for one in comments]
    refuse(*{words: None for one in placed if (words := _words(call, *one, commit))})
    refused = call.github.limits.refused_lines
    refuse(*(one for at, _ in placed for one in rules.the_line_is_not_refused(at, refused)))
    review = pull.add_review(call.token.user, body, STATES[event], commit, placed)
    return Answer(200, payloads.review(review))


def refuse(*faults: str) -> None:
    if faults:
        raise Refused(422, "Unprocessable Entity", list(faults))


def _words(call: Call, anchor: Anchor, body: str, commit: str) -> str:
    return rules.in_words(rules.refusals(call.pull.proposal(anchor, body, commit)))


def _anchor(call: Call, given: dict[str, Any], commit: str) -> Anchor:
    path, line = given["path"], given.get("line")
    side: Side = given.get("side") or "RIGHT"
    if line is None and given.get("position") is not None:
        file = next((one for one in call.pull.files_at(commit) if one.path == path), None)
        if found := file.at_position(given["position"]) if file else None:
            side, line = found
    start = given.get("start_line")
    kind = given.get("subject_type", "line")
    return Anchor(
        path, line, side, start, given.get("start_side") if start is not None else None, kind
    )


@answers(f"PUT {PULL}/reviews/{{review_id}}", "pull_requests:write")
def edit_review(call: Call) -> Answer:
    review, body = call.review, call.body["body"]
    if not body.strip():
        refuse("Body can't be blank")
    refuse(*rules.a_review_body_is_not_too_long(body))
    review.edit(body, call.token.user, call.github.clock.now())
    return Answer(200, payloads.review(review))


@answers(f"DELETE {PULL}/reviews/{{review_id}}", "pull_requests:write")
def delete_review(call: Call) -> Answer:
    review = call.review
    if review.state != "PENDING":
        refuse("Can not delete a non-pending pull request review")
    told = payloads.review(review)
    for comment in review.comments:
        review.pull.delete(comment)
    review.pull.reviews.remove(review)
    return Answer(200, told)


@answers(f"POST {PULL}/comments", "pull_requests:write")
def add_comment(call: Call) -> Answer:
    pull, given = call.pull, call.body
    if "in_reply_to" in given:
        return _created(_reply(call, given["in_reply_to"], given["body"]))
    commit = given["commit_id"]
    if commit not in pull.commits:
        field = {
            "field": "commit_id",
            "code": "custom",
            "message": "commit_id is not part of the pull request",
        }
        raise Refused(422, "Validation Failed", [{"resource": "PullRequestReviewComment"} | field])
    anchor = _anchor(call, given, commit)
    found = rules.refusals(pull.proposal(anchor, given["body"], commit))
    if anchor.subject_type == "file":
        found += tuple(rules.a_file_comment_has_no_line(anchor.line))
    if found:
        raise Refused(422, "Validation Failed", [one.error for one in found])
    pull.add_review(call.token.user, "", "COMMENTED", commit, [(anchor, given["body"])])
    return _created(pull.comments[-1])


def _reply(call: Call, number: int, body: str) -> Comment:
    first = next((one for one in call.pull.comments if one.id == number), None)
    if first is None:
        raise Refused(404, "Not Found")
    _text(body)
    return call.pull.reply(first, body, call.token.user.login)


def _created(comment: Comment) -> Answer:
    told = payloads.comment(comment)
    return Answer(201, told, {"Location": told["url"]})


def _text(body: str, resource: str = "PullRequestReviewComment") -> None:
    """What any comment's text has to be."""
    message = "body can't be blank" if not body.strip() else None
    if len(body) > rules.BODY_LIMIT:
        message = f"body is too long (maximum is {rules.BODY_LIMIT} characters)"
    if message:
        error = {"resource": resource, "code": "custom", "field": "body", "message": message}
        raise Refused(422, "Validation Failed", [error])


@answers(f"PATCH {REPO}/pulls/comments/{{comment_id}}", "pull_requests:write")
def edit_comment(call: Call) -> Answer:
    comment = call.comment
    _text(call.body["body"])
    comment.edit(call.body["body"], call.token.user, call.github.clock.now())
    return Answer(200, payloads.comment(comment))


@answers(f"DELETE {REPO}/pulls/comments/{{comment_id}}", "pull_requests:write")
def delete_comment(call: Call) -> Answer:
    comment = call.comment
    comment.thread.pull.delete(comment)
    return Answer(204)


@answers(f"POST {REPO}/issues/{{issue_number}}/comments", "issues:write or pull_requests:write")
def add_issue_comment(call: Call) -> Answer:
    _text(call.body["body"], "IssueComment")
    told = payloads.issue_comment(call.pull.issue_comment(call.token.user.login, call.body["body"]))
    return Answer(201, told, {"Location": told["url"]})


@answers(f"PATCH {REPO}/issues/comments/{{comment_id}}", "issues:write or pull_requests:write")
def edit_issue_comment(call: Call) -> Answer:
    comment = call.issue_comment
    _text(call.body["body"], "IssueComment")
    comment.edit(call.body["body"], call.token.user, call.github.clock.now())
    return Answer(200, payloads.issue_comment(comment))


@answers(f"DELETE {REPO}/issues/comments/{{comment_id}}", "issues:write or pull_requests:write")
def delete_issue_comment(call: Call) -> Answer:
    comment = call.issue_comment
    comment.pull.issue_comments.remove(comment)
    return Answer(204)


@answers(f"POST {REPO}/code-scanning/sarifs", "security_events:write")
def add_sarif(call: Call) -> Answer:
    number = str(uuid.UUID(int=call.github.clock.next_number()))
    call.repository.sarifs.append(call.body)
    url = f"{call.github.api_url}/repos/{call.repository.full_name}/code-scanning/sarifs/{number}"
    return Answer(202, {"id": number, "url": url})

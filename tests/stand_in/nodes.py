"""Each object of the schema is a mapping from its fields to values, or to functions of their arguments."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from .diff import FileDiff
from .exchange import Token
from .git import EMPTY_TREE, GitObject, TreeEntry
from .pages import connection, failed
from .pull import Pull
from .records import Comment, Review, Thread, User, node_id
from .repository import Repository

if TYPE_CHECKING:
    from .service import GitHub

Json = dict[str, Any]
LARGEST_INT = 2**31 - 1
CHANGE = {"removed": "DELETED"}


def _short(number: int) -> int | None:
    """`databaseId` has 32 bits; `fullDatabaseId` has them all."""
    return number if number <= LARGEST_INT else None


class Nodes:
    """The objects as one token sees them."""

    def __init__(self, github: GitHub, token: Token) -> None:
        self.github = github
        self.token = token

    def require(self, permission: str) -> None:
        if not self.token.may(permission):
            raise failed("FORBIDDEN", "Resource not accessible by integration")

    def viewer(self) -> Json:
        return self.user(self.token.user) | {"__typename": "User", "login": self.token.user.login}

    def user(self, one: User) -> Json:
        page = f"/{'apps/' if one.is_bot else ''}{one.graphql_login}"
        return {
            "__typename": "Bot" if one.is_bot else "User",
            "id": node_id("BOT" if one.is_bot else "U", one.id),
            "databaseId": one.id,
            "login": one.graphql_login,
            "url": self.github.server_url + page,
            "resourcePath": page,
            "avatarUrl": f"{self.github.server_url}/avatars/{one.id}",
        }

    def rate_limit(self) -> Json:
        most, used = self.github.limits.requests, self.github.used
        left = max(most - used, 0)
        reset = "2100-01-01T00:00:00Z"
        return {
            "cost": 1,
            "limit": most,
            "nodeCount": 0,
            "remaining": left,
            "used": used,
            "resetAt": reset,
        }

    def repository(self, one: Repository) -> Json:
        return {
            "__typename": "Repository",
            "id": node_id("R", one.id),
            "databaseId": _short(one.id),
            "name": one.name,
            "nameWithOwner": one.full_name,
            "owner": self.user(User(one.owner)) | {"__typename": "User"},
            "url": f"{self.github.server_url}/{one.full_name}",
            "isFork": one.parent is not None,
            "isPrivate": False,
            "object": lambda _info, **given: self.object_named(one, **given),
            "pullRequest": lambda _info, number: self.pull_numbered(one, number),
            "defaultBranchRef": lambda _info: self.ref(one, one.default_branch),
        }

    def ref(self, repo: Repository, branch: str) -> Json | None:
        sha = repo.tip(branch)
        name = {"id": f"REF_{branch}", "name": branch, "prefix": "refs/heads/"}
        return name | {"target": self.object(repo, sha)} if sha else None

    def object_named(
        self, repo: Repository, oid: str | None = None, expression: str | None = None
    ) -> Json | None:
        self.require("contents:read")
        if oid is not None:
            return self.object(repo, oid) if len(oid) == 40 else None
        ref, colon, path = (expression or "").partition(":")
        plain = ref.removesuffix("^{tree}")
        sha = repo.resolve(plain)
        named = f"{sha}^{{tree}}" if sha and (colon or plain != ref) else sha or plain
        return self.object(repo, f"{sha}:{path.strip('/')}" if path and sha else named)

    def object(self, repo: Repository, name: str) -> Json | None:
        found = repo.git.read(name)
        if found is None:
            return None
        told: Json = {
            "id": f"O_{found.sha}",
            "oid": found.sha,
            "abbreviatedOid": found.sha[:7],
            "repository": lambda _info: self.repository(repo),
        }
        match found.kind:
            case "blob":
                return told | self._blob(found)
            case "tree":
                return told | {
                    "__typename": "Tree",
                    "entries": lambda _info: self._entries(repo, found.sha),
                }
            case "commit":
                return told | self._commit(repo, found)
        return None

    def _blob(self, found: GitObject) -> Json:
        """A binary blob has no text; neither, here, has one that is no UTF-8."""
        content, limit = found.content, self.github.limits.blob_text
        cut = len(content) > limit
        binary = b"\0" in content[:8000]
        try:
            content.decode()
        except UnicodeDecodeError:
            binary = True
        text = None if binary else content[:limit].decode(errors="ignore")
        sizes = {"byteSize": len(content), "isBinary": binary, "isTruncated": cut}
        return {"__typename": "Blob", "text": text} | sizes

    def _commit(self, repo: Repository, found: GitObject) -> Json:
        header, _, message = found.content.decode(errors="replace").partition("\n\n")
        tree = header.split()[1]
        date = "2024-01-01T10:00:00Z"
        return {
            "__typename": "Commit",
            "message": message.strip(),
            "committedDate": date,
            "tree": lambda _info: self.object(repo, tree),
        }

    def _entries(self, repo: Repository, sha: str) -> list[Json]:
        entries = () if sha == EMPTY_TREE else repo.git.tree(sha)
        return [self._entry(repo, one) for one in entries if "/" not in one.path]

    def _entry(self, repo: Repository, one: TreeEntry) -> Json:
        return {
            "name": one.path,
            "path": one.path,
            "type": one.kind,
            "mode": int(one.mode, 8),
            "oid": one.sha,
            "size": one.size or 0,
            "extension": posixpath.splitext(one.path)[1],
            "object": lambda _info: self.object(repo, one.sha),
        }

    def pull_numbered(self, repo: Repository, number: int) -> Json:
        self.require("pull_requests:read")
        for one in repo.pulls:
            if one.number == number:
                return self.pull(one)
        raise failed(
            "NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}."
        )

    def pull(self, one: Pull) -> Json:
        seen = [
            review
            for review in one.reviews
            if review.state != "PENDING" or review.author == self.token.user
        ]
        threads = [thread for thread in one.threads if thread.comments[0].review in seen]
        files = one.files[: self.github.limits.files]
        return {
            "__typename": "PullRequest",
            "record": one,
            "id": node_id("PR", one.id),
            "databaseId": _short(one.id),
            "fullDatabaseId": str(one.id),
            "number": one.number,
            "title": one.title,
            "body": one.body or "",
            "state": one.state.upper(),
            "isDraft": one.draft,
            "url": one.url,
            "author": self.user(one.author),
            "createdAt": one.created_at,
            "headRefOid": one.head_sha,
            "headRefName": one.head,
            "baseRefOid": one.base_sha,
            "baseRefName": one.base,
            "headRepository": lambda _info: self.repository(one.head_repository),
            "headRepositoryOwner": self.user(User(one.head_repository.owner))
            | {"__typename": "User"},
            "baseRepository": lambda _info: self.repository(one.repository),
            "repository": lambda _info: self.repository(one.repository),
            "isCrossRepository": one.is_from_a_fork,
            "changedFiles": len(one.files),
            "additions": sum(file.additions for file in one.files),
            "deletions": sum(file.deletions for file in one.files),
            "viewerDidAuthor": one.author == self.token.user,
            "files": connection("files", files, self._file),
            "reviews": connection("reviews", seen, self.review),
            "reviewThreads": connection("reviewThreads", threads, self.thread),
        }

    def _file(self, one: FileDiff) -> Json:
        change = CHANGE.get(one.status, one.status.upper())
        return {
            "path": one.path,
            "additions": one.additions,
            "deletions": one.deletions,
            "changeType": change,
        }

    def _written(self, one: Review | Comment, of: Pull) -> Json:
        writes = self.token.may("pull_requests:write")
        return {
            "record": one,
            "databaseId": _short(one.id),
            "fullDatabaseId": str(one.id),
            "author": self.user(one.author),
            "authorAssociation": "NONE",
            "body": one.body,
            "createdAt": one.created_at,
            "editor": self.user(User(one.edits[-1])) if one.edits else None,
            "includesCreatedEdit": bool(one.edits),
            "viewerDidAuthor": one.author == self.token.user,
            "viewerCanDelete": writes,
            "viewerCanUpdate": writes,
            "pullRequest": lambda _info: self.pull(of),
            "repository": lambda _info: self.repository(of.repository),
        }

    def review(self, one: Review) -> Json:
        of = one.pull
        comments = one.comments
        return self._written(one, of) | {
            "__typename": "PullRequestReview",
            "id": node_id("PRR", one.id),
            "url": f"{of.url}#pullrequestreview-{one.id}",
            "updatedAt": one.submitted_at or one.created_at,
            "publishedAt": one.submitted_at,
            "lastEditedAt": one.submitted_at if one.edits else None,
            "submittedAt": one.submitted_at,
            "state": one.state,
            "commit": lambda _info: self.object(of.repository, one.commit),
            "comments": connection("comments", comments, self.comment),
        }

    def thread(self, one: Thread) -> Json:
        now, began, of = one.now, one.began, one.pull
        return {
            "__typename": "PullRequestReviewThread",
            "record": one,
            "id": node_id("PRRT", one.id),
            "isResolved": one.resolved_by is not None,
            "isCollapsed": one.resolved_by is not None,
            "isOutdated": now is None,
            "path": now.path if now else began.path,
            "line": now.line if now else None,
            "startLine": now.start_line if now else None,
            "originalLine": began.line,
            "originalStartLine": began.start_line,
            "diffSide": began.side,
            "startDiffSide": began.first_side if began.start_line is not None else None,
            "subjectType": began.subject_type.upper(),
            "resolvedBy": self.user(one.resolved_by) if one.resolved_by else None,
            "comments": connection("comments", one.comments, self.comment),
            "pullRequest": lambda _info: self.pull(of),
            "repository": lambda _info: self.repository(of.repository),
        }

    def comment(self, one: Comment) -> Json:
        of = one.thread.pull
        first = next((other for other in of.comments if other.id == one.in_reply_to), None)
        return self._written(one, of) | {
            "__typename": "PullRequestReviewComment",
            "id": node_id("PRRC", one.id),
            "url": f"{of.url}#discussion_r{one.id}",
            "updatedAt": one.updated_at,
            "publishedAt": one.created_at,
            "lastEditedAt": one.updated_at if one.edits else None,
            "path": one.path,
            "line": one.line,
            "startLine": one.start_line,
            "originalLine": one.original_line,
            "originalStartLine": one.thread.began.start_line,
            "outdated": one.outdated,
            "diffHunk": one.thread.diff_hunk,
            "subjectType": one.subject_type.upper(),
            "state": "PENDING" if one.review.state == "PENDING" else "SUBMITTED",
            "isMinimized": one.minimized is not None,
            "minimizedReason": one.minimized,
            "replyTo": (lambda _info: self.comment(first)) if first else None,
            "pullRequestReview": lambda _info: self.review(one.review),
            "commit": lambda _info: self.object(of.repository, of.head_sha),
            "originalCommit": lambda _info: self.object(of.repository, one.thread.commit),
        }

"""What a client may read: the change, its files, its reviews."""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from . import payloads
from .exchange import Answer, Refused
from .git import EMPTY_TREE, GitObject, TreeEntry
from .payloads import Json
from .repository import Repository
from .routes import Call, answers

REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{pull_number}"


@answers("GET /rate_limit")
def rate_limit(call: Call) -> Answer:
    github = call.github
    left = max(github.limits.requests - github.used, 0)
    rate = {
        "limit": github.limits.requests,
        "used": github.used,
        "remaining": left,
        "reset": github.reset,
    }
    return Answer(
        200, {"resources": dict.fromkeys(("core", "search", "graphql"), rate), "rate": rate}
    )


@answers(f"GET {REPO}", "metadata:read")
def repository(call: Call) -> Answer:
    return Answer(200, payloads.full_repository(call.repository))


@answers(f"GET {PULL}", "pull_requests:read")
def pull(call: Call) -> Answer:
    if ".diff" in call.request.accept or ".patch" in call.request.accept:
        call.github.violate(f"GET {call.request.path}", "the stand-in answers no diff media type")
        raise Refused(406, "Sorry, the diff exceeded the maximum number of files (300).")
    return Answer(200, payloads.pull(call.pull))


@answers(f"GET {PULL}/files", "pull_requests:read")
def files(call: Call) -> Answer:
    of = call.pull
    return call.page(of.files[: call.github.limits.files], lambda file: payloads.file(file, of))


@answers(f"GET {PULL}/reviews", "pull_requests:read")
def reviews(call: Call) -> Answer:
    return call.page([one for one in call.pull.reviews if call.shows(one)], payloads.review)


@answers(f"GET {PULL}/reviews/{{review_id}}", "pull_requests:read")
def review(call: Call) -> Answer:
    return Answer(200, payloads.review(call.review))


@answers(f"GET {PULL}/comments", "pull_requests:read")
def comments(call: Call) -> Answer:
    asked = call.request.query
    found = [one for one in call.pull.comments if one.review.state != "PENDING"]
    found = [one for one in found if one.updated_at >= asked.get("since", "")]
    by = "updated_at" if asked.get("sort") == "updated" else "created_at"
    down = "sort" in asked and asked.get("direction") == "desc"
    return call.page(
        sorted(found, key=lambda one: str(getattr(one, by)), reverse=down), payloads.comment
    )


@answers(f"GET {REPO}/pulls/comments/{{comment_id}}", "pull_requests:read")
def comment(call: Call) -> Answer:
    return Answer(200, payloads.comment(call.comment))


@answers(f"GET {REPO}/issues/{{issue_number}}/comments", "issues:read or pull_requests:read")
def issue_comments(call: Call) -> Answer:
    since = call.request.query.get("since", "")
    found = [one for one in call.pull.issue_comments if one.updated_at >= since]
    return call.page(found, payloads.issue_comment)


@answers(f"GET {REPO}/issues/comments/{{comment_id}}", "issues:read or pull_requests:read")
def issue_comment(call: Call) -> Answer:
    return Answer(200, payloads.issue_comment(call.issue_comment))


@answers(f"GET {REPO}/git/blobs/{{file_sha}}", "contents:read")
def blob(call: Call) -> Answer:
    sha = call.values["file_sha"]
    if len(sha) != 40 or set(sha) - set("0123456789abcdef"):
        raise Refused(
            422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f]."
        )
    found = call.repository.git.read(sha)
    if found is None or found.kind != "blob":
        raise Refused(404, "Not Found")
    if len(found.content) > call.github.limits.blob:
        raise Refused(
            403, "This API returns blobs up to 100 MB in size. The requested blob is too large."
        )
    if "raw" in call.request.accept:
        return Answer(
            200, content=found.content, headers={"Content-Type": "application/vnd.github.raw"}
        )
    return Answer(200, payloads.blob(call.repository, found))


@answers(f"GET {REPO}/git/trees/{{tree_sha}}", "contents:read")
def tree(call: Call) -> Answer:
    repo, named = call.repository, call.values["tree_sha"]
    found = repo.git.read(f"{repo.resolve(named) or named}^{{tree}}")
    if found is None and named != EMPTY_TREE:
        raise Refused(404, "Not Found")
    sha = found.sha if found else EMPTY_TREE
    entries = repo.git.tree(sha) if found else ()
    if "recursive" not in call.request.query:
        entries = tuple(one for one in entries if "/" not in one.path)
    url = f"{call.github.api_url}/repos/{repo.full_name}/git"
    kept = entries[: call.github.limits.tree_entries]
    told = [_entry(one, url) for one in kept]
    answer = {
        "sha": sha,
        "url": f"{url}/trees/{sha}",
        "tree": told,
        "truncated": len(kept) < len(entries),
    }
    return Answer(200, answer)


def _entry(one: TreeEntry, url: str) -> Json:
    told: Json = {"path": one.path, "mode": one.mode, "type": one.kind, "sha": one.sha}
    if one.size is not None:
        told["size"] = one.size
    return told if one.kind == "commit" else told | {"url": f"{url}/{one.kind}s/{one.sha}"}


@answers(f"GET {REPO}/contents/{{path}}", "contents:read")
def contents(call: Call) -> Answer:
    repo, path = call.repository, call.values["path"].strip("/")
    ref = call.request.query.get("ref") or repo.default_branch
    commit = repo.resolve(ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    entries = {one.path: one for one in repo.git.tree(commit)}
    if path == "" or (path in entries and entries[path].kind == "tree"):
        below = [one for one in entries.values() if posixpath.dirname(one.path) == path]
        return Answer(200, [_listed(repo, one, ref) for one in below])
    if path not in entries:
        raise Refused(404, "Not Found")
    return _content(call, repo, entries, entries[path], ref)


def _content(
    call: Call, repo: Repository, entries: dict[str, TreeEntry], one: TreeEntry, ref: str
) -> Answer:
    found = repo.git.read(one.sha)
    assert found is not None
    if one.mode == "120000":
        target = found.content.decode(errors="replace")
        aimed = entries.get(posixpath.normpath(posixpath.join(posixpath.dirname(one.path), target)))
        if aimed is None or aimed.kind != "blob":
            return Answer(200, _listed(repo, one, ref) | {"type": "symlink", "target": target})
        found = repo.git.read(aimed.sha) or found
    if len(found.content) > call.github.limits.blob:
        raise Refused(
            403, "This API returns blobs up to 100 MB in size. The requested blob is too large."
        )
    if "raw" in call.request.accept:
        return Answer(
            200, content=found.content, headers={"Content-Type": "application/vnd.github.raw"}
        )
    return Answer(200, _listed(repo, one, ref) | _text(call, found))


def _text(call: Call, found: GitObject) -> Json:
    fits = len(found.content) <= call.github.limits.contents
    coded = payloads.in_base64(found.content) if fits else ""
    told = {"type": "file", "sha": found.sha, "size": len(found.content)}
    return told | {"content": coded, "encoding": "base64" if fits else "none"}


def _listed(repo: Repository, one: TreeEntry, ref: str) -> Json:
    api = f"{repo.github.api_url}/repos/{repo.full_name}"
    path = quote(one.path)
    url = f"{api}/contents/{path}?ref={quote(ref)}"
    git = f"{api}/git/{'trees' if one.kind == 'tree' else 'blobs'}/{one.sha}"
    page = f"{repo.github.server_url}/{repo.full_name}/blob/{ref}/{path}"
    kinds = {"tree": "dir", "commit": "submodule"}
    return {
        "name": posixpath.basename(one.path),
        "path": one.path,
        "sha": one.sha,
        "size": one.size or 0,
        "url": url,
        "html_url": page,
        "git_url": git,
        "download_url": None if one.kind != "blob" else page.replace("/blob/", "/raw/"),
        "type": "symlink" if one.mode == "120000" else kinds.get(one.kind, "file"),
        "_links": {"self": url, "git": git, "html": page},
    }

"""Every object has the fields that GitHub's published description requires of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .diff import FileDiff
from .git import GitObject
from .records import Comment, IssueComment, Review, User, node_id

if TYPE_CHECKING:
    from .pull import Pull
    from .repository import Repository
    from .service import GitHub

Json = dict[str, Any]
ENDS_OF_A_REPOSITORY = (
    "archive_url={archive_format}{/ref} assignees_url=assignees{/user} blobs_url=git/blobs{/sha} "
    "branches_url=branches{/branch} collaborators_url=collaborators{/collaborator} comments_url=comments{/number} "
    "commits_url=commits{/sha} compare_url=compare/{base}...{head} contents_url=contents/{+path} "
    "contributors_url=contributors deployments_url=deployments downloads_url=downloads events_url=events "
    "forks_url=forks git_commits_url=git/commits{/sha} git_refs_url=git/refs{/sha} git_tags_url=git/tags{/sha} "
    "hooks_url=hooks issue_comment_url=issues/comments{/number} issue_events_url=issues/events{/number} "
    "issues_url=issues{/number} keys_url=keys{/key_id} labels_url=labels{/name} languages_url=languages "
    "merges_url=merges milestones_url=milestones{/number} notifications_url=notifications{?since,all,participating} "
    "pulls_url=pulls{/number} releases_url=releases{/id} stargazers_url=stargazers statuses_url=statuses/{sha} "
    "subscribers_url=subscribers subscription_url=subscription tags_url=tags teams_url=teams trees_url=git/trees{/sha}"
)
ENDS_OF_A_USER = (
    "events_url=events{/privacy} followers_url=followers following_url=following{/other_user} "
    "gists_url=gists{/gist_id} organizations_url=orgs received_events_url=received_events repos_url=repos "
    "starred_url=starred{/owner}{/repo} subscriptions_url=subscriptions"
)


def user(github: GitHub, one: User) -> Json:
    url = f"{github.api_url}/users/{quote(one.login)}"
    page = f"{github.server_url}/{'apps/' if one.is_bot else ''}{one.graphql_login}"
    ends = (end.split("=", 1) for end in ENDS_OF_A_USER.split())
    return {name: f"{url}/{end}" for name, end in ends} | {
        "login": one.login,
        "id": one.id,
        "node_id": node_id("BOT" if one.is_bot else "U", one.id),
        "avatar_url": f"{github.server_url}/avatars/{one.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        "type": "Bot" if one.is_bot else "User",
        "site_admin": False,
    }


def repository(one: Repository) -> Json:
    github = one.github
    url = f"{github.api_url}/repos/{one.full_name}"
    page = f"{github.server_url}/{one.full_name}"
    ends = (end.split("=", 1) for end in ENDS_OF_A_REPOSITORY.split())
    counts = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"
    absent = "description homepage language license mirror_url"
    yes_or_no = {"has_issues": True, "has_projects": True, "has_wiki": True, "has_pages": False}
    return (
        {name: f"{url}/{end}" for name, end in ends}
        | dict.fromkeys(counts.split(), 0)
        | dict.fromkeys(absent.split())
        | dict.fromkeys(("created_at", "updated_at", "pushed_at"), "2024-01-01T10:00:00Z")
        | yes_or_no
        | {
            "id": one.id,
            "node_id": node_id("R", one.id),
            "name": one.name,
            "full_name": one.full_name,
            "owner": user(github, User(one.owner)),
            "private": False,
            "visibility": "public",
            "html_url": page,
            "url": url,
            "fork": one.parent is not None,
            "clone_url": f"{page}.git",
            "git_url": f"{page}.git",
            "ssh_url": f"{page}.git",
            "svn_url": page,
            "default_branch": one.default_branch,
            "has_downloads": True,
            "has_discussions": False,
            "archived": False,
            "disabled": False,
        }
    )


def full_repository(one: Repository) -> Json:
    origin = (
        {} if one.parent is None else dict.fromkeys(("parent", "source"), repository(one.parent))
    )
    return repository(one) | {"network_count": 0, "subscribers_count": 0} | origin


def end(github: GitHub, repo: Repository, ref: str, sha: str) -> Json:
    owner = user(github, User(repo.owner))
    return {
        "label": f"{repo.owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": owner,
        "repo": repository(repo),
    }


def pull(one: Pull) -> Json:
    repo, github = one.repository, one.repository.github
    url = f"{github.api_url}/repos/{repo.full_name}/pulls/{one.number}"
    issue = f"{github.api_url}/repos/{repo.full_name}/issues/{one.number}"
    links = {
        "self": url,
        "html": one.url,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{github.api_url}/repos/{repo.full_name}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{github.api_url}/repos/{repo.full_name}/statuses/{one.head_sha}",
    }
    named = ("comments", "review_comments", "review_comment", "commits", "statuses", "issue")
    absent = "active_lock_reason assignee auto_merge closed_at merge_commit_sha merged_at merged_by milestone rebaseable"
    return (
        {f"{name}_url": links[name] for name in named}
        | dict.fromkeys(absent.split())
        | {
            "url": url,
            "id": one.id,
            "node_id": node_id("PR", one.id),
            "html_url": one.url,
            "diff_url": f"{one.url}.diff",
            "patch_url": f"{one.url}.patch",
            "number": one.number,
            "state": one.state,
            "locked": False,
            "title": one.title,
            "user": user(github, one.author),
            "body": one.body,
            "created_at": one.created_at,
            "updated_at": one.created_at,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "labels": [],
            "draft": one.draft,
            "head": end(github, one.head_repository, one.head, one.head_sha),
            "base": end(github, repo, one.base, one.base_sha),
            "_links": {name: {"href": href} for name, href in links.items()},
            "author_association": "CONTRIBUTOR",
            "merged": False,
            "mergeable": True,
            "mergeable_state": "clean",
            "maintainer_can_modify": one.is_from_a_fork,
            "comments": len(one.issue_comments),
            "review_comments": len(one.comments),
            "commits": len(one.commits),
            "additions": sum(file.additions for file in one.files),
            "deletions": sum(file.deletions for file in one.files),
            "changed_files": len(one.files),
        }
    )


def file(one: FileDiff, of: Pull) -> Json:
    github, head = of.repository.github, of.head_sha
    commit = of.merge_base if one.status == "removed" else head
    where = f"{github.server_url}/{of.repository.full_name}"
    path = quote(one.path, safe="")
    told: Json = {
        "sha": one.blob,
        "filename": one.path,
        "status": one.status,
        "additions": one.additions,
        "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{where}/blob/{commit}/{path}",
        "raw_url": f"{where}/raw/{commit}/{path}",
        "contents_url": f"{github.api_url}/repos/{of.repository.full_name}/contents/{path}?ref={commit}",
    }
    if of.shows_patch(one):
        told["patch"] = one.patch
    if one.previous_path is not None:
        told["previous_filename"] = one.previous_path
    return told


def review(one: Review) -> Json:
    github, of = one.pull.repository.github, one.pull
    page = f"{of.url}#pullrequestreview-{one.id}"
    url = f"{github.api_url}/repos/{of.repository.full_name}/pulls/{of.number}"
    told: Json = {
        "id": one.id,
        "node_id": node_id("PRR", one.id),
        "user": user(github, one.author),
        "body": one.body,
        "state": one.state,
        "html_url": page,
        "pull_request_url": url,
        "author_association": "NONE",
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "commit_id": one.commit,
    }
    return told if one.submitted_at is None else told | {"submitted_at": one.submitted_at}


def comment(one: Comment) -> Json:
    of, thread = one.thread.pull, one.thread
    github = of.repository.github
    repo_url = f"{github.api_url}/repos/{of.repository.full_name}"
    url, page = f"{repo_url}/pulls/comments/{one.id}", f"{of.url}#discussion_r{one.id}"
    current = next((file for file in of.files if file.path == one.path), None)
    told: Json = {
        "url": url,
        "pull_request_review_id": one.review.id,
        "id": one.id,
        "node_id": node_id("PRRC", one.id),
        "diff_hunk": thread.diff_hunk,
        "path": one.path,
        "position": current.position(one.side, one.line)
        if current and one.line is not None
        else None,
        "original_position": thread.position,
        "commit_id": thread.commit if one.outdated else of.head_sha,
        "original_commit_id": thread.commit,
        "user": user(github, one.author),
        "body": one.body,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "html_url": page,
        "pull_request_url": f"{repo_url}/pulls/{of.number}",
        "author_association": "NONE",
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "pull_request": {"href": f"{repo_url}/pulls/{of.number}"},
        },
        "reactions": _no_reactions(f"{url}/reactions"),
        "start_line": one.start_line,
        "original_start_line": thread.began.start_line,
        "start_side": one.start_side,
        "line": one.line,
        "original_line": one.original_line,
        "side": one.side,
        "subject_type": one.subject_type,
    }
    return told if one.in_reply_to is None else told | {"in_reply_to_id": one.in_reply_to}


def issue_comment(one: IssueComment) -> Json:
    of = one.pull
    github = of.repository.github
    repo_url = f"{github.api_url}/repos/{of.repository.full_name}"
    url = f"{repo_url}/issues/comments/{one.id}"
    return {
        "url": url,
        "html_url": f"{of.url}#issuecomment-{one.id}",
        "issue_url": f"{repo_url}/issues/{of.number}",
        "id": one.id,
        "node_id": node_id("IC", one.id),
        "user": user(github, one.author),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "author_association": "NONE",
        "body": one.body,
        "reactions": _no_reactions(f"{url}/reactions"),
    }


def _no_reactions(url: str) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": url, "total_count": 0} | dict.fromkeys(kinds, 0)


def blob(repo: Repository, one: GitObject) -> Json:
    return {
        "sha": one.sha,
        "node_id": f"B_{one.sha}",
        "size": len(one.content),
        "url": f"{repo.github.api_url}/repos/{repo.full_name}/git/blobs/{one.sha}",
        "content": in_base64(one.content),
        "encoding": "base64",
    }


def in_base64(content: bytes) -> str:
    """GitHub breaks its base64 after every sixty characters."""
    coded = base64.b64encode(content).decode()
    return "".join(f"{coded[start : start + 60]}\n" for start in range(0, len(coded), 60))

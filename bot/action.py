"""The GitHub Action: the environment comes in, real clients are built, an exit status goes out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TextIO

from bot import settings
from bot.discussion.compose import compose
from bot.discussion.content import Content
from bot.discussion.unposted import unposted
from bot.errors import ConfigurationError, LockstepError
from bot.event import change as change_of
from bot.frameworks import frameworks
from bot.inputs import Inputs, inputs
from bot.isolation.limits import conceal
from bot.isolation.messages import Publication, Task
from bot.isolation.process import Isolated
from bot.model.pull_request import Change, Listed, MergeGroup, Place, PullRequest, Read, Wanted
from bot.model.wording import plain
from bot.remote import (
    added_among,
    configuration_among,
    migrations_among,
    modified_among,
    removed_among,
    superseded,
    unread,
    wanted,
)
from bot.rules import names as rule_names
from bot.settings import Settings, TableStats
from bot.trees import differences

if TYPE_CHECKING:
    from bot.host.github import GitHub

REPORT = "lockstep-report.json"  # below the workspace, where later steps find it
STATS = ".github/lockstep-stats.json"
ANNOTATIONS = ("::error ", "::warning ", "::notice ")


def main() -> None:
    conceal()
    sys.exit(run(os.environ, sys.stdout))


def run(
    environment: Mapping[str, str], log: TextIO, isolated: Callable[[], Isolated] = Isolated
) -> int:
    """The exit status: 0, 1 for findings, 2 where something was not analysed or went wrong."""
    try:
        with isolated() as process:  # it loads what it needs while GitHub is asked
            return _run(environment, log, process)
    except LockstepError as error:
        message = str(error)
    except Exception as error:  # whatever it is, the gate stays shut and says so
        message = f"pg-lockstep has a fault of its own, please report it: {error!r}"
    print(f"::error title=pg-lockstep::{_escaped(message)}", file=log)
    return 2


def _run(environment: Mapping[str, str], log: TextIO, isolated: Isolated) -> int:
    from bot.host.github import Credentials, GitHub

    wishes = inputs(environment)
    change = change_of(
        environment.get("GITHUB_EVENT_PATH", ""), environment.get("GITHUB_EVENT_NAME", "")
    )
    api_url = environment.get("GITHUB_API_URL", "https://api.github.com")
    graphql_url = environment.get("GITHUB_GRAPHQL_URL", "")
    github = GitHub(Credentials(wishes.token, api_url, graphql_url))
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    task = _task(github, change, wishes, server)
    told = isolated.publication(task, lambda more: github.read(change, more))

    log.write(_commands(told.log))
    _append(environment.get("GITHUB_STEP_SUMMARY"), told.summary)
    workspace = Path(environment.get("GITHUB_WORKSPACE", "."))
    _write(workspace / REPORT, told.report)
    if wishes.sarif:
        _write(_below(workspace, wishes.sarif), told.sarif or "")
    url = ""
    if told.content and isinstance(change, PullRequest):
        try:
            url = _published(github, change, told.content, wishes)
        except LockstepError as error:  # the verdict never hangs on it
            log.write(_unposted(error, change, environment.get("GITHUB_ACTOR", "")))
            comments = unposted(told.content, told.summary)
            _append(environment.get("GITHUB_STEP_SUMMARY"), comments)
    _append(environment.get("GITHUB_OUTPUT"), _outputs(told, url))
    return told.status


def _task(github: GitHub, change: Change, wishes: Inputs, server: str) -> Task:
    """All that GitHub tells of `change`; raises LockstepError where that says nothing of it."""
    listed = _listed(github, change)
    migrations = migrations_among(listed.files)
    usual = (wishes.config,) if wishes.config else settings.PATHS
    ours = tuple(configuration_among(listed.files, (*usual, STATS)))
    read = github.read(change, wanted(change, migrations, (*usual, STATS), ours))
    if missed := unread(change, migrations, read):
        found = github.read(change, Wanted(files=missed))
        files = {**read.files, **found.files}
        read = replace(found, blobs=read.blobs, files=files, folders=read.folders)
    if reason := superseded(change, read):
        raise LockstepError(f"{reason}: a later run decides")
    chosen = _settings(change, read, usual, wishes)
    return Task(
        change=change,
        left_out=listed.left_out,
        migrations=migrations,
        read=read,
        settings=chosen,
        stats=_stats(github, change, read, chosen),
        server=server,
        comments=wishes.comments != "off",
        sarif=wishes.sarif is not None,
        configuration=tuple(one for one in ours if one.path in (*usual, chosen.tables.stats)),
        added=frozenset(added_among(listed.files)),
        removed=frozenset(removed_among(listed.files)),
        modified=frozenset(modified_among(listed.files)),
    )


def _listed(github: GitHub, change: Change) -> Listed:
    """The files of `change`; GitHub lists 3,000 of a pull request."""
    if isinstance(change, MergeGroup):
        return differences(change, partial(github.read, change))
    files = github.files(change)
    if change.file_count is None or change.file_count <= len(files):
        return Listed(files)
    count = f"the pull request changes {change.file_count:,} files"
    return Listed(files, f"{count}; GitHub lists {len(files):,}")


def _commands(text: str) -> str:
    """The lines of `text` that are annotations, or no workflow commands of either form."""
    return "".join(
        f"{line}\n"
        for line in re.split(r"[\r\n]+", text)
        if line.startswith(ANNOTATIONS) or (line and "::" not in line and "##[" not in line)
    )


def _settings(change: Change, read: Read, paths: tuple[str, ...], wishes: Inputs) -> Settings:
    """From the base branch, so that no pull request can switch its own gate off."""
    places = [Place(change.base_sha, path) for path in paths]
    place = next((place for place in places if place in read.files), None)
    if wishes.config and not place:
        raise ConfigurationError(f"the input `config` names {wishes.config}, which the base lacks")
    chosen = Settings()
    if place:
        text = read.files[place].decode("utf-8", "replace")
        names = rule_names(), frozenset(frameworks())
        chosen = settings.parse(text, place.path, *names)
    if wishes.postgres_version is not None:
        chosen = settings.with_version(chosen, wishes.postgres_version)
    return settings.with_threshold(chosen, wishes.fail_on)


def _stats(
    github: GitHub, change: Change, read: Read, chosen: Settings
) -> Mapping[str, TableStats]:
    """Sizes of tables as the base branch knows them; an unusual path takes a request of its own."""
    path = chosen.tables.stats
    if not path:
        return {}
    place = Place(change.base_sha, path)
    found = read if path == STATS else github.read(change, Wanted(files=(place,)))
    content = found.files.get(place)
    if content is None:
        raise ConfigurationError(f"[tables] names the file {path}, which the base branch lacks")
    return settings.parse_stats(content.decode("utf-8", "replace"), path)


def _published(github: GitHub, pull: PullRequest, content: Content, wishes: Inputs) -> str:
    """The address of the posted review, "" without one."""
    from bot.publishing import publish

    most = wishes.max_comments if wishes.comments == "inline" else 0
    return publish(github, pull, partial(compose, content, pull.head_sha, max_comments=most))


def _unposted(error: LockstepError, pull: PullRequest, actor: str) -> str:
    """GitHub gives forks and Dependabot a token that reads: nobody has to do anything about it."""
    from bot.host.failures import GitHubError

    refused = isinstance(error, GitHubError) and error.status == 403
    if refused and (pull.is_from_a_fork or actor == "dependabot[bot]"):
        said = "the token of a fork's or Dependabot's pull request may only read"
        return (
            f"::notice title=pg-lockstep::No comments were posted: {said}."
            " They stand in the job's summary.\n"
        )
    return f"::warning title=pg-lockstep::{_escaped(str(error))}\n"


def _outputs(told: Publication, url: str) -> str:
    """The outputs as the runner reads them, behind a delimiter that nobody can guess."""
    values = {
        "findings": str(told.findings),
        "errors": str(told.errors),
        "unreadable": str(told.unreadable),
        "report": REPORT,
        "review-url": url,
    }
    end = f"end_{token_hex(16)}"
    return "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items())


def _append(path: str | None, text: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise LockstepError(f"{path} cannot be written: {error.strerror}") from error


def _below(workspace: Path, name: str) -> Path:
    """Raises ConfigurationError for a file that is not below the workspace."""
    path = (workspace / name).resolve()
    if not path.is_relative_to(workspace.resolve()):
        raise ConfigurationError(f"the input `sarif` is {name}, which is not below the workspace")
    return workspace / name


def _write(path: Path, text: str) -> None:
    """Write below the workspace, never through a link that a checkout has put there."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o644), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise LockstepError(f"{path} cannot be written: {error.strerror}") from error


def _escaped(text: str) -> str:
    return plain(text).replace("%", "%25")

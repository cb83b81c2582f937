"""The GitHub Action: the environment comes in, real clients are built, an exit status goes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TextIO, cast, get_args

from bot import settings
from bot.comments.body import Desk
from bot.comments.compose import Surface, compose
from bot.comments.summary import summary
from bot.errors import ConfigurationError, LockstepError
from bot.event import pull_request
from bot.frameworks import frameworks
from bot.hunks import hunks
from bot.model.finding import Severity
from bot.model.pull_request import FileDiff, Place, PullRequest, Read
from bot.model.report import NotAnalysed, Report
from bot.model.wording import plain
from bot.pipeline import Reviewer
from bot.remote import RemoteTree, changed, migrations_among, wanted
from bot.reports import render, verdict
from bot.rules import rules
from bot.selection import Selection
from bot.settings import Settings, TableStats, Threshold

if TYPE_CHECKING:
    from bot.host.github import GitHub

REPORT = "lockstep-report.json"  # below the workspace, where later steps find it
STATS = ".github/lockstep-stats.json"
COMMENTS = ("inline", "summary", "off")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow passes with `with:`; None where it passes nothing."""

    comments: str
    max_comments: int
    fail_on: Threshold | None
    postgres_version: int | None
    config: str | None
    sarif: str | None


def main() -> None:
    sys.exit(run(os.environ, sys.stdout))


def run(environment: Mapping[str, str], log: TextIO) -> int:
    """The exit status: 0, 1 for findings, 2 where something was not analysed or went wrong."""
    try:
        return _run(environment, log)
    except LockstepError as error:
        print(f"::error title=pg-lockstep::{_escaped(str(error))}", file=log)
        return 2


def _run(environment: Mapping[str, str], log: TextIO) -> int:
    from bot.host.github import Credentials, GitHub

    inputs = _inputs(environment)
    token = environment.get("INPUT_TOKEN", "")
    if not token:
        raise ConfigurationError("the input `token` is empty: leave it out, or pass a token")
    pull = pull_request(
        environment.get("GITHUB_EVENT_PATH", ""), environment.get("GITHUB_EVENT_NAME", "")
    )
    github = GitHub(Credentials(token, environment.get("GITHUB_API_URL", "https://api.github.com")))
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    files = github.files(pull)
    usual = (inputs.config,) if inputs.config else settings.PATHS
    migrations = migrations_among(files)
    read = github.read(pull, wanted(pull, migrations, (*usual, STATS)))
    chosen = _settings(pull, read, usual, inputs)
    selection = Selection(chosen, RemoteTree(pull.head_sha, read))
    reviewer = Reviewer(selection, _stats(pull, read, chosen))
    report = _complete(reviewer.review(changed(pull, migrations, read)), pull, files)

    log.write(render(report, chosen.fail_on, "github"))
    _append(environment.get("GITHUB_STEP_SUMMARY"), summary(report, chosen.fail_on))
    workspace = Path(environment.get("GITHUB_WORKSPACE", "."))
    _write(workspace / REPORT, render(report, chosen.fail_on, "json"))
    if inputs.sarif:
        _write(workspace / inputs.sarif, render(report, chosen.fail_on, "sarif"))
    desk = Desk(f"{server}/{pull.head_repository}", pull.head_ref)
    url = _posted(github, pull, read, report, _surface(migrations, desk), inputs, log)
    _outputs(environment.get("GITHUB_OUTPUT"), report, url)
    return verdict(report, chosen.fail_on)


def _inputs(environment: Mapping[str, str]) -> Inputs:
    """Raises ConfigurationError naming the input that is wrong."""

    def text(name: str) -> str | None:
        return environment.get(f"INPUT_{name.upper()}", "").strip() or None

    def number(name: str) -> int | None:
        value = text(name)
        if value is not None and not value.isdecimal():
            raise ConfigurationError(f'the input `{name}` is "{value}"; a whole number is right')
        return None if value is None else int(value)

    def one_of(name: str, values: tuple[str, ...]) -> str | None:
        value = text(name)
        if value is not None and value not in values:
            raise ConfigurationError(f'the input `{name}` is "{value}"; right is {_either(values)}')
        return value

    limit = number("max-comments")
    return Inputs(
        comments=one_of("comments", COMMENTS) or COMMENTS[0],
        max_comments=25 if limit is None else limit,
        fail_on=cast("Threshold | None", one_of("fail-on", get_args(Threshold))),
        postgres_version=number("postgres-version"),
        config=text("config"),
        sarif=text("sarif"),
    )


def _either(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _settings(pull: PullRequest, read: Read, paths: tuple[str, ...], inputs: Inputs) -> Settings:
    """From the base branch, so that no pull request can switch its own gate off."""
    places = [Place(pull.base_sha, path) for path in paths]
    place = next((place for place in places if place in read.files), None)
    if inputs.config and not place:
        raise ConfigurationError(f"the input `config` names {inputs.config}, which the base lacks")
    chosen = Settings()
    if place:
        text = read.files[place].decode("utf-8", "replace")
        names = frozenset(rules()), frozenset(frameworks())
        chosen = settings.parse(text, place.path, *names)
    if inputs.postgres_version is not None:
        chosen = settings.with_version(chosen, inputs.postgres_version)
    return settings.with_threshold(chosen, inputs.fail_on)


def _stats(pull: PullRequest, read: Read, chosen: Settings) -> Mapping[str, TableStats]:
    path = chosen.tables.stats
    if not path:
        return {}
    content = read.files.get(Place(pull.base_sha, path))
    if content is None:
        raise ConfigurationError(f"[tables] names the file {path}, which the base branch lacks")
    return settings.parse_stats(content.decode("utf-8", "replace"), path)


def _complete(report: Report, pull: PullRequest, files: tuple[FileDiff, ...]) -> Report:
    """GitHub lists 3,000 files of a pull request; what it leaves out was not analysed."""
    if pull.file_count is None or pull.file_count <= len(files):
        return report
    reason = f"the pull request changes {pull.file_count:,} files; GitHub lists {len(files):,}"
    return replace(report, unreadable=(*report.unreadable, NotAnalysed(".", reason)))


def _surface(migrations: tuple[FileDiff, ...], desk: Desk) -> Surface:
    return Surface(
        {file.path: hunks(file.patch) if file.patch else None for file in migrations}, desk
    )


def _posted(
    github: GitHub,
    pull: PullRequest,
    read: Read,
    report: Report,
    surface: Surface,
    inputs: Inputs,
    log: TextIO,
) -> str:
    """The address of the new review, "" where none was posted. The verdict never hangs on it."""
    if inputs.comments == "off":
        return ""
    if read.head_sha != pull.head_sha:
        print("A newer commit is the head by now: its own run will post the review.", file=log)
        return ""
    inline = inputs.comments == "inline"
    review = compose(
        report,
        surface,
        pull.head_sha,
        read.own_texts,
        max_comments=inputs.max_comments,
        inline=inline,
    )
    if review is None:
        return ""
    try:
        return github.post(pull, review)
    except LockstepError as error:
        print(f"::warning title=pg-lockstep::{_escaped(str(error))}", file=log)
        return ""


def _outputs(path: str | None, report: Report, url: str) -> None:
    errors = sum(remark.severity is Severity.ERROR for remark in report.remarks)
    values = {
        "findings": str(len(report.remarks)),
        "errors": str(errors),
        "unreadable": str(len(report.unreadable)),
        "report": REPORT,
        "review-url": url,
    }
    end = f"end_{token_hex(16)}"  # nobody can guess it, so no value can end itself
    _append(path, "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items()))


def _append(path: str | None, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LockstepError(f"{path} cannot be written: {error.strerror}") from error


def _escaped(text: str) -> str:
    return plain(text).replace("%", "%25")

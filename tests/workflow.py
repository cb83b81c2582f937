"""A job of GitHub Actions around the action: its environment, its files, and its log."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.action import run
from bot.isolation.process import Isolated
from tests.container.image import Container
from tests.runner import outputs
from tests.stand_in import GitHub, Pull


def opened(
    github: GitHub,
    branch: Mapping[str, str | bytes | None],
    base: Mapping[str, str | bytes | None] | None = None,
) -> Pull:
    """A pull request of what `branch` changes of `base`."""
    repository = github.repository("acme/shop")
    repository.commit("main", {"README.md": "", **(base or {})})
    repository.branch("feature", "main")
    repository.commit("feature", branch)
    return repository.open_pull("feature")


@dataclass(frozen=True)
class Outcome:
    status: int
    log: str
    summary: str
    outputs: dict[str, str]


@dataclass
class Job:
    """Runs the action on a pull request of the stand-in, as a workflow would."""

    github: GitHub
    folder: Path
    container: Container | None = None
    isolated: Callable[[], Isolated] = Isolated
    permissions: dict[str, str] = field(
        default_factory=lambda: {"contents": "read", "pull_requests": "write"}
    )

    def environment(self, pull: Pull, event: str = "pull_request", **inputs: str) -> dict[str, str]:
        for name in ("summary", "output"):
            (self.folder / name).write_text("")
        return {
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_SERVER_URL": self.github.server_url,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.github.event_file(pull, event=event)),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_WORKSPACE": str(self.folder),
            "INPUT_TOKEN": self.github.token(self.permissions),
            **{f"INPUT_{name.upper().replace('_', '-')}": value for name, value in inputs.items()},
        }

    def run(self, pull: Pull, event: str = "pull_request", **inputs: str) -> Outcome:
        return self.run_in(self.environment(pull, event, **inputs))

    def run_in(self, environment: Mapping[str, str]) -> Outcome:
        """One run; inside the container where there is one, with this folder mounted."""
        if self.container:
            ran = self.container.run(
                environment=environment,
                mounts={str(self.folder): self.folder, **self._event_mount(environment)},
                workdir=str(self.folder),
            )
            return self.outcome(ran.returncode, ran.stdout + ran.stderr)
        log = io.StringIO()
        return self.outcome(run(environment, log, self.isolated), log.getvalue())

    @staticmethod
    def _event_mount(environment: Mapping[str, str]) -> dict[str, Path]:
        path = environment["GITHUB_EVENT_PATH"]
        return {path: Path(path)}

    def outcome(self, status: int, log: str) -> Outcome:
        return Outcome(
            status,
            log,
            (self.folder / "summary").read_text(),
            outputs((self.folder / "output").read_text()),
        )

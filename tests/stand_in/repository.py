"""A repository is a git folder, a name and the pull requests opened against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .git import Git
from .pull import Pull
from .records import User

if TYPE_CHECKING:
    from .service import GitHub

Content = str | bytes | None


class Repository:
    def __init__(
        self, github: GitHub, full_name: str, folder: Path, parent: Repository | None = None
    ) -> None:
        self.github = github
        self.full_name = full_name
        self.owner, self.name = full_name.split("/")
        self.parent = parent
        self.id = github.clock.next_number()
        self.git: Git = Git(folder, parent.git if parent else None)
        self.default_branch: str = parent.default_branch if parent else "main"
        self.pulls: list[Pull] = []
        self.sarifs: list[dict[str, str]] = []

    def commit(
        self,
        branch: str,
        files: Mapping[str, Content],
        message: str = "A change",
        *,
        modes: Mapping[str, str] | None = None,
        author: str = "alice",
    ) -> str:
        """Adds one commit to a branch (made if absent); None deletes; modes "120000" makes a symbolic link."""
        written = {
            path: one.encode() if isinstance(one, str) else one for path, one in files.items()
        }
        second = self.github.clock.tick()
        tip = self.tip(branch)
        sha = self.git.commit(
            branch, written, message, modes=modes or {}, parent=tip, author=author, second=second
        )
        self._moved(branch)
        return sha

    def branch(self, name: str, from_: str = "main") -> str:
        """Points a branch at a branch or commit, moving it there if it exists (a forced push)."""
        sha = self.resolve(from_)
        if sha is None:
            raise ValueError(f"{self.full_name} has no {from_}")
        self.git.set_ref(f"refs/heads/{name}", sha)
        self._moved(name)
        return sha

    def delete_branch(self, name: str) -> None:
        self.git.delete_ref(f"refs/heads/{name}")

    def tip(self, branch: str) -> str | None:
        return self.git.commit_named(f"refs/heads/{branch}")

    def read(self, ref: str, path: str) -> bytes:
        commit = self.resolve(ref)
        found = self.git.read(f"{commit}:{path}") if commit else None
        if found is None or found.kind != "blob":
            raise FileNotFoundError(f"{path} at {ref} of {self.full_name}")
        return found.content

    def resolve(self, ref: str) -> str | None:
        """The commit of a branch, a tag, a sha or a pull request's head."""
        plain = ref.removeprefix("refs/")
        for pull in self.pulls:
            if plain == f"pull/{pull.number}/head":
                return pull.head_sha
        named = (f"refs/{plain}", f"refs/heads/{ref}", f"refs/tags/{ref}")
        found = next((sha for name in named if (sha := self.git.commit_named(name))), None)
        is_sha = len(ref) >= 7 and set(ref) <= set("0123456789abcdef")
        return found or (self.git.commit_named(ref) if is_sha else None)

    def fork(self, full_name: str) -> Repository:
        """The same repository under another owner, with the present branches."""
        copy = self.github._add(full_name, self)
        listed = self.git.run(
            "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"
        ).decode()
        for line in listed.splitlines():
            copy.git.set_ref(*line.split())
        return copy

    def open_pull(
        self,
        head: str,
        base: str = "main",
        title: str = "A change",
        *,
        fork: Repository | None = None,
        author: str = "alice",
        draft: bool = False,
        body: str | None = None,
    ) -> Pull:
        source = fork or self
        if source.tip(head) is None or self.tip(base) is None:
            raise ValueError(
                f"no branch {head} in {source.full_name}, or no {base} in {self.full_name}"
            )
        number = len(self.pulls) + 1
        pull = Pull(self, source, number, head, base, title, User(author), draft, body)
        self.pulls.append(pull)
        return pull

    def merge_queue(self, pull: Pull) -> tuple[str, str, str]:
        """Puts a pull request at the head of the queue: the base's sha, the merge's sha and its ref."""
        base = self.tip(pull.base)
        assert base is not None
        second = self.github.clock.tick()
        merged = self.git.merge(
            base, pull.head_sha, f"Merge pull request #{pull.number}", second=second
        )
        ref = f"refs/heads/gh-readonly-queue/{pull.base}/pr-{pull.number}-{base}"
        self.git.set_ref(ref, merged)
        return base, merged, ref

    def _moved(self, branch: str) -> None:
        for repository in self.github.repositories.values():
            for pull in repository.pulls:
                if pull.head_repository is self and pull.head == branch:
                    pull.synchronize()

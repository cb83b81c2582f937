"""A bare git repository on disk is what every answer is computed from."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .diff import FileDiff, read_diff

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FIRST_SECOND = 1_704_103_200  # 2024-01-01T10:00:00Z
HERMETIC = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "TZ": "UTC",
}


class GitError(Exception):
    """git refused; the message is what it wrote to standard error."""


@dataclass(frozen=True)
class GitObject:
    sha: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class TreeEntry:
    path: str
    mode: str
    kind: str
    sha: str
    size: int | None


class Git:
    """One bare repository; a fork reads and writes the objects of its parent, as on GitHub."""

    def __init__(self, folder: Path, parent: Git | None = None) -> None:
        self.folder = folder
        self.objects: Path = parent.objects if parent else folder / "objects"
        self._asking = threading.Lock()
        self._reader: subprocess.Popen[bytes] | None = None
        self._by_sha: dict[str, GitObject] = {}
        self._tips: dict[str, str] = {}
        folder.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(folder))
        if parent:
            borrowed = folder / "objects" / "info" / "alternates"
            borrowed.parent.mkdir(parents=True, exist_ok=True)
            borrowed.write_text(f"{self.objects}\n")
        self.diff = lru_cache(maxsize=None)(self._diff)
        self.merge_base = lru_cache(maxsize=None)(self._merge_base)
        self.commits_between = lru_cache(maxsize=None)(self._commits_between)
        self.tree = lru_cache(maxsize=None)(self._tree)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return (
            kept
            | HERMETIC
            | {"GIT_OBJECT_DIRECTORY": str(self.objects), "GIT_DIR": str(self.folder)}
        )

    def _command(self, *arguments: str) -> list[str]:
        settings = ("core.quotepath=false", "core.autocrlf=false", "core.logAllRefUpdates=false")
        return ["git", *(part for setting in settings for part in ("-c", setting)), *arguments]

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        done = subprocess.run(
            self._command(*arguments),
            input=given,
            capture_output=True,
            env=self._environment(),
            check=False,
        )
        if done.returncode:
            told = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise GitError(f"git {arguments[0]}: {told}")
        return done.stdout

    def read(self, name: str) -> GitObject | None:
        """The object a name stands for: a sha, `refs/heads/x`, `<sha>:<path>`, `<sha>^{tree}`."""
        if name in self._by_sha:
            return self._by_sha[name]
        if not name or "\0" in name:
            return None
        if "\n" in name:  # which ends a question; the object itself has a name without
            name = self._sha_of(name) or "missing"
        with self._asking:
            found = self._ask(name)
        if found and re.fullmatch(r"[0-9a-f]{40}(:.*|\^\{tree\})?", name):
            self._by_sha[name] = found
        return found

    def _sha_of(self, name: str) -> str | None:
        try:
            return self.run("rev-parse", "--verify", "--quiet", name).decode().strip()
        except GitError:
            return None

    def _ask(self, name: str) -> GitObject | None:
        if self._reader is None:
            self._reader = subprocess.Popen(
                self._command("cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment(),
            )
        assert self._reader.stdin and self._reader.stdout
        self._reader.stdin.write(name.encode() + b"\n")
        self._reader.stdin.flush()
        header = self._reader.stdout.readline().decode(errors="replace").rstrip("\n")
        answer = re.fullmatch(r"([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)", header)
        if answer is None:
            return None
        content = self._reader.stdout.read(int(answer[3]))
        self._reader.stdout.read(1)
        return GitObject(answer[1], answer[2], content)

    def close(self) -> None:
        if self._reader is None:
            return
        assert self._reader.stdin and self._reader.stdout
        self._reader.stdin.close()
        self._reader.wait()
        self._reader.stdout.close()
        self._reader = None

    def commit_named(self, name: str) -> str | None:
        """Remembered until a ref moves; refs move through this object only."""
        if name not in self._tips:
            found = self.read(f"{name}^{{commit}}")
            if found is None:
                return None
            self._tips[name] = found.sha
        return self._tips[name]

    def set_ref(self, ref: str, sha: str) -> None:
        self.run("update-ref", ref, sha)
        self._tips.clear()

    def delete_ref(self, ref: str) -> None:
        self.run("update-ref", "-d", ref)
        self._tips.clear()

    def _tree(self, sha: str) -> tuple[TreeEntry, ...]:
        """Every entry below a tree, folders included, in git's order."""
        listing = self.run("ls-tree", "-r", "-t", "-l", "-z", "--full-tree", sha)
        return tuple(
            _entry(record) for record in listing.decode(errors="replace").split("\0") if record
        )

    def _diff(self, old: str, new: str) -> tuple[FileDiff, ...]:
        options = (
            "-r",
            "-M",
            "-z",
            "--raw",
            "--numstat",
            "-p",
            "--full-index",
            "--no-ext-diff",
            "--no-textconv",
        )
        return read_diff(self.run("diff-tree", *options, "--unified=3", old, new))

    def _merge_base(self, one: str, other: str) -> str:
        try:
            return self.run("merge-base", one, other).decode().split()[0]
        except GitError:
            return EMPTY_TREE

    def _commits_between(self, base: str, head: str) -> tuple[str, ...]:
        return tuple(self.run("rev-list", "--reverse", head, f"^{base}").decode().split())

    def commit(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        modes: Mapping[str, str],
        parent: str | None,
        author: str,
        second: int,
    ) -> str:
        """One commit at the tip of a branch; None deletes a file."""
        who = f"{author} <{author}@users.noreply.example> {FIRST_SECOND + second} +0000".encode()
        lines = [
            b"commit refs/heads/%s" % branch.encode(),
            b"mark :1",
            b"author " + who,
            b"committer " + who,
        ]
        stream = b"\n".join(lines) + b"\n" + _counted(message.encode())
        if parent:
            stream += b"from %s\n" % parent.encode()
        for path, content in files.items():
            name = _quoted(path)
            mode = modes.get(path, "100644").encode()
            stream += (
                b"D %s\n" % name
                if content is None
                else b"M %s inline %s\n" % (mode, name) + _counted(content)
            )
        self._tips.clear()
        written = self.run("fast-import", "--quiet", "--force", given=stream + b"\nget-mark :1\n")
        return written.decode().strip()

    def merge(self, base: str, head: str, message: str, *, second: int) -> str:
        """A merge commit of two commits that do not conflict."""
        tree = self.run("merge-tree", "--write-tree", base, head).decode().split()[0]
        who = f"merge-queue <merge-queue@users.noreply.example> {FIRST_SECOND + second} +0000"
        commit = f"tree {tree}\nparent {base}\nparent {head}\nauthor {who}\ncommitter {who}\n\n{message}\n"
        return (
            self.run("hash-object", "-t", "commit", "-w", "--stdin", given=commit.encode())
            .decode()
            .strip()
        )


def _counted(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode()


def _entry(record: str) -> TreeEntry:
    facts, path = record.split("\t", 1)
    mode, kind, sha, size = facts.split()
    return TreeEntry(path, mode, kind, sha, None if size == "-" else int(size))

"""A file on which the isolated process ends, or hangs, is not analysed; all others are."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import BinaryIO, cast

from bot.errors import LockstepError
from bot.isolation.limits import LIMITS, Limits
from bot.isolation.messages import (
    MOST_BYTES,
    OUT_OF_MEMORY,
    Fault,
    Message,
    Publication,
    Task,
    UnderWay,
    Wants,
    decoded,
    receive,
    send,
)
from bot.model.pull_request import Place, Read, Wanted
from bot.model.wording import plain
from bot.remote import MAX_HISTORY

START = """
import gc, sys
gc.disable()
path, *limits = sys.argv[1:]
sys.path[:] = path.split("\\n")
from bot.isolation.child import main
main(*limits)
"""
"""It imports from where this process does: with -I and -S, nothing else tells it places."""
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE")
Fetch = Callable[[Wanted], Read]


@dataclass(frozen=True, slots=True)
class _Ended:
    """The process has ended for `reason` while it was at `paths`; `fault` where that is ours."""

    paths: tuple[str, ...]
    reason: str
    fault: bool = False

    def spoilt(self, task: Task) -> dict[str, str]:
        """The files to leave alone from now on, each with the reason.

        Of several that one step is about, the longest is likely to be at fault, unless we are.
        """
        fresh = [path for path in self.paths if path not in task.spoilt]
        if self.fault or len(fresh) < 2:
            return dict.fromkeys(fresh, self.reason)
        others = f"{len(fresh) - 1} other{'s' if len(fresh) > 2 else ''}"
        return {_longest(task, fresh): f"{self.reason}, in one step with {others}"}


class Isolated:
    """A process that begins to load what it needs at once, and is asked for one publication."""

    def __init__(self, limits: Limits = LIMITS, start: str = START) -> None:
        self._limits, self._start = limits, start
        self._left = limits.seconds_in_all
        self._fetched: dict[Place, bytes | None] = {}
        self._child = _Child(limits, start)

    def __enter__(self) -> Isolated:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.end()

    def publication(self, task: Task, fetch: Fetch) -> Publication:
        """What is to be said of `task`; `fetch` reads earlier migrations.

        Raises LockstepError where the process ends and no file is at fault.
        """
        while True:
            ended = self._attempt(task, fetch)
            if isinstance(ended, Publication):
                return ended
            spoilt = ended.spoilt(task) if self._left > 0 else self._out_of_time(task)
            if not spoilt:
                raise LockstepError(f"the review has ended early: {ended.reason}")
            task = replace(task, spoilt={**task.spoilt, **spoilt})
            self._child.end()
            self._child = _Child(self._limits, self._start)

    def _out_of_time(self, task: Task) -> dict[str, str]:
        """All files that are left, with the reason; to say so may take one more step."""
        self._left = self._limits.seconds
        seconds = self._limits.seconds_in_all
        reason = f"the analysis of all files took longer than {seconds:,g} seconds"
        return {file.path: reason for file in task.migrations if file.path not in task.spoilt}

    def _attempt(self, task: Task, fetch: Fetch) -> Publication | _Ended:
        under_way: tuple[str, ...] = ()
        question: object | None = task
        while True:
            match self._asked(question):
                case Publication() as publication:
                    return publication
                case UnderWay(paths=under_way):
                    question = None
                case Wants(paths=paths):
                    question = self._texts(task, paths, fetch)
                case Fault(reason=reason):
                    fault = "pg-lockstep has a fault of its own here, please report it"
                    return _Ended(under_way, f"{fault}: {plain(reason)[:500]}", fault=True)
                case None:
                    return _Ended(under_way, self._child.reason(self._limits))

    def _asked(self, question: object | None) -> Message | None:
        """The next message; only waiting for the process counts as its time."""
        begun = monotonic()
        seconds = min(self._limits.seconds, max(self._left, 0))
        try:
            return self._child.asked(question, seconds)
        finally:
            self._left -= monotonic() - begun

    def _texts(self, task: Task, paths: Sequence[str], fetch: Fetch) -> Mapping[Place, bytes]:
        """Of the head's files, whatever the process asks for, and each from GitHub just once."""
        places = tuple(Place(task.change.head_sha, path) for path in paths[-MAX_HISTORY:])
        missing = tuple(place for place in places if place not in self._fetched)
        if missing:
            found = fetch(Wanted(files=missing)).files
            self._fetched |= {place: found.get(place) for place in missing}
        return {
            place: content
            for place in places
            if place.path not in task.spoilt and (content := self._fetched[place]) is not None
        }


def _longest(task: Task, paths: Sequence[str]) -> str:
    """Of several files that one step is about, the one that is likely to be at fault."""
    blobs = {file.path: task.read.blobs.get(file.blob) for file in task.migrations}
    contents = {path: blob for path, blob in blobs.items() if isinstance(blob, bytes)}
    return max(paths, key=lambda path: len(contents.get(path, b"")))


class _Child:
    def __init__(self, limits: Limits, start: str) -> None:
        path = "\n".join(str(Path(entry).absolute()) for entry in sys.path)
        bounds = (str(limits.seconds_in_all), str(limits.megabytes))
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", start, path, *bounds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the runner takes what it reads there for commands
            env={},
            cwd="/",
        )

    def asked(self, question: object | None, seconds: float) -> Message | None:
        """The answer to `question`, or what it says by itself; None where it has ended."""
        timer = Timer(seconds, self._stop)
        timer.start()
        try:
            if question is not None:
                send(cast("BinaryIO", self._process.stdin), pickle.dumps(question))
            message = receive(cast("BinaryIO", self._process.stdout), MOST_BYTES)
        except OSError:  # it has ended before it read the question
            return None
        finally:
            timer.cancel()
        return None if message is None else decoded(message)

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        with suppress(OSError), self._process:  # what it was not given is lost with it
            pass

    def reason(self, limits: Limits) -> str:
        """Why it has ended, for the author of the file."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "its analysis gave no answer that could be read"
        name = signal.Signals(-status).name if status < 0 else ""
        if self._late or name == "SIGXCPU":
            return f"its analysis took longer than {limits.seconds:,g} seconds"
        if name in _CRASHES:
            return f"PostgreSQL's parser crashed on it ({name})"
        if status == OUT_OF_MEMORY:
            return f"its analysis needed more than {limits.megabytes:,} MB of memory"
        return f"its analysis was ended by {name}" if name else f"its analysis ended with {status}"

"""The isolated process reads one task, says what it is at, and answers with a publication."""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from bot.isolation.limits import Limits, bound, shut
from bot.isolation.messages import (
    OUT_OF_MEMORY,
    Fault,
    Task,
    UnderWay,
    Wants,
    encoded,
    receive,
    send,
)
from bot.isolation.rehearsal import rehearse
from bot.model.pull_request import Place, Read, Wanted
from bot.publication import publication


def main(seconds_in_all: str, megabytes: str) -> None:
    bound(Limits(seconds_in_all=float(seconds_in_all), megabytes=int(megabytes)))
    rehearse()  # what is imported when it is first needed cannot be opened later on
    gc.freeze()
    gc.enable()
    shut()
    try:
        _answer(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _answer(questions: BinaryIO, answers: BinaryIO) -> None:
    given = receive(questions, sys.maxsize)
    if given is None:
        return  # nobody wants anything
    task: Task = pickle.loads(given)  # noqa: S301 (from the process that started this one)

    def begins(paths: Sequence[str]) -> None:
        send(answers, encoded(UnderWay(tuple(paths))))

    def fetch(wanted: Wanted) -> Read:
        send(answers, encoded(Wants(tuple(place.path for place in wanted.files))))
        more: Mapping[Place, bytes] = pickle.loads(receive(questions, sys.maxsize) or b"")  # noqa: S301
        return Read(files=more)

    try:
        told = encoded(publication(task, fetch, begins))
    except MemoryError:
        raise
    except Exception as error:  # whatever it is, it costs the files under way and no others
        told = encoded(Fault(repr(error)))
    send(answers, told)

"""What passes between the two processes: a task goes in, texts and numbers come out.

What goes in is ours, and is pickled. What comes out was in the hands of whoever wrote the SQL: it
is JSON of these few types, and is checked as it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from msgspec import DecodeError, Struct, ValidationError, json

from bot.discussion.content import Content
from bot.model.pull_request import Change, FileDiff, Read
from bot.settings import Settings, TableStats

_LENGTH = 8  # bytes of a message's length, before it
MOST_BYTES = 1_000_000_000
"""Of one message: a file of 10 MB full of findings makes one of 690 MB."""

OUT_OF_MEMORY = 71
"""The exit status where memory has run out."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that is known of a change, and no token.

    `left_out` says which files GitHub has not listed; `comments`: there are to be comments.
    `configuration` are the files of ours that change, `added`, `removed` and `modified` the paths
    of all files that the change makes, takes away and edits. `spoilt` are the files not to be
    looked at, each with the reason.
    """

    change: Change
    left_out: str
    migrations: tuple[FileDiff, ...]
    read: Read
    settings: Settings
    server: str = ""
    stats: Mapping[str, TableStats] = field(default_factory=dict)
    comments: bool = False
    sarif: bool = False
    configuration: tuple[FileDiff, ...] = ()
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    modified: frozenset[str] = frozenset()
    spoilt: Mapping[str, str] = field(default_factory=dict)


class UnderWay(Struct, frozen=True, tag=True):
    """What is done from here on is done for these files."""

    paths: tuple[str, ...] = ()


class Wants(Struct, frozen=True, tag=True):
    """The texts of earlier migrations are wanted."""

    paths: tuple[str, ...]


class Fault(Struct, frozen=True, tag=True):
    """An exception has ended the task."""

    reason: str


class Publication(Struct, frozen=True, tag=True):
    """What a review says to each of its readers, and its exit status."""

    log: str
    summary: str
    report: str
    sarif: str | None
    content: Content | None
    findings: int
    errors: int
    unreadable: int
    status: Literal[0, 1, 2]


Message = UnderWay | Wants | Fault | Publication


def send(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH, "big"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: BinaryIO, most: int) -> bytes | None:
    """The next message, None where the pipe has ended or the message is longer than `most`."""
    header = pipe.read(_LENGTH)
    length = int.from_bytes(header, "big")
    if len(header) < _LENGTH or length > most:
        return None
    message = pipe.read(length)
    return message if len(message) == length else None


def encoded(message: Message) -> bytes:
    return json.encode(message)


def decoded(message: bytes) -> Message | None:
    """None for whatever is no message."""
    try:
        known: Message = json.decode(message, type=Message)
    except (DecodeError, ValidationError, UnicodeDecodeError):
        return None
    return known

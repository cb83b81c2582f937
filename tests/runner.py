"""The runner of GitHub Actions reads commands in a step's log and the files that it gives a step.

As in actions/runner: `ActionCommand.cs`, `FileCommandManager.cs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What a runner acts upon, whoever has printed it.
COMMANDS = frozenset(
    (
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    )
)
_WHITE = " \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def commands(log: str) -> list[Command]:
    """The commands of a log, in either form, as the runner obeys them line by line."""
    lines = re.split(r"\r\n|\r|\n", log)
    return [command for line in lines if (command := _new(line) or _old(line))]


def _new(line: str) -> Command | None:
    """`::name key=value,key=value::message` at the start of a line."""
    line = line.lstrip(_WHITE)
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, given = line[2:end].partition(" ")
    pairs = (pair.partition("=") for pair in given.strip().split(",") if pair)
    properties = {key: _unescaped(value, "\r\n:,%") for key, _, value in pairs if key and value}
    message = _unescaped(line[end + 2 :], "\r\n%")
    return Command(name, properties, message) if name in COMMANDS else None


def _old(line: str) -> Command | None:
    """`##[name key=value;key=value]message` anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, given = line[start + 3 : end].partition(" ")
    pairs = (pair.partition("=") for pair in given.split(";") if pair)
    properties = {key: _unescaped(value, ";\r\n]%") for key, _, value in pairs if key and value}
    message = _unescaped(line[end + 1 :], ";\r\n]%")
    return Command(name, properties, message) if name in COMMANDS else None


def _unescaped(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def outputs(text: str) -> dict[str, str]:
    """What the file GITHUB_OUTPUT sets: `name=value`, or `name<<end`, lines, `end`.

    Raises ValueError for what the runner refuses.
    """
    found: dict[str, str] = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else ())
    for line in lines:
        equals, marks = line.find("="), line.find("<<")
        if not line:
            continue
        if equals >= 0 and (marks < 0 or equals < marks):
            found[line[:equals]] = line[equals + 1 :]
        elif marks > 0 and line[marks + 2 :]:
            found[line[:marks]] = "\n".join(_until(line[marks + 2 :], lines))
        else:
            raise ValueError(f"invalid format: {line!r}")
    return found


def _until(end: str, lines: Iterator[str]) -> list[str]:
    value = list[str]()
    for line in lines:
        if line == end:
            return value
        value.append(line)
    raise ValueError(f"no end: {end!r}")

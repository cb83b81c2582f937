"""Calls of which nobody can tell from a revision's text what they do."""

from __future__ import annotations

import re

from bot.python.unknown import STANDARD, Judge, short
from bot.python.values import Call

CONNECTION = re.compile(
    r"(?:alembic\.(?:op|context)\.(?:get_bind|get_context)\(\)|sqlalchemy[\w.]*\.Session(?:\(\))?"
    r"|sqlalchemy[\w.]*\.sessionmaker\(\)\(\))"
    r"(?:\.(?:bind|connection|connection\(\)|engine|connect\(\)|begin\(\)|execution_options\(\)"
    r"|__enter__\(\)))*"
)
"""What statements can be given to."""
_HARMLESS = re.compile(
    r"alembic\.op\.(?:get_bind|get_context|f|inline_literal|batch_alter_table)\b"
    r"|alembic\.op\.(?:create|replace|drop)_entity\b"  # alembic_utils: no table is read for those
    rf"|alembic\.context\b|sqlalchemy\b|sqlmodel\b|{STANDARD}"
)


def can_change(named: str) -> bool:
    """Whether a value of this full name is Alembic's operations, one of them, or a connection."""
    return bool(re.fullmatch(r"alembic(?:\.op(?:\.\w+)?)?", named) or CONNECTION.fullmatch(named))


_JUDGE = Judge(_HARMLESS, re.compile(r"sqlalchemy|sqlmodel"), can_change)


def is_harmless(named: str) -> bool:
    """Whether a call of this full name sends nothing for which anybody waits."""
    return _HARMLESS.match(named) is not None


def why_unknown(call: Call, *, alone: bool) -> str | None:
    """Why nobody can tell what a call of another module's does, if it may do anything."""
    named = call.path
    if named.endswith((".cursor", ".raw_connection")):
        return "what a cursor is given is not read"
    if named.endswith((".create_all", ".drop_all")):
        return f"what `{short(named)}` creates or drops stands in a module that is not read"
    if ".impl." in named or (named.endswith((".create", ".drop")) and _JUDGE.is_given_might(call)):
        return f"what `{short(named)}` sends is not known"
    return _JUDGE.why_unknown(call, alone=alone)

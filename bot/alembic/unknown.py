"""Calls of which nobody can tell from a revision's text what they do."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from bot.python.values import Argument, Call, Unknown, path

_HARMLESS = re.compile(
    r"(?:alembic\.op\.(?:get_bind|get_context|f|inline_literal|batch_alter_table|impl)\b"
    r"|alembic\.op\.(?:create|replace|drop)_entity\b"  # alembic_utils: no table is read for those
    r"|alembic\.context\b|print\b|super\b|logging\b|warnings\b|time\b|datetime\b|json\b|os\b|re\b"
    r"|uuid\b|sys\b|typing\b|collections\b|itertools\b|functools\b|decimal\b|hashlib\b|random\b"
    r"|secrets\b|string\b|textwrap\b|inspect\b|pathlib\b|math\b|enum\b|dataclasses\b|structlog\b"
    r"|loguru\b|tqdm\b|click\.echo\b|sqlalchemy\b|sqlmodel\b)"
)
_BUILT_IN = frozenset(dir(builtins))
_RUNS_ANYTHING = re.compile(
    r"(?:exec|eval|__import__|compile|setattr)$|(?:getattr|vars|globals|locals)\(\)"
)


def is_harmless(named: str) -> bool:
    """Whether a call of this full name sends nothing for which anybody waits."""
    return _HARMLESS.match(named) is not None


def why_unknown(call: Call, *, alone: bool) -> str | None:
    """Why nobody can tell what a call of another module's does, if it may do anything."""
    named = call.path
    if named.endswith((".cursor", ".raw_connection")):
        return "what a cursor is given is not read"
    if named.endswith((".create_all", ".drop_all")):
        return f"what `{_short(named)}` creates or drops is told elsewhere"
    first = named.partition(".")[0].partition("(")[0]
    if _RUNS_ANYTHING.match(named) or (alone and call.function == Unknown()):
        return "what is called here cannot be told from the text"
    if not named or first in _BUILT_IN or _HARMLESS.match(named):
        return None
    gives = any(path(one.value).startswith("alembic.op") for one in _all(call))
    if gives or (alone and "()" not in named):
        return f"what `{_short(named)}` does is told elsewhere, in a module that is not read"
    return None


def _short(named: str) -> str:
    return named.removeprefix("alembic.").lstrip(".")[-60:]


def _all(call: Call) -> Iterator[Argument]:
    yield from call.arguments
    yield from call.keywords.values()

"""Text from a pull request stands in Markdown without being able to end its block."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from bot.model.source import BYTE_ORDER_MARK
from bot.model.wording import code, in_lines

_LONGEST_ADDRESS = 8_000


def fenced(text: str, info: str) -> str:
    """`text` as a code block whose fence is longer than any run of backticks in it.

    It holds the text exactly: what is hidden in it stays.
    """
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{fence}"


def readable(text: str, path: str = "") -> str:
    """A block of what a migration at `path` says, for people: nothing is hidden in it."""
    language = "python" if path.endswith(".py") else "sql"
    return fenced(in_lines(text.removeprefix(BYTE_ORDER_MARK)), language)


def folded(title: str, parts: Iterable[str]) -> str:
    """`parts` below a `title`, of our own words, that unfolds them."""
    return "\n\n".join((f"<details>\n<summary>{title}</summary>", *parts, "</details>"))


def link(words: str, address: str) -> str:
    """`words` must be safe already; `address` is percent-encoded."""
    return f"[{words}]({address})"


def new_file_address(repository_url: str, branch: str, path: str, text: str) -> str:
    """GitHub's editor for a new file, filled in; without the text where that is too long."""
    address = f"{repository_url}/new/{quote(branch)}?filename={quote(path, safe='')}"
    whole = f"{address}&value={quote(text, safe='')}"
    return whole if len(whole) <= _LONGEST_ADDRESS else address


def cell(text: str) -> str:
    """`text` for a table, where a pipe would begin the next cell."""
    return text.replace("|", "\\|")


def path_cell(path: str) -> str:
    return cell(code(path))

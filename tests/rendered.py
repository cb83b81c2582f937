"""What GitHub makes of a Markdown text: its blocks of code, and whatever a stranger could smuggle in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot import HOME

MARKER = re.compile(
    r"<!-- pg-lockstep(?: [0-9a-f]{16})+(?: fixed)?(?: text=[0-9a-f]{16})? -->", re.ASCII
)
_TAGS = frozenset({"details", "summary", "sub"})
_HEADLINE = re.compile(r"as of [0-9a-f]{12}")
# Characters that are not seen, or that change the order in which others are.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# What GitHub makes of text that is not code, besides Markdown.
_LIVE = {
    "a mention": re.compile(r"@[A-Za-z0-9]"),
    "an issue": re.compile(r"#[0-9]|\bGH-[0-9]", re.IGNORECASE),
    "a commit": re.compile(r"\b[0-9a-f]{7,40}\b"),
    "an address": re.compile(r"[a-z]+://|www\.|mailto:|xmpp:|[^\s@]@[^\s@]", re.IGNORECASE),
    "an emoji": re.compile(r":[a-z0-9_+-]+:"),
    "a formula": re.compile(r"\$\S[^$]*\$"),
    "a footnote": re.compile(r"\[\^"),
    "a command": re.compile(r"^/[a-z]"),
}


def parsed(text: str) -> list[Token]:
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return markdown.parse(text)


def inline(text: str) -> Iterator[Token]:
    for token in parsed(text):
        yield from token.children or ()


def fences(text: str) -> list[tuple[str, str]]:
    """What each block of code is, and holds."""
    return [(token.info, token.content) for token in parsed(text) if token.type == "fence"]


def code(text: str) -> list[str]:
    """What stands in code between words."""
    return [token.content for token in inline(text) if token.type == "code_inline"]


def links(text: str) -> list[str]:
    return [str(one.attrs["href"]) for one in inline(text) if one.type == "link_open"]


def faults(text: str, repository: str = "") -> list[str]:
    """What stands in `text` and is none of the bot's words; `repository` is an address."""
    return [*_hidden(text), *_of_blocks(text), *_of_words(text, repository), *_of_html(text)]


def _hidden(text: str) -> Iterator[str]:
    for character in sorted(set(HIDDEN.findall(text))):
        yield f"hidden U+{ord(character):04X}"


def _of_blocks(text: str) -> Iterator[str]:
    for token in parsed(text):
        if token.type == "code_block" or (
            token.type == "fence" and token.info not in ("suggestion", "sql", "diff", "mermaid")
        ):
            yield f"{token.type} {token.info}"
        if token.type in ("heading_open", "blockquote_open", "hr") and token.level:
            yield f"{token.type} inside of another block"


def _of_words(text: str, repository: str) -> Iterator[str]:
    ours = (f"{HOME}/", *((f"{repository}/new/",) if repository else ()))
    for token in inline(text):
        if token.type == "image":
            yield "an image"
        if token.type == "link_open" and not str(token.attrs["href"]).startswith(ours):
            yield f"a link to {token.attrs['href']}"
        if token.type == "text":
            words = _HEADLINE.sub("", token.content)
            yield from (f"{what}: {words}" for what, one in _LIVE.items() if one.search(words))


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS or attrs:
            self.faults.append(f"<{tag}> {attrs}")

    def handle_comment(self, data: str) -> None:
        self.comments.append(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        if re.search(r"[@#`<]", data):
            self.faults.append(f"{data} in HTML")


def _html(text: str) -> _Html:
    html = _Html()
    for token in [*parsed(text), *inline(text)]:
        if token.type in ("html_block", "html_inline"):
            html.feed(token.content)
    html.close()
    return html


def _of_html(text: str) -> Iterator[str]:
    html = _html(text)
    yield from html.faults
    yield from (one for one in html.comments if not MARKER.fullmatch(one))
    if html.comments and (len(html.comments) > 1 or not text.endswith(html.comments[-1])):
        yield f"markers {html.comments}"


def markers(text: str) -> list[str]:
    return _html(text).comments

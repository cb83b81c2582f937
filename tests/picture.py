"""The pictures in the README: a review of the sample, as GitHub's style sheet and Mermaid show it.

`make picture` needs Chromium, and a package registry for the style sheet and Mermaid.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt

from tests.npm import MERMAID, STYLE
from tests.sample import BASE, BRANCH
from tests.servers.installation import cache_folder
from tests.stand_in import Comment, GitHub, Pull
from tests.workflow import Job

DOCS = Path(__file__).parent.parent / "docs"
FILE = "db/migration/V3__orders_are_paid.sql"
LINE = 5
WIDTH, SCALE = 900, 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SHELL = """\
<!doctype html>
<meta charset="utf-8">
<style>{style}</style>
<style>
body {{ margin: 0; padding: 8px; background: #fff; width: {width}px; box-sizing: border-box; }}
.box {{ border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }}
.head {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px;
        font: 14px sans-serif; color: #59636e; }}
.head b {{ color: #1f2328; }}
.markdown-body {{ padding: 16px; font-size: 14px; font-family: sans-serif; }}
.markdown-body pre.mermaid {{ background: #fff; padding: 0; margin: -30px 0; }}
.markdown-body .diff, .diff {{ margin: 0; font: 12px monospace; width: 100%; border-collapse: collapse;
        display: table; }}
.markdown-body .diff td, .diff td {{ padding: 1px 10px; white-space: pre; border: 0; }}
.markdown-body .diff .n, .diff .n {{ width: 1%; text-align: right; color: #59636e; }}
.markdown-body .box {{ margin-bottom: 16px; }}
.diff tr {{ border: 0 !important; }}
.new td {{ background: #dafbe1; }} .new .n {{ background: #aceebb; }}
.old td {{ background: #ffebe9; }} .old .n {{ background: #ffcecb; }}
.thread {{ margin: 12px; }}
.button {{ float: right; font: 12px sans-serif; border: 1px solid #d1d9e0; border-radius: 6px;
          padding: 1px 8px; background: #fff; color: #25292e; }}
</style>
{body}
<script src="{mermaid}"></script>
<script>
mermaid.initialize({{ startOnLoad: false }});
mermaid.run().then(() => setTimeout(() => {{
  document.title = 'height ' + Math.ceil(document.body.getBoundingClientRect().height);
}}, 500));
</script>
"""


def reviewed() -> tuple[Pull, Comment]:
    """The sample's pull request with its review, and the comment to show."""
    with GitHub() as github, TemporaryDirectory() as folder:
        repository = github.repository("acme/shop")
        repository.commit("main", BASE)
        repository.branch("constraints", "main")
        repository.commit("constraints", BRANCH)
        pull = repository.open_pull("constraints")
        Job(github, Path(folder)).run(pull)
        (comment,) = (one for one in pull.comments if (one.path, one.line) == (FILE, LINE))
        return pull, comment


def pages(pull: Pull, comment: Comment) -> dict[str, str]:
    """The content of each picture by its name."""
    lines = BRANCH[FILE].splitlines()
    shown = "".join(_line(n, lines[n - 1], "new") for n in range(2, LINE + 1))
    text = _box("<b>github-actions</b>", _rendered(comment.body, lines[LINE - 1], LINE), "thread")
    opening = _rendered(pull.reviews[0].body, "", 0)
    return {
        "comment": _box(f"<b>{escape(FILE)}</b>", f'<table class="diff">{shown}</table>{text}'),
        "review": _box("<b>github-actions</b> reviewed", opening),
    }


def _box(head: str, content: str, kind: str = "") -> str:
    return f'<div class="box {kind}"><div class="head">{head}</div>{content}</div>'


def _rendered(text: str, old: str, line: int) -> str:
    """Markdown as GitHub shows it: a suggestion as a difference, a diagram drawn."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type == "fence" and token.info in ("suggestion", "mermaid"):
            token.type = "html_block"
            token.content = (
                f'<pre class="mermaid">{escape(token.content)}</pre>'
                if token.info == "mermaid"
                else _suggestion(old, token.content, line)
            )
    html = markdown.renderer.render(tokens, markdown.options, {})
    return f'<div class="markdown-body">{html}</div>'


def _suggestion(old: str, new: str, line: int) -> str:
    rows = _line(line, old, "old") + "".join(_line(line, one, "new") for one in new.splitlines())
    button = '<span class="button">Commit suggestion</span>'
    head = f"Suggested change {button}"
    return _box(head, f'<table class="diff">{rows}</table>')


def _line(number: int, text: str, kind: str) -> str:
    sign = "+" if kind == "new" else "-"
    return f'<tr class="{kind}"><td class="n">{number}</td><td>{sign} {escape(text)}</td></tr>'


def photograph(html: str, target: Path) -> None:
    """Raises SystemExit where there is no browser."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        options = [found, "--headless=new", "--no-sandbox", "--hide-scrollbars"]
        options += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000"]
        options.append(f"--force-device-scale-factor={SCALE}")  # letters are as wide in both runs
        drawn = _run([*options, f"--window-size={WIDTH},400", "--dump-dom", file.as_uri()])
        height = re.search(r"<title>height (\d+)</title>", drawn)
        assert height, "the diagram was not drawn"
        size = f"--window-size={WIDTH},{height[1]}"
        _run([*options, size, f"--screenshot={target}", file.as_uri()])
    if shutil.which("pngquant"):
        _run(["pngquant", "64", "--strip", "--force", "--output", str(target), str(target)])


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def whole(body: str, style: Path, mermaid: Path) -> str:
    return SHELL.format(
        style=(style / "github-markdown-light.css").read_text(),
        width=WIDTH,
        body=body,
        mermaid=(mermaid / "dist/mermaid.min.js").as_uri(),
    )


def main() -> None:
    cache = cache_folder(os.environ).parent / "npm"
    packages = STYLE.in_cache(cache), MERMAID.in_cache(cache)
    DOCS.mkdir(exist_ok=True)
    for name, body in pages(*reviewed()).items():
        target = DOCS / f"{name}.png"
        photograph(whole(body, *packages), target)
        print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

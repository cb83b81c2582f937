"""The pictures of the README can be taken anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.npm import MERMAID, STYLE, Unavailable
from tests.picture import BROWSERS, DOCS, pages, photograph, reviewed, whole
from tests.servers.installation import cache_folder

README = Path(__file__).parent.parent / "README.md"


def test_the_readme_shows_them() -> None:
    shown = README.read_text(encoding="utf-8")
    for name in pages(*reviewed()):
        assert f"](docs/{name}.png)" in shown
        assert 10_000 < (DOCS / f"{name}.png").stat().st_size < 200_000


def test_a_browser_draws_them(tmp_path: Path) -> None:
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    cache = cache_folder(os.environ).parent / "npm"
    try:
        packages = STYLE.in_cache(cache), MERMAID.in_cache(cache)
    except (OSError, Unavailable) as problem:
        pytest.skip(str(problem))
    target = tmp_path / "review.png"
    photograph(whole(pages(*reviewed())["review"], *packages), target)
    assert target.read_bytes().startswith(b"\x89PNG")

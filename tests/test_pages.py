"""Every example of every page says exactly what the program does."""

from __future__ import annotations

import pytest

from bot.fixing import changes
from bot.frameworks import frameworks
from bot.frameworks import page as framework_page
from bot.model.finding import Fix
from bot.model.report import Remark, Report
from bot.rules import page as rule_page
from bot.rules import rules
from bot.settings import Settings, with_version
from tests.pages import Example, examples
from tests.reviewing import NO_LOCK_TIMEOUT, review

every_example = pytest.mark.parametrize("example", examples(), ids=str)


def told(remark: Remark) -> str:
    lines = remark.finding.lines
    place = str(lines.first) if lines.first == lines.last else f"{lines.first}-{lines.last}"
    return f"{place}: {remark.finding.message}"


def configured(example: Example) -> Settings:
    asks = example.page.stem == NO_LOCK_TIMEOUT.replace("-", "_")
    settings = Settings(rules={NO_LOCK_TIMEOUT: "notice"}) if asks else Settings()
    return with_version(settings, example.version)


def reviewed(example: Example, files: dict[str, str]) -> Report:
    return review(
        files,
        framework=example.framework,
        repository=dict(example.earlier),
        settings=configured(example),
    )


def of(example: Example) -> Report:
    return reviewed(example, {example.file: example.text})


@every_example
def test_the_example_is_found_as_its_page_says(example: Example) -> None:
    report = of(example)
    assert not report.unreadable
    if example.harmless:
        assert not report.remarks
        return
    assert report.remarks
    if example.page.parent.name == "rules":
        assert {remark.finding.rule.replace("-", "_") for remark in report.remarks} == {
            example.page.stem
        }
    if example.findings is not None:
        assert tuple(map(told, report.remarks)) == example.findings


def postponed(report: Report) -> str:
    fixes = [remark.fix for remark in report.remarks if isinstance(remark.fix, Fix)]
    return "".join(dict.fromkeys(fix.postponed for fix in fixes))


@every_example
def test_the_example_is_fixed_as_its_page_says(example: Example) -> None:
    made = changes(of(example))
    edited = [change.after for change in made if change.before is not None]
    new = [(change.path, change.after) for change in made if change.before is None]
    assert edited == ([example.fixed] if example.fixed is not None else [])
    assert tuple(new) == example.follow_ups
    assert postponed(of(example)) == example.postponed


@every_example
def test_the_fixed_example_is_silent(example: Example) -> None:
    if not example.files:
        return
    report = reviewed(example, example.files)
    waiting = {remark.finding.rule for remark in report.remarks}
    assert waiting <= ({"constraint-never-validated"} if example.postponed else set())
    assert not report.unreadable


@pytest.mark.parametrize("rule", rules())
def test_a_rule_has_a_page(rule: str) -> None:
    assert rule_page(rule).startswith(f"# {rule}\n")


@pytest.mark.parametrize("framework", frameworks())
def test_a_framework_has_a_page(framework: str) -> None:
    assert framework_page(framework).startswith(f"# {framework}\n")


def test_a_new_file_can_be_split_at_its_semicolons() -> None:
    """As golang-migrate and Prisma's adapter may, which know no comments."""
    files = (new for example in examples() for new in example.follow_ups)
    new = [text for path, text in files if path.endswith("sql")]
    comments = [line for text in new for line in text.splitlines() if line.startswith("--")]
    assert comments and not any(";" in line for line in comments)

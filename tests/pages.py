"""The pages of rules and frameworks are examples to be run.

```sql given                      the tables that the page's examples start from
```sql earlier FILE               a migration before all later examples, which is read as well
```sql [FRAMEWORK FILE]           an example; alone, nothing is found in it
    ```sql [FRAMEWORK FILE] since 18  … for servers of that version and later, configured so
```finding                        … what is found: "LINE: message" or "FIRST-LAST: message"
```suggestion                     … the whole text once every suggestion is accepted
```sql follow-up FILE             … a new file that the suggestions ask for
```sql postponed                  … what waits for the next deployment
```python …                       as ```sql, for tools whose migrations are Python
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from bot import frameworks as frameworks_package
from bot import rules as rules_package
from bot.model.migration import Batch
from bot.model.source import Source

RULE_PAGES = Path(rules_package.__path__[0])
FRAMEWORK_PAGES = Path(frameworks_package.__path__[0])


@dataclass(frozen=True)
class Example:
    page: Path
    line: int
    given: str
    framework: str
    file: str
    text: str
    version: int = 14
    earlier: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] | None = None
    fixed: str | None = None
    follow_ups: tuple[tuple[str, str], ...] = ()
    postponed: str = ""

    @property
    def before(self) -> str:
        """All that has run when the example starts."""
        return "\n".join((self.given, *(text for _, text in self.earlier)))

    @property
    def harmless(self) -> bool:
        return self.findings is None and self.fixed is None

    @property
    def files(self) -> dict[str, str]:
        """By path, once every suggestion is accepted; nothing where there is none."""
        if self.fixed is None and not (self.follow_ups or self.postponed):
            return {}
        return {self.file: self.text if self.fixed is None else self.fixed, **dict(self.follow_ups)}

    def __str__(self) -> str:
        return f"{self.page.stem}:{self.line}"


def sql_of(batch: Batch, source: Source) -> str:
    """What a batch says, or what a program sends for it."""
    if not source.path.endswith(".py"):
        return source[batch.span]
    return "".join(f"{one.in_sql.text};\n" for one in batch.statements if one.sent)


@cache
def examples() -> tuple[Example, ...]:
    pages = (*sorted(RULE_PAGES.glob("*.md")), *sorted(FRAMEWORK_PAGES.glob("*.md")))
    return tuple(example for page in pages for example in _examples(page))


def _examples(page: Path) -> Iterator[Example]:
    given = ""
    earlier: dict[str, str] = {}
    current: Example | None = None
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type != "fence":
            continue
        assert token.map is not None
        match token.info.split():
            case ["sql", "given"]:
                given = token.content
            case ["sql" | "python", "earlier", file]:
                if current:
                    yield current
                current = None
                earlier = {**earlier, file: token.content}
            case ["sql" | "python", "follow-up", file]:
                assert current, f"{page}:{token.map[0]} follows nothing"
                follow_ups = (*current.follow_ups, (file, token.content))
                current = replace(current, follow_ups=follow_ups)
            case ["sql", "postponed"]:
                assert current, f"{page}:{token.map[0]} follows nothing"
                current = replace(current, postponed=token.content)
            case ["sql" | "python", *where]:
                if current:
                    yield current
                version = 14
                if where[-2:-1] == ["since"]:
                    where, version = where[:-2], int(where[-1])
                framework, file = where or ("psql", "1_example.sql")
                text, line = token.content, token.map[0] + 1
                current = Example(
                    page, line, given, framework, file, text, version, tuple(earlier.items())
                )
            case ["finding"]:
                assert current, f"{page}:{token.map[0]} follows nothing"
                current = replace(current, findings=tuple(token.content.splitlines()))
            case ["suggestion"]:
                assert current, f"{page}:{token.map[0]} follows nothing"
                current = replace(current, fixed=token.content)
            case ["toml" | "text" | "yaml" | "console"]:
                pass
            case _:
                raise AssertionError(f"{page}:{token.map[0]} has an unknown block {token.info!r}")
    if current:
        yield current

"""Generated pull requests: whatever is accepted, the file becomes what `lockstep fix` makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff

from hypothesis import example, given
from hypothesis import strategies as st

from bot.discussion.compose import compose
from bot.fixing import changes
from bot.isolation.messages import Task
from bot.model.pull_request import FileDiff, Place, PullRequest, Read, ReviewComment, Said
from bot.publication import publication
from bot.settings import MigrationsSetting, Settings
from tests.rendered import fences
from tests.reviewing import review
from tests.stand_in.suggestions import replaced
from tests.test_generated import migrations

PATH = "db/migration/V2__a.sql"
HEAD, BASE = "1" * 40, "2" * 40
TICKS = st.integers(1, 30).map(lambda number: "`" * number)


@dataclass(frozen=True)
class Change:
    """A file of a pull request; `before` is None where it is new."""

    text: str
    framework: str
    before: str | None = None

    @property
    def patch(self) -> str:
        old, new = self.before or "", self.text
        diff = "\n".join(unified_diff(old.split("\n"), new.split("\n"), n=3, lineterm=""))
        whole = new.split("\n")
        count = len(whole) - (not whole[-1])
        added = "\n".join((f"@@ -0,0 +1,{count} @@", *(f"+{line}" for line in whole[:count])))
        return added if self.before is None else diff.partition("@@")[1] + diff.partition("@@")[2]

    @property
    def hunks(self) -> list[tuple[int, int]]:
        found = re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", self.patch, re.MULTILINE)
        return [(int(first), int(first) + int(count or 1) - 1) for first, count in found]

    def comments(self) -> tuple[ReviewComment, ...]:
        status = "added" if self.before is None else "modified"
        before = {} if self.before is None else {Place(BASE, PATH): self.before.encode()}
        task = Task(
            PullRequest("a/b", 1, HEAD, BASE, "branch", "a/b"),
            "",
            (FileDiff(PATH, status, "blob", self.patch),),
            Read({"blob": self.text.encode()}, before),
            Settings(migrations=(MigrationsSetting("db", self.framework),)),
            comments=True,
        )
        told = publication(task, lambda wanted: Read(), lambda paths: None)
        assert told.content is not None
        review = compose(told.content, HEAD, Said(), (), max_comments=10_000).review
        return review.comments if review else ()


def fixed(text: str, framework: str) -> str:
    """What `lockstep fix` makes of the file."""
    made = changes(review({PATH: text}, framework=framework))
    return next((change.after for change in made if change.before is not None), text)


def applied(text: str, comments: list[ReviewComment]) -> str:
    """What GitHub makes of it, when these are accepted in one batch."""
    lines = [(one.lines.first, one.lines.last, _lines(block(one))) for one in comments]
    return replaced(text.encode(), lines).decode()


def _lines(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


def block(comment: ReviewComment) -> str:
    """What is to stand in place of the lines."""
    return fences(comment.body)[0][1]


def suggests(comment: ReviewComment) -> bool:
    return any(info == "suggestion" for info, _ in fences(comment.body))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A few statements, with comments, tabs and backticks between them, on as many lines or fewer."""
    parts = draw(
        st.lists(
            st.one_of(
                migrations(),
                st.builds(
                    "/* {}suggestion */ ALTER TABLE t\n\tADD CONSTRAINT k CHECK (y <> '{}'); -- {}\n".format,
                    TICKS,
                    TICKS,
                    TICKS,
                ),
                st.builds("-- {}\n".format, TICKS),
                st.sampled_from(["\n", "SELECT 1; ", "SELECT 1;\n", "\t", "\n\n\n\n\n\n\n\n\n"]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return "".join(parts)


files = st.builds(
    lambda text, newline, ended: (text if ended else text.rstrip()).replace("\n", newline),
    texts(),
    st.sampled_from(["\n", "\n", "\n", "\r\n"]),
    st.sampled_from([True, True, False]),
)
FRAMEWORKS = st.sampled_from(["psql", "flyway", "golang-migrate"])


@given(files, FRAMEWORKS)
@example("ALTER TABLE t ADD CHECK (x > 0);\r\nALTER TABLE t ADD CHECK (y > 0);\r\n", "flyway")
@example("ALTER TABLE t ADD CHECK (x > 0);\nALTER TABLE t ADD CHECK (y > 0);", "flyway")
@example("\tALTER TABLE t ADD CHECK (x <> '````'),\n\tADD CHECK (y > 0); -- ```\n", "psql")
@example("ALTER TABLE t ADD CHECK (x > 0); ALTER TABLE t\n  ADD CHECK (y > 0);\n", "flyway")
def test_what_is_accepted_makes_what_fix_makes(text: str, framework: str) -> None:
    comments = list(Change(text, framework).comments())
    clicks = [one for one in comments if suggests(one)]
    by_hand = [one for one in comments if "In place of line" in one.body]
    for one in comments:
        assert one.lines.first <= one.lines.last <= text.count("\n") + (not text.endswith("\n"))
    if "\r" in text:
        assert clicks == []
    if not by_hand:
        assert applied(text, clicks) == fixed(text, framework)
    else:
        plain = applied(text.replace("\r\n", "\n"), [*clicks, *by_hand])
        assert plain.rstrip("\n") == fixed(text, framework).replace("\r\n", "\n").rstrip("\n")


@given(files, FRAMEWORKS)
def test_accepted_one_by_one_they_make_the_same(text: str, framework: str) -> None:
    for one in Change(text, framework).comments():
        if suggests(one):
            assert fixed(applied(text, [one]), framework) == fixed(text, framework)


@given(files, files, st.booleans(), FRAMEWORKS)
@example("", "ALTER TABLE t ADD CHECK (x > 0);\n", False, "psql")
def test_a_file_that_is_not_new_is_not_changed_with_a_click(
    before: str, more: str, below: bool, framework: str
) -> None:
    change = Change(f"{before}{more}" if below else f"{more}{before}", framework, before)
    for one in change.comments():
        assert not suggests(one)
        assert "In place of" not in one.body
        assert any(
            first <= one.lines.first and one.lines.last <= last for first, last in change.hunks
        )

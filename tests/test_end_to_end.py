"""From an opened pull request to a green check: review, accept, review again."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt

from tests.container.image import Container
from tests.sample import BASE, BRANCH
from tests.stand_in import Comment, GitHub, Pull
from tests.workflow import Job


def opened(github: GitHub, base: dict[str, str], branch: dict[str, str]) -> Pull:
    repository = github.repository("acme/shop")
    repository.commit("main", base)
    repository.branch("constraints", "main")
    repository.commit("constraints", branch)
    return repository.open_pull("constraints")


def links(comment: Comment) -> list[str]:
    """The addresses of GitHub's new-file editor in a comment, as a reader finds them."""
    tokens = [
        child
        for token in MarkdownIt("commonmark").parse(comment.body)
        for child in token.children or ()
    ]
    hrefs = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    return [href for href in hrefs if re.search(r"/new/.*\?filename=", href)]


def accept_everything(pull: Pull) -> None:
    """What a reviewer does who likes every suggestion: batch them, and follow every link."""
    follow_ups = {link: None for comment in pull.comments for link in links(comment)}
    pull.apply_suggestions([comment.id for comment in pull.comments])
    for link in follow_ups:
        pull.create_file(link)


def test_a_pull_request_gets_its_review_and_is_green_once_everything_is_accepted(
    github: GitHub, job: Job
) -> None:
    pull = opened(github, BASE, BRANCH)

    first = job.run(pull)
    assert first.status == 1
    assert len(pull.reviews) == 1
    assert first.outputs["errors"] == "4"
    assert first.outputs["review-url"]

    accept_everything(pull)
    posted = len(pull.comments)
    second = job.run(pull)
    assert second.status == 0, second.log
    assert len(pull.reviews) == 1
    assert len(pull.comments) == posted


def test_the_container_does_the_same(github: GitHub, tmp_path: Path, container: Container) -> None:
    pull = opened(github, BASE, BRANCH)
    job = Job(github, tmp_path, container)
    first = job.run(pull)
    assert first.status == 1, first.log
    assert first.outputs["errors"] == "4"
    accept_everything(pull)
    posted = len(pull.comments)
    second = job.run(pull)
    assert second.status == 0, second.log
    assert len(pull.comments) == posted


def test_a_second_run_posts_nothing_twice(github: GitHub, job: Job) -> None:
    pull = opened(github, BASE, BRANCH)
    job.run(pull)
    comments = [comment.id for comment in pull.comments]
    again = job.run(pull)
    assert again.status == 1
    assert [comment.id for comment in pull.comments] == comments
    assert len(pull.reviews) == 1


def test_a_review_takes_four_requests(github: GitHub, job: Job) -> None:
    """The files, their texts, the migrations before them (for names) and the review."""
    pull = opened(github, BASE, BRANCH)
    github.forget()
    job.run(pull)
    asked = [f"{request.method} {request.path.rpartition('/')[2]}" for request in github.requests]
    assert asked == ["GET files", "POST graphql", "POST graphql", "POST reviews"]


def test_a_review_of_named_constraints_takes_four_as_well(github: GitHub, job: Job) -> None:
    text = "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n"
    pull = opened(github, BASE, {"db/migration/V3__a.sql": text})
    github.forget()
    job.run(pull)
    assert [one.path.rpartition("/")[2] for one in github.requests] == [
        "files",
        "graphql",
        "reviews",
        "graphql",
    ]


ENVIRONMENT = {
    "db/env.py": "from shop.models import Base\n\ntarget_metadata = Base.metadata\n",
    "db/script.py.mako": "",
    "shop/models.py": "class Base(DeclarativeBase):\n    pass\n",
    "alembic.ini": "[alembic]\nfile_template = %%(slug)s-%%(rev)s\n",
}
REVISION = """\
from alembic import op
import sqlalchemy as sa

revision = "{own}"
down_revision = {down}


def upgrade():
    {up}


def downgrade():
    {back}
"""


def revision(own: str, down: str, up: str, back: str = "pass") -> str:
    return REVISION.format(own=own, down=down, up=up, back=back)


def test_a_revision_of_alembics_gets_its_review_in_python(github: GitHub, job: Job) -> None:
    first = revision("aaaaaaaaaaaa", "None", 'op.create_table("t", sa.Column("x", sa.Integer()))')
    check = 'op.create_check_constraint(None, "t", "x > 0")'
    unique = 'op.create_unique_constraint("one", "t", ["x"])'
    branch = {
        "db/versions/check-bbbbbbbbbbbb.py": revision("bbbbbbbbbbbb", '"aaaaaaaaaaaa"', check),
        "db/versions/unique-cccccccccccc.py": revision(
            "cccccccccccc", '"bbbbbbbbbbbb"', unique, 'op.drop_constraint("one", "t")'
        ),
    }
    pull = opened(github, {**ENVIRONMENT, "db/versions/first-aaaaaaaaaaaa.py": first}, branch)
    found = job.run(pull)
    assert (found.status, found.outputs["errors"]) == (1, "2"), found.log
    accept_everything(pull)
    after = job.run(pull)
    assert after.status == 0, after.log
    assert "t_x_check" in pull.read("db/versions/check-bbbbbbbbbbbb.py").decode()

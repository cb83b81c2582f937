"""A pull request compares the head branch with the point where it left the base branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .diff import FileDiff, Side
from .records import Anchor, Comment, IssueComment, Review, Thread, User
from .rules import Proposal, refusals
from .suggestions import apply, create_file

if TYPE_CHECKING:
    from .repository import Repository


class Pull:
    def __init__(
        self,
        repository: Repository,
        head_repository: Repository,
        number: int,
        head: str,
        base: str,
        title: str,
        author: User,
        draft: bool,
        body: str | None,
    ) -> None:
        self.repository = repository
        self.head_repository = head_repository
        self.number = number
        self.head = head
        self.base = base
        self.title = title
        self.author = author
        self.draft = draft
        self.body = body
        self.state = "open"
        self.id = repository.github.clock.next_number()
        self.created_at = repository.github.clock.now()
        self.reviews: list[Review] = []
        self.threads: list[Thread] = []
        self.issue_comments: list[IssueComment] = []
        self.synchronize()

    def synchronize(self) -> None:
        """GitHub remembers the base's tip as of the last push to the head."""
        tip = self.repository.tip(self.base)
        assert tip is not None
        self.base_sha = tip

    def retarget(self, base: str) -> None:
        self.base = base
        self.synchronize()

    @property
    def url(self) -> str:
        return f"{self.repository.github.server_url}/{self.repository.full_name}/pull/{self.number}"

    @property
    def is_from_a_fork(self) -> bool:
        return self.head_repository is not self.repository

    @property
    def head_sha(self) -> str:
        tip = self.head_repository.tip(self.head)
        assert tip is not None, f"the branch {self.head} is gone"
        return tip

    @property
    def merge_base(self) -> str:
        return self.repository.git.merge_base(self.base_sha, self.head_sha)

    @property
    def commits(self) -> tuple[str, ...]:
        return self.repository.git.commits_between(self.base_sha, self.head_sha)

    def read(self, path: str) -> bytes:
        return self.head_repository.read(self.head, path)

    @property
    def files(self) -> tuple[FileDiff, ...]:
        return self.files_at(self.head_sha)

    def files_at(self, commit: str) -> tuple[FileDiff, ...]:
        git = self.repository.git
        return git.diff(git.merge_base(self.base_sha, commit), commit)

    def shows_patch(self, file: FileDiff) -> bool:
        """GitHub leaves out the patch of a file without text to compare, or with too much of it."""
        return (
            file.patch is not None
            and len(file.patch.encode()) <= self.repository.github.limits.patch_bytes
        )

    def proposal(self, anchor: Anchor, body: str, commit: str) -> Proposal:
        shown = (
            file
            for file in self.files_at(commit)
            if anchor.subject_type == "file" or self.shows_patch(file)
        )
        return Proposal(anchor, body, {file.path: file for file in shown})

    @property
    def comments(self) -> list[Comment]:
        """Every review comment, oldest first."""
        return sorted(
            (one for thread in self.threads for one in thread.comments), key=lambda one: one.id
        )

    def comment(self, number: int) -> Comment:
        return next(one for one in self.comments if one.id == number)

    def anchor_now(self, thread: Thread) -> Anchor | None:
        """Where a thread stands on the present head; None when its lines changed since."""
        began = thread.began
        git = self.repository.git
        if began.subject_type == "file":
            return began
        if began.side == "RIGHT" and began.first_side == "RIGHT":
            old, new = thread.commit, self.head_sha
        else:
            old, new = git.merge_base(self.base_sha, thread.commit), self.merge_base
        changes = (
            one for one in git.diff(old, new) if (one.previous_path or one.path) == began.path
        )
        moved = _moved(began, next(changes, None))
        if moved is None or moved.line is None:
            return None
        file = next((one for one in self.files if one.path == moved.path), None)
        return moved if file is not None and file.hunk(moved.side, moved.line) else None

    def add_review(
        self,
        author: User,
        body: str,
        state: str,
        commit: str,
        placed: Sequence[tuple[Anchor, str]] = (),
    ) -> Review:
        clock = self.repository.github.clock
        now = clock.now()
        submitted = None if state == "PENDING" else now
        review = Review(clock.next_number(), self, author, body, state, commit, now, submitted)
        self.reviews.append(review)
        for anchor, text in placed:
            self._begin(review, anchor, text, now)
        return review

    def _begin(self, review: Review, anchor: Anchor, body: str, now: str) -> Comment:
        clock = self.repository.github.clock
        file = next(one for one in self.files_at(review.commit) if one.path == anchor.path)
        hunk, position = "", None
        if anchor.line is not None and (found := file.hunk(anchor.side, anchor.line)):
            hunk, position = (
                found.up_to(anchor.side, anchor.line),
                file.position(anchor.side, anchor.line),
            )
        thread = Thread(clock.next_number(), self, anchor, review.commit, hunk, position)
        comment = Comment(clock.next_number(), thread, review, review.author, body, now, now)
        thread.comments.append(comment)
        self.threads.append(thread)
        return comment

    def delete(self, comment: Comment) -> None:
        comment.thread.comments.remove(comment)
        if not comment.thread.comments:
            self.threads.remove(comment.thread)

    def comment_as(
        self,
        login: str,
        path: str,
        line: int | None,
        body: str,
        *,
        side: Side = "RIGHT",
        start_line: int | None = None,
    ) -> Comment:
        """What a person writes on a line of the diff; without a line, on the file."""
        anchor = Anchor(path, line, side, start_line, subject_type="line" if line else "file")
        if refused := refusals(self.proposal(anchor, body, self.head_sha)):
            raise ValueError("; ".join(one.words for one in refused))
        self.add_review(User(login), "", "COMMENTED", self.head_sha, [(anchor, body)])
        return self.comments[-1]

    def reply(self, comment: Comment, body: str, author: str = "alice") -> Comment:
        clock = self.repository.github.clock
        first = comment.thread.comments[0]
        review = self.add_review(User(author), "", "COMMENTED", self.head_sha)
        now = review.created_at
        answer = Comment(clock.next_number(), first.thread, review, User(author), body, now, now)
        answer.in_reply_to = first.in_reply_to or first.id
        first.thread.comments.append(answer)
        return answer

    def issue_comment(self, author: str, body: str) -> IssueComment:
        clock = self.repository.github.clock
        now = clock.now()
        self.issue_comments.append(
            IssueComment(clock.next_number(), self, User(author), body, now, now)
        )
        return self.issue_comments[-1]

    def review_as(self, login: str, body: str, state: str = "COMMENTED") -> Review:
        return self.add_review(User(login), body, state, self.head_sha)

    def resolve(self, comment: Comment, by: str = "alice") -> None:
        comment.thread.resolved_by = User(by)

    def apply_suggestion(self, comment_id: int, by: str = "alice") -> str:
        """GitHub's button "Commit suggestion"; returns the new commit."""
        return self.apply_suggestions([comment_id], by)

    def apply_suggestions(self, comment_ids: Sequence[int], by: str = "alice") -> str:
        """GitHub's button "Commit suggestions", for a batch."""
        return apply(self, [self.comment(number) for number in comment_ids], by)

    def create_file(self, url: str, by: str = "alice") -> str:
        """What a person does who follows a link to the editor of a new file, and commits."""
        return create_file(self, url, by)


def _moved(began: Anchor, change: FileDiff | None) -> Anchor | None:
    if change is None or (change.old_blob == change.new_blob and change.path == began.path):
        return began
    if change.status == "removed" or (change.patch is None and change.status != "renamed"):
        return None
    assert began.line is not None
    first = began.start_line if began.start_line is not None else began.line
    ends = range(first, began.line + 1) if began.first_side == began.side else (first, began.line)
    lines = [change.line_after(line) for line in ends]
    if None in lines:
        return None
    start, line = lines[0], lines[-1]
    if start is None or line is None or line - start != began.line - first:
        return None
    path = change.path if began.side == "RIGHT" else began.path
    return Anchor(
        path, line, began.side, None if began.start_line is None else start, began.start_side
    )

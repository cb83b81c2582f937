"""A GitHub on loopback that a bot cannot tell from the real one, and that notices what the real one would let pass."""

from .exchange import Limits, Request, Violation
from .pull import Pull
from .records import Anchor, Comment, IssueComment, Review, Thread, User
from .repository import Repository
from .service import GitHub
from .suggestions import NotApplicable, suggestion_of

__all__ = [
    "Anchor",
    "Comment",
    "GitHub",
    "IssueComment",
    "Limits",
    "NotApplicable",
    "Pull",
    "Repository",
    "Request",
    "Review",
    "Thread",
    "User",
    "Violation",
    "suggestion_of",
]

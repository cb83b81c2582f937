"""What goes wrong at the edges is one family of errors, each saying what the user can do."""

from __future__ import annotations


class LockstepError(Exception):
    """A clear end: the message is one line for the user and needs no traceback."""


class ConfigurationError(LockstepError):
    """The configuration or the call is wrong."""

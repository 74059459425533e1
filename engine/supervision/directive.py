"""What may be done about an actor that failed."""

from __future__ import annotations

from enum import StrEnum


class Directive(StrEnum):
    """The three answers to a failure, mildest first. "Log and go on" is not among them."""

    RESTART = "restart"
    """A fresh instance takes over the mailboxes, within an intensity limit."""
    STOP = "stop"
    """The actor's mailboxes are closed; a person may enable it again."""
    ESCALATE = "escalate"
    """Trading halts."""

"""What pages refuse before a query is asked: only reading; deeds are refused by the actions."""

from collections.abc import Callable
from typing import Any

from kfm_review.errors import NotAllowed
from kfm_review.people.queries import Viewer


def check_holds_a_role(viewer: Viewer) -> None:
    """Refuse whoever holds no role at all."""
    if not viewer.roles:
        raise NotAllowed(
            "You may not look at this yet.",
            cause="Your account holds no role.",
            next_step="Ask an administrator for the role you need; your own page works already.",
        )


def check_may_read_audit(viewer: Viewer) -> None:
    """Refuse whoever is neither auditor nor administrator."""
    if not viewer.may_read_audit:
        raise NotAllowed(
            "You may not read the audit record.",
            cause="It is for auditors and administrators.",
            next_step="Ask an administrator for the role of auditor.",
        )


def check_may_read_policy(viewer: Viewer) -> None:
    """Refuse whoever neither reads the audit record nor decides."""
    if not viewer.may_read_policy:
        raise NotAllowed(
            "You may not read how policy judges.",
            cause="It is for auditors, administrators and those who decide.",
            next_step="Ask an administrator for the role of auditor.",
        )


def without_role(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open a page to people who are signed in but hold no role yet."""
    view.without_role = True  # type: ignore[attr-defined]  # read by the middleware
    return view

"""Who may decide on a review, on what, with which reason, and when a review counts as settled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kfm_review.audit.reasons import check_why
from kfm_review.errors import Changed, NotAllowed, NotPossible
from kfm_review.reviews.states import Status, Verdict

WORST_FIRST = ("ERROR", "FAIL", "REVIEW")
STANDS = ("PASS", "REVIEW")  # what may be approved; PASS without a reason
ANYBODY = ("reviewer",)


class NothingRequired(ValueError):
    """A review that asks for no approval would approve itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One person's latest verdict, and in which role it was given."""

    by: int
    verdict: Verdict
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the rules ask of a review."""

    status: Status
    outcome: str
    needed: int
    roles: Sequence[str]
    requester: int | None
    author: int | None
    stale: bool
    promoted: bool
    votes: tuple[Vote, ...]
    failing: frozenset[str] = frozenset()  # the gates that only an exception lets stand
    excused: frozenset[str] = frozenset()  # those that a live one does
    asked: frozenset[str] = frozenset()  # those for which one was asked
    broken: bool = False  # a gate broke or was not reached: nothing excuses that
    parties: frozenset[int] = frozenset()  # who asked for an exception, or signed one


def standing(
    votes: Sequence[Vote], *, needed: int, roles: Collection[str], unexcused: Collection[str] = ()
) -> Status:
    """Return where the latest verdicts leave a review: one refusal ends it, `needed` approvals pass it.

    Nothing passes it while a failing gate is not excused by a live exception.
    """
    if needed < 1 or not roles:
        raise NothingRequired("A review needs at least one approval by somebody.")
    verdicts = [vote.verdict for vote in votes]
    if Verdict.REJECT in verdicts:
        return Status.REJECTED
    if Verdict.RETURN in verdicts:
        return Status.RETURNED
    approvals = sum(vote.verdict is Verdict.APPROVE and vote.role in roles for vote in votes)
    return Status.APPROVED if approvals >= needed and not unexcused else Status.OPEN


def check_not_own(case: Case, *, actor: int) -> None:
    """Refuse whoever asked for the run or delivered its edition."""
    if actor in (case.requester, case.author):
        what = "requested this run" if actor == case.requester else "delivered this edition"
        raise NotAllowed(
            "You may not decide on this.",
            cause=f"You {what}; somebody else decides about it.",
            next_step="Leave it to another reviewer.",
        )


def check_same_manifest(*, shown: str, now: str) -> None:
    """Refuse a decision on other content than stands here now."""
    if shown != now:
        raise Changed(
            "This is not the content you saw.",
            cause=f"You decided on sha256:{shown[:8]}; what stands here is sha256:{now[:8]}.",
            next_step="Read what changed, then decide anew.",
        )


def check_open(case: Case, *, actor: int, settled_by: str) -> None:
    """Refuse a decision that comes too late; only who decided may think again, until promotion begins."""
    mine = any(vote.by == actor for vote in case.votes)
    if case.status is Status.OPEN or (case.status is Status.APPROVED and mine and not case.promoted):
        return
    if case.status is Status.SUPERSEDED:
        raise Changed(
            "A newer run took this one's place.",
            cause="Decisions here are closed.",
            next_step="Decide on the newer one.",
        )
    by = f" by {settled_by}" if settled_by else ""
    raise NotPossible(
        f"This review is {case.status} already{by}.",
        cause="A promotion of it has begun."
        if case.promoted
        else "It was settled before your decision came.",
        next_step="Reload the page to see how it stands; your decision was not taken.",
    )


def check_approvable(case: Case) -> None:
    """Refuse to approve what nobody can approve."""
    if case.outcome not in STANDS and not _excusable(case):
        raise NotPossible(
            "This cannot be approved.",
            cause=f"The run is {case.outcome or 'without an outcome'}.",
            next_step="Request changes; mend it and run again, or ask for an exception first.",
        )
    if case.stale:
        raise NotPossible(
            "This cannot be approved.",
            cause="Another release overtook its base, so that its comparison no longer holds.",
            next_step="Wait for the new run, which comes by itself.",
        )


def check_no_party(case: Case, *, actor: int) -> None:
    """Refuse whoever asked for an exception of this, or signed one: that is for other people."""
    if actor in case.parties:
        raise NotAllowed(
            "You may not decide on this.",
            cause="You asked for an exception of it, or signed one; somebody else decides.",
            next_step="Leave it to another reviewer.",
        )


def unexcused(case: Case) -> frozenset[str]:
    """Return the failing gates that no live exception lets stand; what broke counts as one."""
    return case.failing - case.excused | (frozenset({"the run"}) if _stuck(case) else frozenset())


def _stuck(case: Case) -> bool:
    return case.outcome not in STANDS and (case.broken or not case.failing)


def _excusable(case: Case) -> bool:
    """Answer whether every failing gate has an exception, or one that was asked for."""
    return bool(case.failing) and not case.broken and case.failing <= case.excused | case.asked


def check_role(case: Case, *, verdict: Verdict, held: Sequence[str]) -> str:
    """Return the role in which a verdict counts; approving takes one the family asks for."""
    fitting = [role for role in held if role in case.roles]
    if fitting:
        return fitting[0]
    if verdict is Verdict.APPROVE:
        wanted = " or ".join(case.roles)
        raise NotAllowed(
            "You may not approve this.",
            cause=f"It needs the approval of a {wanted}; you hold {' and '.join(held) or 'no such role'}.",
            next_step=f"Ask a {wanted}; you may request changes or reject it.",
        )
    return held[0]


def check_reason(reason: str, *, verdict: Verdict, outcome: str) -> str:
    """Return the reason without blanks around it; only approving what passed needs none."""
    needed = verdict is not Verdict.APPROVE or outcome != "PASS"
    return check_why(reason) if needed or reason.strip() else ""


def check_guarded(*, guarded: bool) -> None:
    """Refuse to reveal what is not withheld from anybody."""
    if not guarded:
        raise NotPossible(
            "There is nothing to reveal.",
            cause="This is marked so that everybody here sees all of it.",
            next_step="Look at the map.",
        )


def reasons(gates: Sequence[Mapping[str, str]], *, failure: str) -> list[dict[str, str]]:
    """Return why a review is here, the worst first; a run that broke says so itself."""
    found = [dict(gate) for gate in gates if gate["outcome"] in WORST_FIRST]
    if failure:
        found.append({"gate": "run", "outcome": "ERROR", "measured": failure[:200], "limit": "", "rule": ""})
    return sorted(found, key=lambda reason: WORST_FIRST.index(reason["outcome"]))

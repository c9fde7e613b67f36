"""Who may decide on what, with which reason, and where verdicts leave a review: every case."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from kfm_review.errors import Changed, Invalid, NotAllowed, NotPossible
from kfm_review.reviews import rules
from kfm_review.reviews.rules import Case, NothingRequired, Vote
from kfm_review.reviews.states import Status, Verdict

STELLA, RITA, GAIL = 1, 2, 3
OUTCOMES = ("PASS", "REVIEW", "FAIL", "ERROR", "NOT_RUN", "")
OPEN = Case(
    status=Status.OPEN,
    outcome="REVIEW",
    needed=1,
    roles=("reviewer",),
    requester=STELLA,
    author=STELLA,
    stale=False,
    promoted=False,
    votes=(),
)


def votes(*verdicts: Verdict, role: str = "reviewer") -> tuple[Vote, ...]:
    """Return one vote of another person each."""
    return tuple(Vote(by=number, verdict=verdict, role=role) for number, verdict in enumerate(verdicts, 10))


@pytest.mark.parametrize(("one", "other", "needed"), list(product(Verdict, Verdict, [1, 2, 3])))
def test_one_refusal_ends_a_review_and_enough_approvals_pass_it(
    one: Verdict, other: Verdict, needed: int
) -> None:
    both = [one, other]
    if Verdict.REJECT in both:
        expected = Status.REJECTED
    elif Verdict.RETURN in both:
        expected = Status.RETURNED
    else:
        expected = Status.APPROVED if both.count(Verdict.APPROVE) >= needed else Status.OPEN
    assert rules.standing(votes(*both), needed=needed, roles=["reviewer"]) is expected


def test_nobody_has_decided_yet_so_it_is_open() -> None:
    assert rules.standing((), needed=1, roles=["reviewer"]) is Status.OPEN


def test_an_approval_in_a_role_the_family_does_not_ask_for_does_not_count() -> None:
    given = votes(Verdict.APPROVE, role="governance")
    assert rules.standing(given, needed=1, roles=["reviewer"]) is Status.OPEN


@pytest.mark.parametrize(("needed", "roles"), [(0, ["reviewer"]), (-1, ["reviewer"]), (1, [])])
def test_a_review_that_needs_nobody_is_refused(needed: int, roles: Sequence[str]) -> None:
    with pytest.raises(NothingRequired):
        rules.standing(votes(Verdict.APPROVE), needed=needed, roles=roles)


@pytest.mark.parametrize(
    ("requester", "author", "said"),
    [
        (RITA, None, "requested this run"),
        (None, RITA, "delivered this edition"),
        (RITA, RITA, "requested this run"),
        (STELLA, RITA, "delivered this edition"),
    ],
)
def test_nobody_decides_on_his_own(requester: int | None, author: int | None, said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        rules.check_not_own(replace(OPEN, requester=requester, author=author), actor=RITA)


@pytest.mark.parametrize(("requester", "author"), [(None, None), (STELLA, STELLA), (STELLA, None)])
def test_others_decide(requester: int | None, author: int | None) -> None:
    rules.check_not_own(replace(OPEN, requester=requester, author=author), actor=RITA)


def test_a_decision_is_about_the_content_that_was_shown() -> None:
    rules.check_same_manifest(shown="a" * 64, now="a" * 64)
    with pytest.raises(Changed, match="sha256:aaaaaaaa; what stands here is sha256:bbbbbbbb"):
        rules.check_same_manifest(shown="a" * 64, now="b" * 64)
    with pytest.raises(Changed):
        rules.check_same_manifest(shown="", now="b" * 64)


@pytest.mark.parametrize(("status", "mine", "promoted"), list(product(Status, [False, True], [False, True])))
def test_only_an_open_review_is_decided_and_only_who_approved_thinks_again(
    status: Status, *, mine: bool, promoted: bool
) -> None:
    voted = (Vote(by=RITA if mine else GAIL, verdict=Verdict.APPROVE, role="reviewer"),)
    case = replace(OPEN, status=status, promoted=promoted, votes=voted)
    if status is Status.OPEN or (status is Status.APPROVED and mine and not promoted):
        rules.check_open(case, actor=RITA, settled_by="Gail")
    else:
        with pytest.raises(Changed if status is Status.SUPERSEDED else NotPossible):
            rules.check_open(case, actor=RITA, settled_by="Gail")


@pytest.mark.parametrize(
    ("status", "promoted", "settled_by", "said"),
    [
        (Status.REJECTED, False, "Gail", "rejected already by Gail. It was settled before"),
        (Status.APPROVED, True, "Gail", "approved already by Gail. A promotion of it has begun"),
        (Status.RETURNED, False, "", "returned already. It was settled"),
        (Status.SUPERSEDED, False, "", "A newer run took this one's place"),
    ],
)
def test_who_comes_too_late_is_told_by_whom_it_was_settled(
    status: Status, *, promoted: bool, settled_by: str, said: str
) -> None:
    with pytest.raises((Changed, NotPossible), match=said):
        rules.check_open(replace(OPEN, status=status, promoted=promoted), actor=RITA, settled_by=settled_by)


@pytest.mark.parametrize(("outcome", "stale"), list(product(OUTCOMES, [False, True])))
def test_only_what_passed_or_needs_a_look_is_approved_while_its_base_is_current(
    outcome: str, *, stale: bool
) -> None:
    case = replace(OPEN, outcome=outcome, stale=stale)
    if outcome in ("PASS", "REVIEW") and not stale:
        rules.check_approvable(case)
    else:
        with pytest.raises(NotPossible, match="cannot be approved"):
            rules.check_approvable(case)


@pytest.mark.parametrize(
    ("held", "verdict", "role"),
    [
        (("reviewer",), Verdict.APPROVE, "reviewer"),
        (("reviewer", "governance"), Verdict.RETURN, "reviewer"),
        (("governance", "reviewer"), Verdict.REJECT, "reviewer"),
        (("governance",), Verdict.REJECT, "governance"),
        (("governance",), Verdict.ABSTAIN, "governance"),
    ],
)
def test_a_verdict_counts_in_the_role_the_family_asks_for(
    held: tuple[str, ...], verdict: Verdict, role: str
) -> None:
    assert rules.check_role(OPEN, verdict=verdict, held=held) == role


@pytest.mark.parametrize("held", [("governance",), ()])
def test_who_holds_none_of_the_family_s_roles_may_not_approve(held: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowed, match="It needs the approval of a reviewer"):
        rules.check_role(OPEN, verdict=Verdict.APPROVE, held=held)


@pytest.mark.parametrize(("verdict", "outcome"), list(product(Verdict, OUTCOMES)))
def test_only_approving_what_passed_needs_no_reason(verdict: Verdict, outcome: str) -> None:
    if verdict is Verdict.APPROVE and outcome == "PASS":
        assert rules.check_reason("  ", verdict=verdict, outcome=outcome) == ""
    else:
        with pytest.raises(Invalid, match="Say why"):
            rules.check_reason("  ", verdict=verdict, outcome=outcome)
    assert rules.check_reason(" Because. ", verdict=verdict, outcome=outcome) == "Because."


@pytest.mark.parametrize("reason", ["x" * 4001, "a\x00b"])
def test_a_reason_is_text_and_no_book(reason: str) -> None:
    with pytest.raises(Invalid, match="cannot be kept"):
        rules.check_reason(reason, verdict=Verdict.APPROVE, outcome="PASS")


def test_the_reasons_of_a_review_are_its_findings_the_worst_first() -> None:
    said = ("PASS", "REVIEW", "NOT_RUN", "FAIL", "ERROR", "REVIEW")
    gates = [{"gate": f"gate-{n}", "outcome": one, "measured": "", "limit": ""} for n, one in enumerate(said)]
    found = [reason["gate"] for reason in rules.reasons(gates, failure="")]
    assert found == ["gate-4", "gate-3", "gate-1", "gate-5"]


def test_a_run_that_broke_is_its_own_reason() -> None:
    [reason] = rules.reasons([], failure="x" * 300)
    assert (reason["gate"], reason["outcome"], len(reason["measured"])) == ("run", "ERROR", 200)

"""Standing approvals: for clean runs of one public asset, signed by the right person, used on record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from kfm_review.accounts.models import RoleGrant, User
from kfm_review.audit.models import Event
from kfm_review.errors import Invalid, NotAllowed, NotPossible
from kfm_review.releases import actions, standing, testimony, vouching
from kfm_review.releases.models import Promotion, StandingApproval, StandingUse
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs.models import GateResult
from kfm_review.signing import machines, statements
from kfm_review.signing.models import Statement
from pipelines import manifest
from pipelines.model import Outcome
from pipelines.proof import keys, roster, sshsig
from pipelines.proof.roster import Key
from tests.kfm_review.journey import FAMILY, Journey
from tests.kfm_review.keyring import Keyring
from tests.kfm_review.releases.vouched import POISONS, poison
from tests.kfm_review.roles import CONTROL, PROMOTER, WEB, working_as
from tests.kfm_review.world import NOON, person

ALL_PASS: dict[str, Any] = {"outcome": Outcome.PASS}


class Office:
    """Somebody of governance with a key on the roster, and a reviewer who asks."""

    def __init__(self, journey: Journey, keyring: Keyring) -> None:
        self.journey, self.keyring = journey, keyring
        self.gina = person("gina", "governance")
        self.private = keyring.private["elsewhere"]
        self.enrol("gina")

    def enrol(self, name: str, *, roles: tuple[str, ...] = ("governance",)) -> None:
        """Put the key on the roster as somebody's."""
        listed = Key(
            public=keys.ed25519(self.private.public_key()),
            holder=f"person:{name}",
            name="of a test",
            kind="ssh",
            roles=roles,
            since=NOON - timedelta(days=1),
            until=None,
        )
        kept = tuple(one for one in self.keyring.roster.keys if one.fingerprint != listed.fingerprint)
        self.keyring.roster = replace(self.keyring.roster, keys=(*kept, listed))

    def asked(self, *, days: int = 30) -> Statement:
        until = (self.journey.now() + timedelta(days=days)).date()
        asked = {"asset": FAMILY, "until": until, "why": "Nothing ever changes.", "now": self.journey.now()}
        return standing.request(actor=self.journey.reviewer, **asked)  # type: ignore[arg-type]  # words by name

    def signed(self, statement: Statement, *, by: User | None = None) -> StandingApproval:
        sig = sshsig.sign(statements.pae(statement), namespace="release@kfm-review", private=self.private)
        actor = by or self.gina
        made = statements.signed(statement, sig, holder=f"{roster.PERSON}{actor.username}")
        return standing.grant(statement, made, actor, self.journey.now())


@pytest.fixture
def office(journey: Journey, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Publish a first edition before the roster stands, then let governance sign."""
    with monkeypatch.context() as before:
        before.setattr(machines, "current", lambda: None)
        journey.published("2024-10")
    return Office(journey, keyring)


def run_clean(journey: Journey, **other: Any) -> Review:
    """Have a run end with every gate passed, or with something else."""
    run = journey.ask("2026-09")
    made = manifest.read(journey.store, journey.result(run)["manifest"])
    gates = tuple(replace(one, outcome=Outcome.PASS, findings=(), remedy="") for one in made.gates)
    terms = {"gates": gates, **ALL_PASS, **other}
    review = reviews.receive(journey.report(run, replace(made, **terms)), now=journey.now())
    assert review is not None
    return review


def test_a_clean_run_is_approved_by_what_was_signed_and_each_use_is_an_event(office: Office) -> None:
    approval = office.signed(office.asked())
    review = run_clean(office.journey)
    use = standing.consider(review, now=office.journey.now())
    review.refresh_from_db()
    assert use is not None
    assert (review.status, use.approval_id) == ("approved", approval.pk)
    told = Event.objects.get(action="standing-approval.used").details
    assert (told["review"], told["manifest"], told["statement"]) == (
        review.pk,
        review.manifest_id,
        approval.statement_id,
    )


@pytest.mark.parametrize("gate", [Outcome.REVIEW, Outcome.FAIL, Outcome.ERROR, Outcome.NOT_RUN])
def test_one_gate_that_did_not_pass_is_looked_at_by_people(office: Office, gate: Outcome) -> None:
    office.signed(office.asked())
    review = run_clean(office.journey)
    GateResult.objects.create(manifest=review.manifest, position=99, gate="new", phase="after", outcome=gate)
    assert standing.consider(review, now=office.journey.now()) is None
    approval, now = StandingApproval.objects.get(), office.journey.now()
    with pytest.raises(DatabaseError, match="covers clean runs"), transaction.atomic():
        StandingUse.objects.create(approval=approval, review=review, at=now)


def test_ended_expired_and_by_a_key_that_left_it_approves_nothing(office: Office) -> None:
    approval, review = office.signed(office.asked()), run_clean(office.journey)
    late = office.journey.now() + timedelta(days=60)
    assert standing.consider(review, now=late) is None
    office.enrol("somebody-else")
    assert standing.consider(review, now=office.journey.now()) is None
    office.enrol("gina", roles=("publisher",))
    assert standing.consider(review, now=office.journey.now()) is None
    office.enrol("gina")
    ended = {"actor": office.gina, "why": "We look again.", "now": office.journey.now()}
    standing.end(approval_id=approval.pk, **ended)  # type: ignore[arg-type]  # words by name
    assert standing.consider(review, now=office.journey.now()) is None
    with pytest.raises(NotPossible, match="ended already"):
        standing.end(approval_id=approval.pk, **ended)  # type: ignore[arg-type]  # words by name


def test_whoever_asked_or_owns_the_family_does_not_sign(office: Office) -> None:
    statement = office.asked()
    RoleGrant.objects.create(user=office.journey.reviewer, role="governance", family="", granted_at=NOON)
    with pytest.raises(NotAllowed, match="You may not sign"):
        office.signed(statement, by=office.journey.reviewer)
    RoleGrant.objects.create(user=office.gina, role="steward", family=FAMILY, granted_at=NOON)
    with pytest.raises(NotAllowed, match="You may not sign"):
        office.signed(statement)


def test_a_signer_who_came_to_own_the_family_since_no_longer_counts(office: Office) -> None:
    office.signed(office.asked())
    RoleGrant.objects.create(user=office.gina, role="steward", family=FAMILY, granted_at=NOON)
    assert standing.consider(run_clean(office.journey), now=office.journey.now()) is None


@pytest.mark.parametrize("days", [-1, 92, 4000])
def test_it_ends_on_a_day_to_come_within_what_policy_allows(office: Office, days: int) -> None:
    with pytest.raises(Invalid, match="ends on a day to come"):
        office.asked(days=days)


def test_there_is_none_for_a_first_edition(journey: Journey) -> None:
    journey.ask()
    until = (journey.now() + timedelta(days=3)).date()
    with pytest.raises(NotPossible, match="no public release yet"):
        standing.request(
            asset=FAMILY, until=until, why="Trust me.", actor=journey.reviewer, now=journey.now()
        )


def test_one_that_is_ended_between_approval_and_flip_wins(office: Office) -> None:
    journey = office.journey
    approval, review = office.signed(office.asked()), run_clean(journey)
    standing.consider(review, now=journey.now())
    review.refresh_from_db()
    made = actions.promote(review_id=review.pk, now=journey.now())
    assert isinstance(made, Promotion)
    standing.end(approval_id=approval.pk, actor=office.gina, why="Stop.", now=journey.now())
    proofs = vouching.proofs(made, counted=(), now=journey.now())
    assert (proofs["review"].holds, proofs["review"].evidence) == (
        False,
        "The standing approval was ended: Stop.",
    )


def test_events_that_say_nothing_sound_hide_no_use_of_it(office: Office) -> None:
    office.signed(office.asked())
    for details in POISONS:
        poison(testimony.USED, f"asset:{FAMILY}", details, at="2026-11-24T12:00:00")
    review = run_clean(office.journey)
    use = standing.consider(review, now=office.journey.now())
    assert use is not None
    told = testimony.use_event(use)
    assert told is not None
    assert told.details["review"] == review.pk
    assert testimony.used(use, size=None).holds
    use.at += timedelta(seconds=1)
    assert "No event tells of the use" in testimony.used(use, size=None).evidence


def test_each_process_uses_a_standing_approval_with_the_rights_of_its_own_role(office: Office) -> None:
    journey = office.journey
    with working_as(WEB):
        office.signed(office.asked())
    review = run_clean(journey)
    with working_as(CONTROL):
        assert standing.consider(review, now=journey.now()) is not None
        made = actions.promote(review_id=review.pk, now=journey.now())
    assert made is not None
    with working_as(PROMOTER):
        proofs = vouching.proofs(made, counted=(), now=journey.now())
    assert proofs["review"].holds, proofs["review"].evidence
    assert proofs["review"].evidence.startswith(f"sha256:{review.manifest_id[:8]}, standing approval of gina")

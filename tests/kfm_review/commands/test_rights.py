"""Every process can do its work with the rights of its own role: one journey, each step as its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from kfm_review.accounts.models import User
from kfm_review.audit import queries as audit
from kfm_review.outbox.pulse import heard
from kfm_review.people import actions as people
from kfm_review.people import passwords
from kfm_review.people.queries import viewer
from kfm_review.releases import actions as releases
from kfm_review.releases.models import Promotion
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Current, Run
from tests.kfm_review.journey import FAMILY, Journey, posted
from tests.kfm_review.roles import CONTROL, PROMOTER, WEB, working_as
from tests.kfm_review.world import NOON, PASSWORD, person


def asked(journey: Journey, edition: str, **more: Any) -> Run:
    with working_as(WEB):
        return journey.ask(edition, **more)


def received(journey: Journey, run: Run) -> Review | None:
    with working_as(CONTROL):
        runs.started(journey.word(run, "started", worker="host:1"), now=journey.now())
        runs.progress(journey.word(run, "progress", step="Pinning", n=1, of=8), now=journey.now())
        runs.heartbeat(journey.word(run, "heartbeat"), now=journey.now())
    message = journey.result(run)
    with working_as(CONTROL):
        return reviews.receive(message, now=journey.now())


def approved(journey: Journey, review: Review | None) -> Promotion:
    assert review is not None
    with working_as(WEB):
        journey.decide(review)
    with working_as(CONTROL):
        promotion = releases.promote(review_id=review.pk, now=journey.now())
    assert promotion is not None
    return promotion


def carried_out(journey: Journey, promotion: Promotion) -> str:
    with working_as(CONTROL):
        journey.verify(promotion)
    with working_as(PROMOTER):
        return journey.carry_out(promotion).status


def published(journey: Journey, edition: str) -> None:
    review = received(journey, asked(journey, edition))
    assert carried_out(journey, approved(journey, review)) == "done"


def test_web_asks_control_receives_web_decides_control_releases_the_promoter_publishes(
    journey: Journey,
) -> None:
    published(journey, "2024-10")
    assert Current.objects.get().release_number == 1


def test_releases_overtake_are_rolled_back_held_and_lifted(journey: Journey) -> None:
    published(journey, "2024-10")
    waiting = received(journey, asked(journey, "2026-09-halved"))
    published(journey, "2026-09")
    assert waiting is not None
    with working_as(CONTROL):
        again = reviews.request_again(review_id=waiting.pk, now=journey.now())
    assert again is not None
    assert received(journey, again) is not None
    with working_as(WEB):
        back = releases.roll_back(
            asset=FAMILY, number=1, actor=journey.publisher, why="Worse.", now=journey.now()
        )
    assert carried_out(journey, back) == "done"
    with working_as(WEB):
        releases.lift(asset=FAMILY, actor=journey.publisher, why="Better.", now=journey.now())
        releases.hold(asset=FAMILY, actor=journey.reviewer, why="Wait.", now=journey.now())


def test_rolling_back_ends_what_waits_for_a_hold(journey: Journey) -> None:
    published(journey, "2024-10")
    published(journey, "2026-09")
    waits = approved(journey, received(journey, asked(journey, "2026-09", upload_ids=again(journey))))
    with working_as(WEB):
        releases.hold(asset=FAMILY, actor=journey.reviewer, why="Wait.", now=journey.now())
        releases.roll_back(asset=FAMILY, number=1, actor=journey.publisher, why="W.", now=journey.now())
    waits.refresh_from_db()
    assert waits.status == "failed"


def again(journey: Journey) -> dict[str, int]:
    with working_as(WEB):
        return {"airports": journey.delivered("2024-10").pk}


def test_a_publisher_promotes_by_hand(journey: Journey) -> None:
    review = received(journey, asked(journey, "2024-10"))
    assert review is not None
    with working_as(WEB):
        journey.decide(review)
        promotion = releases.promote_by_hand(
            review_id=review.pk, actor=journey.publisher, why="Now.", now=journey.now()
        )
    assert carried_out(journey, promotion) == "done"


def test_runs_are_cancelled_retried_begun_again_and_buried(journey: Journey) -> None:
    run = asked(journey, "2024-10")
    with working_as(WEB):
        runs.cancel(run_id=run.pk, actor=journey.steward, why="A mistake.", now=journey.now())
    run = asked(journey, "2024-10")
    with working_as(CONTROL):
        for _ in range(3):
            runs.attempt(run.pk, now=journey.now())
    burial = journey.burial(run)
    with working_as(CONTROL):
        assert reviews.receive(burial, now=journey.now()) is not None
    with working_as(WEB):
        runs.retry(run_id=run.pk, actor=journey.steward, why="Once more.", now=journey.now())
    assert len(posted("pool.light")) == 6


def test_a_refused_result_begins_the_run_again(journey: Journey) -> None:
    run = asked(journey, "2024-10")
    message = journey.result(run)
    journey.flip(message["manifest"])
    with working_as(CONTROL):
        assert reviews.receive(message, now=journey.now()) is None
    assert run.attempts.count() == 2


@pytest.mark.django_db
def test_people_are_admitted_and_come_in_through_the_web() -> None:
    ada = person("ada", "admin")
    with working_as(WEB):
        made, password = people.invite(username="olaf", full_name="Olaf", email="", actor=ada, now=NOON)
        held = people.grant(user_id=made.pk, role="reviewer", family="", actor=ada, now=NOON)
        people.grant_clearance(
            user_id=made.pk, label="restricted", until=NOON.date() + timedelta(days=1), actor=ada, now=NOON
        )
        people.end_grant(grant_id=held.pk, actor=ada, now=NOON)
        olaf = passwords.sign_in(username="olaf", password=password, address="::1", now=NOON)
        passwords.change(user=olaf, old=password, new="quite another password", now=NOON)
        with pytest.raises(Exception, match="not let in"):
            passwords.sign_in(username="olaf", password=password, address="::1", now=NOON)
        assert viewer(olaf, today=NOON.date()).labels == {"public", "generalized", "restricted"}
        people.deactivate(user_id=olaf.pk, actor=ada, now=NOON)
        assert audit.events(audit.Filters()).events
        assert audit.estimate()


@pytest.mark.django_db
def test_sessions_live_in_the_web_process() -> None:
    request = HttpRequest()
    with working_as(WEB):
        request.session = SessionStore()
        login(request, person_of_the_web(), backend="django.contrib.auth.backends.ModelBackend")
        request.session.save()
        request.session["theme"] = "dark"
        request.session.save()
        request.session.flush()


def person_of_the_web() -> User:
    made = User(username="rita", full_name="Rita", created_at=NOON)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("role", [CONTROL, PROMOTER])
def test_who_answers_a_ping_may_write_it_down(role: str) -> None:
    with working_as(role):
        heard("worker", token="", now=NOON)
        heard("worker", token="asked", now=NOON)  # noqa: S106  # no secret

"""A failing review in a house where people hold keys, and an exception of it asked for and answered."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from kfm_review.accounts.models import User
from kfm_review.reviews import excusing
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Manifest
from kfm_review.signing import statements
from kfm_review.waivers.models import Request
from kfm_review.waivers.rules import Asked
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.signing.governed import Governed

EDITION = "2026-09-duplicates"


class Excusable:
    """One failing review; `ann` and `ben` are of governance and hold keys that count."""

    def __init__(self, journey: Journey, review: Review, governed: Governed) -> None:
        self.journey = journey
        self.review = review
        self.governed = governed

    @property
    def failing(self) -> list[str]:
        return [one["gate"] for one in self.review.manifest.body["gates"] if one["outcome"] == "FAIL"]

    def now(self) -> datetime:
        return self.journey.now()

    def asked(self, **more: Any) -> Asked:
        told: dict[str, Any] = {
            "kind": "QUALITY_THRESHOLD",
            "gates": self.failing,
            "reason_code": "MINOR_DEFECT",
            "justification": "Both rows are the same field.",
            "reach": "manifest",
            "keys": (),
            "area": (),
            "findings_max": None,
            "value_worst": None,
            "expires_at": self.now() + timedelta(days=30),
            "obligations": ("Tell the source.",),
        }
        return Asked(**(told | more))

    def request(self, *, by: User | None = None, **more: Any) -> Request:
        return excusing.request(
            review_id=self.review.pk,
            manifest=self.review.manifest_id,
            asked=self.asked(**more),
            actor=by or self.journey.steward,
            now=self.now(),
        )

    def answer(self, request: Request, by: str = "ann", *, decision: str = "approve", **how: Any) -> Request:
        """Have somebody read, sign and send the answer to a request."""
        person = self.governed.user(by)
        prepared = excusing.prepare(request_id=request.pk, decision=decision, actor=person, now=self.now())
        return self.sign(prepared, by, **how)

    def sign(self, prepared: Any, by: str, **how: Any) -> Request:
        person, now = self.governed.user(by), self.now()
        sig = self.governed.sign(prepared, by, **how)
        said = statements.check(statement=prepared, sig=sig, actor=person, now=now)
        return excusing.excuse(statement=prepared, signed=said, actor=person, now=now)

    def granted(self, **more: Any) -> Request:
        """Return a request that ann has granted."""
        return self.answer(self.request(**more))

    def like(self, body: dict[str, object]) -> Manifest:
        """Return another manifest of the same asset, which says this."""
        made = world.manifest(
            self.review.asset, edition="2026-10", outcome="FAIL", base="none", label="public", at=self.now()
        )
        made.body = body
        return made

    def status(self) -> str:
        self.review.refresh_from_db()
        return self.review.status


@pytest.fixture
def excusable(journey: Journey, settings: Settings) -> Excusable:
    """Begin with a failing review, made before anybody held a key."""
    review = journey.review(EDITION)
    settings.KFM_ROOT = ""
    governed = Governed()
    settings.KFM_ROOT = governed.root_key
    return Excusable(journey, review, governed)

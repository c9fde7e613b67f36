"""Each judgement of a promotion, kept with all it was made from, so that it can be made again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from kfm_review.releases import rules
from kfm_review.releases.models import Judgement, Promotion
from kfm_review.releases.rules import Check, Facts
from pipelines import digest
from pipelines.model import Json


def keep(
    promotion: Promotion, *, facts: Facts, made: Sequence[Check], moment: str, now: datetime
) -> Judgement:
    """Write down what was asked and answered, before a promotion or in its flip."""
    body: Json = {
        "promotion": promotion.pk,
        "moment": moment,
        "input": {**asdict(facts), "kind": str(facts.kind), "approved_by": list(facts.approved_by)},
        "checks": [asdict(check) for check in made],
    }
    return Judgement.objects.create(
        promotion=promotion,
        moment=moment,
        allowed=not rules.unproved(made),
        body=body,
        digest=digest.of_json(body),
        at=now,
    )

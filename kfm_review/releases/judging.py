"""The promotion policy asked, and each of its judgements kept with all that it was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from kfm_review.releases import rules
from kfm_review.releases.models import Judgement, Promotion
from kfm_review.releases.rules import Check, Facts, Proof
from pipelines import digest, rego
from pipelines.errors import PolicyBroken
from pipelines.model import Json

PACKAGE, CHECK = "promotion", "policy"


def judge(facts: Facts, proofs: Mapping[str, Proof]) -> tuple[Proof, Json]:
    """Return what policy says of a promotion, and its whole answer; one that cannot answer refuses."""
    asked = gathered(facts, proofs)
    try:
        said = rego.engine().judge(PACKAGE, asked)
    except PolicyBroken as broken:
        return Proof(holds=False, evidence=str(broken)), {"input": asked, "broken": str(broken)}
    told = {"input": asked, "judgement": said.to_json()}
    if said.allowed is not True:
        return Proof(
            holds=False, evidence=" ".join(f"{one.message} {one.remedy}" for one in said.missing)
        ), told
    by = f"{len(said.passed)} of {len(said.required)} rules, bundle sha256:{said.bundle[:8]}"
    return Proof(holds=True, evidence=by), told


def gathered(facts: Facts, proofs: Mapping[str, Proof]) -> Json:
    """Return what policy is asked: the facts, and which of our own checks hold; one not made does not."""
    made = {check.id: check.proved for check in rules.checks(proofs) if check.id != CHECK}
    told = {**asdict(facts), "kind": str(facts.kind), "approved_by": list(facts.approved_by)}
    del told["published"]  # of which the check of a way back tells
    return {"facts": told, "checks": made}


def keep(promotion: Promotion, *, told: Json, made: Sequence[Check], moment: str, now: datetime) -> Judgement:
    """Write down what was asked and answered, before a promotion or in its flip."""
    body: Json = {
        "promotion": promotion.pk,
        "moment": moment,
        **told,
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

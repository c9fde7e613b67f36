"""The PROV-O document of one promotion: what was released, on whose approval, and what was published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines import digest
from pipelines.catalog import names
from pipelines.catalog.prov import CONTEXT, person_id
from pipelines.model import Json

WITHDRAW = "withdraw"
PROMOTER = "urn:kfm:software:promoter"
PUBLISHER, APPROVER, REQUESTER = (f"kfm:{role}" for role in ("publisher", "approver", "requester"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """One promotion as the database knows it; `published` are documents by name with their digests."""

    number: int
    kind: str
    asset: str
    channel: str
    release: int
    manifest: str
    why: str
    approved_by: Sequence[str]
    requested_by: str
    started_at: str
    ended_at: str
    published: Mapping[str, str]

    @property
    def id(self) -> str:
        return f"urn:kfm:promotion:{self.number}"

    @property
    def release_id(self) -> str:
        return f"urn:kfm:release:{self.asset}:{self.channel}:{self.release}"


def document(promotion: Promotion) -> bytes:
    """Return the document of a promotion whose files are in place."""
    published = {names.bytes_id(sha256): name for name, sha256 in sorted(promotion.published.items())}
    generated = published if promotion.kind == WITHDRAW else (promotion.release_id, *published)
    nodes = [_activity(promotion, tuple(generated))]
    nodes += [_entity(names.bytes_id(promotion.manifest), "manifest"), _release(promotion)]
    nodes += [_made(promotion, name, role) for name, role in published.items()]
    return digest.canonical({"@context": CONTEXT, "@graph": [*nodes, *_agents(promotion)]})


def _activity(promotion: Promotion, generated: Sequence[str]) -> Json:
    used = names.bytes_id(promotion.manifest)
    people = [(person_id(name), APPROVER) for name in promotion.approved_by]
    associated = [(PROMOTER, PUBLISHER), *people]
    if promotion.requested_by:
        associated.append((person_id(promotion.requested_by), REQUESTER))
    return {
        "@id": promotion.id,
        "@type": ["prov:Activity", "kfm:Promotion"],
        "prov:startedAtTime": promotion.started_at,
        "prov:endedAtTime": promotion.ended_at,
        "kfm:kind": promotion.kind,
        "kfm:channel": promotion.channel,
        "kfm:why": promotion.why,
        "prov:used": [used],
        "prov:qualifiedUsage": [{"@type": "prov:Usage", "prov:entity": used}],
        "prov:generated": list(generated),
        "prov:wasAssociatedWith": list(dict.fromkeys(agent for agent, _ in associated)),
        "prov:qualifiedAssociation": [
            {"@type": "prov:Association", "prov:agent": agent, "prov:hadRole": role}
            for agent, role in associated
        ],
    }


def _release(promotion: Promotion) -> Json:
    return {
        **(
            _ended(promotion)
            if promotion.kind == WITHDRAW
            else _made(promotion, promotion.release_id, "release")
        ),
        "kfm:asset": promotion.asset,
        "kfm:release": promotion.release,
        "prov:wasDerivedFrom": [names.bytes_id(promotion.manifest)],
    }


def _ended(promotion: Promotion) -> Json:
    at = {"@type": "prov:Invalidation", "prov:activity": promotion.id, "prov:atTime": promotion.ended_at}
    ended = {"prov:wasInvalidatedBy": promotion.id, "prov:qualifiedInvalidation": at}
    return {**_entity(promotion.release_id, "release"), **ended}


def _made(promotion: Promotion, name: str, role: str) -> Json:
    at = {"@type": "prov:Generation", "prov:activity": promotion.id, "prov:atTime": promotion.ended_at}
    return {**_entity(name, role), "prov:wasGeneratedBy": promotion.id, "prov:qualifiedGeneration": at}


def _entity(name: str, role: str) -> Json:
    return {"@id": name, "@type": ["prov:Entity"], "kfm:role": role}


def _agents(promotion: Promotion) -> list[Json]:
    software = {"@id": PROMOTER, "@type": ["prov:Agent", "prov:SoftwareAgent"], "foaf:name": "kfm-promoter"}
    people = dict.fromkeys((*promotion.approved_by, *filter(None, (promotion.requested_by,))))
    return [
        software,
        *(
            {"@id": person_id(name), "@type": ["prov:Agent", "prov:Person"], "foaf:name": name}
            for name in people
        ),
    ]

"""The PROV-O document of one exception: who approved it in which role, on what, by which statement."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipelines import digest as digests
from pipelines.catalog import names
from pipelines.catalog.prov import CONTEXT, person_id
from pipelines.model import Json
from pipelines.proof.envelope import Statement

APPROVER, REQUESTER = "kfm:approver", "kfm:requester"


def document(said: Statement, *, digest: str, by: Sequence[str], at: datetime) -> bytes:
    """Return the document of an exception that `by` have signed; its statement is named by `digest`."""
    told = said.predicate
    act, made = f"urn:kfm:exception:{told['id']}", names.bytes_id(digest)
    ended = _moment(at)
    used = [names.bytes_id(sha256) for _, sha256 in sorted(said.subjects.items())]
    associated = [*((person_id(name), APPROVER) for name in by), (person_id(told["requester"]), REQUESTER)]
    activity = {
        "@id": act,
        "@type": ["prov:Activity", "kfm:Exception"],
        "prov:startedAtTime": _moment(datetime.fromisoformat(told["issued_at"])),
        "prov:endedAtTime": ended,
        "kfm:kind": told["class"],
        "kfm:why": told["justification"],
        "prov:used": used,
        "prov:qualifiedUsage": [{"@type": "prov:Usage", "prov:entity": one} for one in used],
        "prov:generated": [made],
        "prov:wasAssociatedWith": list(dict.fromkeys(agent for agent, _ in associated)),
        "prov:qualifiedAssociation": [
            {"@type": "prov:Association", "prov:agent": agent, "prov:hadRole": role}
            for agent, role in associated
        ],
    }
    generation = {"@type": "prov:Generation", "prov:activity": act, "prov:atTime": ended}
    statement = {
        "@id": made,
        "@type": ["prov:Entity"],
        "kfm:role": "exception",
        "prov:wasGeneratedBy": act,
        "prov:qualifiedGeneration": generation,
        "prov:wasDerivedFrom": used,
    }
    entities = [{"@id": one, "@type": ["prov:Entity"]} for one in dict.fromkeys(used)]
    agents = [_person(name) for name in dict.fromkeys((*by, told["requester"]))]
    return digests.canonical({"@context": CONTEXT, "@graph": [activity, statement, *entities, *agents]})


def _person(name: str) -> Json:
    return {"@id": person_id(name), "@type": ["prov:Agent", "prov:Person"], "foaf:name": name}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

"""The PROV-O document of one attempt: what it used and made, who answers for it, what each gate said."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipelines import digest
from pipelines.catalog import labels as catalogued
from pipelines.catalog import marks, names
from pipelines.catalog.graph import DCT, KFM, PROV
from pipelines.manifest import Manifest
from pipelines.model import CONTENT_ROLES, NO_BASE, GateResult, Json, Outcome, Phase

MANIFEST = "manifest"
Made = dict[str, str]
_IRI: Json = {"@type": "@id"}
_TIME: Json = {"@type": "xsd:dateTime"}
CONTEXT: Json = {
    "dct": str(DCT),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "kfm": str(KFM),
    "prov": str(PROV),
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{
        f"prov:{term}": _IRI
        for term in (
            *("activity", "actedOnBehalfOf", "agent", "entity", "generated", "hadRole", "used"),
            *("wasAssociatedWith", "wasDerivedFrom", "wasGeneratedBy", "wasInvalidatedBy", "hadActivity"),
        )
    },
    **{f"prov:{term}": _TIME for term in ("atTime", "endedAtTime", "startedAtTime")},
    "dct:isPartOf": _IRI,
    "kfm:carriesOut": _IRI,
    "kfm:sovereignty": {"@container": "@list"},
}
WORKER, REQUESTER, AUTHOR, JUDGE, DEFINED, REDACTOR = (
    f"kfm:{role}" for role in ("worker", "requester", "author", "judge", "defined-by", "redactor")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a run, with the clock and the host that no other document knows."""

    run: str
    number: int
    requested_by: str
    author: str
    requested_at: str
    why: str
    worker: str
    started_at: str
    ended_at: str

    @property
    def id(self) -> str:
        return attempt_id(self.run, self.number)


def document(manifest: Manifest, *, attempt: Attempt) -> bytes:
    """Return the document of an attempt that ended, whatever its outcome."""
    kept = made(manifest)
    nodes = [
        _run(manifest, attempt, kept),
        *_materialization(manifest),
        *_agents(manifest, attempt),
        *_entities(manifest, attempt, kept),
        *_redaction(manifest, attempt),
        *(node for result in manifest.gates for node in _gate(result, manifest, attempt, kept)),
    ]
    return digest.canonical({"@context": CONTEXT, "@graph": _once(nodes)})


def attempt_id(run: str, number: int) -> str:
    """Return the name of one attempt of a run."""
    return f"urn:kfm:run:{run}:{number}"


def gate_result_id(manifest: str, gate: str) -> str:
    """Return the name of what a gate said about a manifest's content."""
    return f"urn:kfm:gate-result:{manifest}:{gate}"


def software_id(code_digest: str) -> str:
    """Return the name of the software that ran."""
    return f"urn:kfm:software:{code_digest}"


def person_id(username: str) -> str:
    """Return the name of a person, or of the system where nobody asked."""
    return f"urn:kfm:person:{quote(username)}" if username else "urn:kfm:system"


def _run(manifest: Manifest, attempt: Attempt, kept: Made) -> Json:
    used = [names.bytes_id(one.sha256) for one in manifest.inputs]
    if manifest.base != NO_BASE:
        used.append(names.bytes_id(manifest.base))
    software = software_id(manifest.code_digest)
    associated = [(software, WORKER), (person_id(attempt.requested_by), REQUESTER)]
    if attempt.author:
        associated.append((person_id(attempt.author), AUTHOR))
    node: Json = {
        "@id": attempt.id,
        "@type": ["prov:Activity", "kfm:RunAttempt"],
        "prov:startedAtTime": attempt.started_at,
        "prov:endedAtTime": attempt.ended_at,
        "kfm:requestedAt": attempt.requested_at,
        "kfm:why": attempt.why,
        "kfm:host": attempt.worker,
        "kfm:asset": manifest.asset,
        "kfm:edition": manifest.edition,
        "kfm:outcome": manifest.outcome,
        "prov:used": used,
        "prov:qualifiedUsage": [{"@type": "prov:Usage", "prov:entity": one} for one in used],
        "prov:generated": [names.bytes_id(one) for one in kept],
        **_associated(associated),
        **_labels(manifest),
    }
    if manifest.spec_hash:
        node["kfm:carriesOut"] = names.materialization(manifest.spec_hash)
    return node


def _materialization(manifest: Manifest) -> list[Json]:
    if manifest.spec_hash is None:
        return []
    return [
        {
            "@id": names.materialization(manifest.spec_hash),
            "@type": ["prov:Activity", "kfm:Materialization"],
            **_associated([(software_id(manifest.code_digest), DEFINED)]),
            **_labels(manifest),
        }
    ]


def _agents(manifest: Manifest, attempt: Attempt) -> list[Json]:
    people = dict.fromkeys((attempt.requested_by, attempt.author or attempt.requested_by))
    return [
        {
            "@id": software_id(manifest.code_digest),
            "@type": ["prov:Agent", "prov:SoftwareAgent"],
            "foaf:name": "kfm-pipelines",
            "kfm:codeDigest": manifest.code_digest,
            "prov:actedOnBehalfOf": person_id(attempt.requested_by),
        },
        *(
            {
                "@id": person_id(name),
                "@type": ["prov:Agent", "prov:Person" if name else "prov:Organization"],
                "foaf:name": name or "KFM Review",
            }
            for name in people
        ),
    ]


def made(manifest: Manifest) -> Made:
    """Return what an attempt made, the manifest first: digests with the role of each."""
    return {
        manifest.digest: MANIFEST,
        **{sha256: kind for kind, sha256 in manifest.catalogs.items()},
        **{artifact.sha256: artifact.role for artifact in manifest.artifacts},
    }


def _entities(manifest: Manifest, attempt: Attempt, kept: Made) -> list[Json]:
    sources = [one.sha256 for one in manifest.inputs]
    given = {one.sha256: f"input:{one.name}" for one in manifest.inputs}
    if manifest.base != NO_BASE:
        given[manifest.base] = "base"
    return [
        *(_entity(one, role, manifest) for one, role in given.items() if one not in kept),
        *(
            {
                **_entity(one, role, manifest),
                **_generated(attempt.id, at=attempt.ended_at),
                "prov:wasDerivedFrom": [names.bytes_id(source) for source in sources if source != one],
            }
            for one, role in kept.items()
        ),
    ]


def _entity(sha256: str, role: str, manifest: Manifest) -> Json:
    return {
        "@id": names.bytes_id(sha256),
        "@type": ["prov:Entity", "kfm:Bytes"],
        "kfm:role": role,
        "kfm:sha256": sha256,
        **_labels(manifest, sha256),
    }


def _redaction(manifest: Manifest, attempt: Attempt) -> list[Json]:
    """Return how places were made coarser: what it used by digest only, and the receipt it left."""
    labels = manifest.labels
    if labels is None or labels.generalization is None or manifest.content_digest is None:
        return []
    activity = f"{attempt.id}:redaction"
    used = [names.bytes_id(one.sha256) for one in catalogued.hidden(manifest.inputs, labels)]
    told = {"kfm:receipt": labels.generalization.receipt, **_labels(manifest)}
    return [
        {
            "@id": activity,
            "@type": ["prov:Activity", "kfm:Redaction"],
            "dct:isPartOf": attempt.id,
            "prov:used": used,
            "prov:qualifiedUsage": [{"@type": "prov:Usage", "prov:entity": one} for one in used],
            "prov:generated": [f"{activity}:record"],
            **_associated([(software_id(manifest.code_digest), REDACTOR)]),
            **told,
        },
        {
            "@id": f"{activity}:record",
            "@type": ["prov:Entity", "kfm:RedactionRecord"],
            **_generated(activity, at=None),
            **told,
        },
    ]


def _gate(result: GateResult, manifest: Manifest, attempt: Attempt, kept: Made) -> list[Json]:
    if result.outcome is Outcome.NOT_RUN:
        return []
    activity, entity = f"{attempt.id}:gate:{result.gate}", gate_result_id(next(iter(kept)), result.gate)
    content = [one.sha256 for one in manifest.artifacts if one.role in CONTENT_ROLES]
    judged = [one.sha256 for one in manifest.inputs] if result.phase is Phase.BEFORE else content
    used = [names.bytes_id(one) for one in judged]
    return [
        {
            "@id": activity,
            "@type": ["prov:Activity", "kfm:GateEvaluation"],
            "dct:isPartOf": attempt.id,
            "prov:used": used,
            "prov:qualifiedUsage": [{"@type": "prov:Usage", "prov:entity": one} for one in used],
            "prov:generated": [entity],
            **_associated([(software_id(manifest.code_digest), JUDGE)]),
            **_labels(manifest),
        },
        {
            "@id": entity,
            "@type": ["prov:Entity", "kfm:GateResult"],
            "kfm:gate": result.gate,
            "kfm:phase": result.phase,
            "kfm:outcome": result.outcome,
            "kfm:rule": sorted({finding.rule for finding in result.findings}),
            **_generated(activity, at=None),
            **_labels(manifest),
        },
    ]


def _generated(activity: str, *, at: str | None) -> Json:
    qualified: Json = {"@type": "prov:Generation", "prov:activity": activity}
    if at is not None:
        qualified["prov:atTime"] = at
    return {"prov:wasGeneratedBy": activity, "prov:qualifiedGeneration": qualified}


def _associated(agents: Sequence[tuple[str, str]]) -> Json:
    return {
        "prov:wasAssociatedWith": list(dict.fromkeys(agent for agent, _ in agents)),
        "prov:qualifiedAssociation": [
            {"@type": "prov:Association", "prov:agent": agent, "prov:hadRole": role} for agent, role in agents
        ],
    }


def _labels(manifest: Manifest, sha256: str = "") -> Json:
    """Return the labels of a run, or those of its bytes of that digest."""
    if manifest.labels is None:
        return {}
    own = catalogued.own(sha256, manifest.labels, artifacts=manifest.artifacts, inputs=manifest.inputs)
    return marks.terms(own)


def _once(nodes: Sequence[Json]) -> list[Json]:
    """Return one node for each name: the first said of it, which is the one that says most."""
    kept: dict[str, Json] = {}
    for node in nodes:
        kept.setdefault(node["@id"], node)
    return list(kept.values())

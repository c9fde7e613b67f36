"""Whose word a bundle holds: the roster from the pinned root on, and what machines signed."""

from datetime import datetime

from pipelines import attestation, digest
from pipelines.bundle import contents
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.proof import signers
from pipelines.proof.envelope import Statement
from pipelines.proof.roster import POOL, PROMOTER, VERIFY, moment

OPENED = "review.opened"


def roster(evidence: Evidence) -> str:
    """Every version follows the one before, and the first is signed by the root that was pinned."""
    chain = evidence.rosters
    if missing := evidence.adopted.keys() - {one.digest for one in chain}:
        raise NotProved(f"The audit says that the roster {min(missing)[:8]} was adopted; it is not enclosed.")
    return f"{len(chain)} versions from {evidence.root}; {len(chain[-1].keys)} keys on the last"


def attempt(evidence: Evidence) -> str:
    """A worker of the right pool signed exactly this manifest and this PROV of this run."""
    at = min(
        moment(said["at"])
        for said in evidence.events.values()
        if said["details"].get("manifest") == evidence.about["manifest"]
    )
    found = attestation.opened(evidence.file(contents.ATTEMPT))
    said = _said(found.statement, attestation.ATTEMPT, attestation.ATTEMPT_FIELDS)
    about = {"manifest": evidence.manifest.digest, "prov": digest.of(evidence.file(contents.PROV))}
    if dict(found.statement.subjects) != about:
        raise NotProved("The worker signed another manifest or PROV.")
    if (said["run"], said["family"]) != (evidence.about["run"], evidence.manifest.family):
        raise NotProved("The worker signed another run.")
    who = _machine(evidence, found, role=f"{POOL}{said['pool']}", at=at)
    opened = evidence.event(OPENED, run=evidence.about["run"])
    if said["pool"] != opened["details"]["pool"]:
        raise NotProved(f"The worker signed for the pool {said['pool']}, which was not asked for this run.")
    return who


def verification(evidence: Evidence) -> str:
    """A second run, with a key of its own, reproduced this manifest for this promotion."""
    if not evidence.of_release:
        return "only what is promoted is run again"
    envelope = evidence.file(contents.VERIFICATION)
    event = evidence.event("promotion.verified", verification=digest.of(envelope))
    found = attestation.opened(envelope)
    said = _said(found.statement, attestation.VERIFICATION, attestation.VERIFICATION_FIELDS)
    if dict(found.statement.subjects) != {"manifest": evidence.manifest.digest}:
        raise NotProved("The second run was of another manifest.")
    if said["promotion"] != evidence.about["promotion"]:
        raise NotProved("The second run was asked for by another promotion.")
    if said["reproduced"] is not True or said["differences"] or not said["gates"]:
        raise NotProved("The second run did not reproduce the manifest.")
    return _machine(evidence, found, role=VERIFY, at=moment(event["at"]))


def tombstone(evidence: Evidence) -> str:
    """What was withdrawn bears the promoter's signature; without a tombstone it was not, then."""
    if contents.TOMBSTONE not in evidence.files:
        return "not withdrawn when this was written"
    found = attestation.opened(evidence.file(contents.TOMBSTONE))
    if found.statement.predicate_type != attestation.TOMBSTONE:
        raise NotProved("The tombstone is another statement.")
    if evidence.manifest.digest not in found.statement.subjects.values():
        raise NotProved("The tombstone is of another release.")
    return _machine(evidence, found, role=PROMOTER, at=evidence.moment)


def _said(statement: Statement, kind: str, fields: tuple[str, ...]) -> dict[str, object]:
    if statement.predicate_type != kind or set(statement.predicate) != set(fields):
        raise NotProved(f"This is no statement of the kind {kind}.")
    return dict(statement.predicate)


def _machine(evidence: Evidence, found: attestation.Opened, *, role: str, at: datetime) -> str:
    """Return whose signature it is; refuse none, several, a person's, and a key that did not count then."""
    key = signers.machine(found.signed_by, role=role, known=evidence.roster_at(at), at=at)
    return f"{key.holder}, {role}, {key.fingerprint}"

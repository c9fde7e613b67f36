"""Exceptions in a bundle: signed by people who may, about exactly this, and every failing gate is excused."""

from collections.abc import Iterator
from datetime import datetime

from pipelines import digest
from pipelines.bundle import contents
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.model import NO_BASE, Outcome
from pipelines.proof import chain, sshsig
from pipelines.proof import envelope as envelopes
from pipelines.proof.envelope import Statement
from pipelines.proof.roster import GOVERNANCE, PERSON, key_at, moment

EXCEPTION = "urn:kfm:predicate:exception:1"
STANDING, USED = "urn:kfm:predicate:standing-approval:1", "standing-approval.used"
PUBLIC = ("public",)
NAMESPACES = {
    EXCEPTION: "exception@kfm-review",
    "urn:kfm:predicate:revocation:1": "exception@kfm-review",
    STANDING: "release@kfm-review",
}
SOVEREIGNTY = "SOVEREIGNTY"
GRANTED = "approve"


def exceptions(evidence: Evidence) -> str:
    """Every statement is signed by whoever may sign it, and no failing gate of a release stands unexcused."""
    statements = dict(_statements(evidence))
    excused = {gate for one in statements.values() for gate in _gates(evidence, one)}
    if evidence.of_release:
        for result in evidence.manifest.gates:
            if result.outcome is Outcome.FAIL and result.gate not in excused:
                raise NotProved(f"The gate {result.gate} fails, and no exception excuses it.")
    if not statements:
        return "none, and none is needed" if evidence.of_release else "none"
    return f"{len(statements)} statements, excusing {', '.join(sorted(excused)) or 'nothing'}"


def _statements(evidence: Evidence) -> Iterator[tuple[str, Statement]]:
    for name, content in contents.below(evidence.files, "exceptions/"):
        read = envelopes.read(content)
        said = envelopes.parse_statement(read.payload)
        if name != f"exceptions/{digest.of(read.payload)}.json":
            raise NotProved(f"{name} is another statement than its name says.")
        if said.predicate_type not in NAMESPACES:
            raise NotProved(f"{name} is a statement of an unknown kind.")
        holders = _holders(evidence, read, said)
        if said.predicate.get("class") == SOVEREIGNTY and len(holders) < 2:  # noqa: PLR2004  # two signers
            raise NotProved(f"{name} is about sovereignty and needs two signers.")
        yield name, said


def _holders(evidence: Evidence, read: envelopes.Envelope, said: Statement) -> set[str]:
    """Return who signed; refuse a false signature, a key that did not count, and whoever may not sign."""
    at = moment(said.predicate.get("issued_at"))
    holders = set()
    for one in read.signatures:
        made = sshsig.verify(one.sig, read.signed, namespace=NAMESPACES[said.predicate_type])
        if made.key.fingerprint != one.keyid:
            raise NotProved("An envelope names another key than the one that signed it.")
        known = evidence.roster_at(at)
        key = key_at(known, one.keyid, at=at, role=GOVERNANCE)
        key_at(evidence.rosters[-1], one.keyid, at=at, role=GOVERNANCE)
        chain.check_device(known, made)
        if not key.holder.startswith(PERSON):
            raise NotProved("Only a person signs an exception.")
        holders.add(key.holder)
    if len(holders) != len(read.signatures):
        raise NotProved("One person signed twice.")
    return holders


def _gates(evidence: Evidence, said: Statement) -> Iterator[str]:
    """Yield the gates that a statement excuses for this manifest."""
    told = said.predicate
    if said.predicate_type != EXCEPTION or told.get("decision") != GRANTED:
        return
    if evidence.manifest.digest in said.subjects.values():
        gates = told.get("gates") or [told.get("gate")]
        yield from (str(one) for one in gates)


def in_advance(evidence: Evidence) -> str:
    """Return the standing approval by which a clean run was approved, or nothing if none was used.

    Raises:
        NotProved: the audit says that one was used, and it does not cover this.
    """
    told = evidence.manifest
    wanted = {"manifest": told.digest, "review": evidence.about["review"]}
    for event in evidence.events.values():
        details = event["details"]
        if event["action"] != USED or any(details.get(name) != wanted[name] for name in wanted):
            continue
        name = f"exceptions/{details.get('statement')}.json"
        said = dict(_statements(evidence)).get(name)
        if said is None or said.predicate_type != STANDING:
            raise NotProved("The standing approval that the audit names is not enclosed.")
        _check_covers(evidence, said, at=moment(event["at"]))
        return name
    return ""


def _check_covers(evidence: Evidence, said: Statement, *, at: datetime) -> None:
    """Refuse a standing approval of another asset, time or label, or for what is not clean."""
    told, terms = evidence.manifest, said.predicate
    if terms.get("asset") != told.asset or told.labels is None:
        raise NotProved("The standing approval is of another asset.")
    if not moment(terms.get("issued_at")) <= at < moment(terms.get("expires_at")):
        raise NotProved("The standing approval did not count then.")
    if told.labels.sensitivity not in terms.get("labels", ()) or told.labels.sensitivity not in PUBLIC:
        raise NotProved("The standing approval does not cover this label.")
    outcomes = {result.outcome for result in told.gates}
    if outcomes != {Outcome.PASS} or told.outcome is not Outcome.PASS or told.base == NO_BASE:
        raise NotProved("A standing approval covers clean runs alone, and never a first edition.")

"""What the audit proves: lines are in the signed tree, and people decided on exactly this manifest."""

from pipelines.bundle import contents, standing
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.model import Json
from pipelines.proof import keys, merkle, note, roster
from pipelines.proof.note import Checkpoint, Note
from pipelines.proof.roster import SEQUENCER, WITNESS, Key

APPROVE = "approve"
OF_DECISION = frozenset(("by", "n", "verdict", "role", "reason", "at", "manifest"))


def checkpoint(evidence: Evidence) -> str:
    """The log's own key and a witness, both on the roster, signed the tree that the lines are in."""
    read, head = _head(evidence)
    seen = [
        (line.name, one.fingerprint, note.cosigned_at(read, by=by))
        for line in read.lines
        for one, by in _machines(evidence, WITNESS, name=line.name, kind=note.COSIGNATURE)
        if by.key_id == line.key_id
    ]
    if not seen:
        raise NotProved("No witness of the roster has cosigned the checkpoint.")
    at = max(when for *_, when in seen)
    signed = [one for one, by in _machines(evidence, SEQUENCER, name=head.origin) if _signed(read, by)]
    if len(signed) != 1 or len(read.lines) != 1 + len(seen):
        raise NotProved(
            "Not exactly one sequencer, or somebody who is not on the roster, signed the checkpoint."
        )
    roster.key_at(evidence.roster_at(at), signed[0].fingerprint, at=at, role=SEQUENCER)
    for _, witness, _ in seen:
        roster.key_at(evidence.roster_at(at), witness, at=at, role=WITNESS)
    names = ", ".join(name for name, *_ in seen)
    return f"{head.origin}, {head.size:,} lines, seen by {names} at {at.isoformat()}"


def audit(evidence: Evidence) -> str:
    """Every enclosed line of the audit is in that tree, at its number."""
    _, head = _head(evidence)
    signed = evidence.file(contents.CHECKPOINT).decode()
    for number in evidence.events:
        line = evidence.file(f"audit/events/{number:012d}.json")
        index, path, same = note.read_proof(evidence.file(f"audit/proofs/{number:012d}.txt").decode())
        if index != number or same != signed:
            raise NotProved(f"The proof of line {number} is of another line or another checkpoint.")
        merkle.check_inclusion(
            merkle.leaf_hash(line), index=index, size=head.size, proof=path, root=head.root
        )
    if sum(1 for _ in contents.below(evidence.files, "audit/proofs/")) != len(evidence.events):
        raise NotProved("There is a proof of a line that is not enclosed.")
    return f"{len(evidence.events)} lines, each in the tree"


def decisions(evidence: Evidence) -> str:
    """Each decision is a line of the audit about exactly this manifest; a release has enough approvals."""
    said = evidence.json(contents.DECISIONS)
    listed = said.get("decisions")
    if set(said) != {"decisions"} or not isinstance(listed, list):
        raise NotProved("The decisions cannot be read.")
    for one in listed:
        _decided(evidence, one)
    in_audit = sum(event["action"] == contents.DECIDED for event in evidence.events.values())
    if in_audit != len(listed):
        raise NotProved("The audit knows of another number of decisions than the bundle.")
    latest = {one["by"]: one for one in sorted(listed, key=lambda one: one["n"])}
    approved = [one for one in latest.values() if one["verdict"] == APPROVE]
    if evidence.of_release and (used := standing.in_advance(evidence)):
        return f"approved in advance by {used}"
    if evidence.of_release:
        _enough(evidence, approved)
    return f"{len(listed)} decisions, {len(approved)} approve"


def _decided(evidence: Evidence, one: Json) -> None:
    if not isinstance(one, dict) or set(one) != OF_DECISION or type(one["n"]) is not int:
        raise NotProved("A decision says less or more than a decision does.")
    if one["manifest"] != evidence.about["manifest"]:
        raise NotProved("A decision is about another manifest.")
    for event in evidence.events.values():
        details = event["details"]
        same = (
            event["action"] == contents.DECIDED
            and event["target"] == f"review:{evidence.about['review']}"
            and (event["actor"], event["at"], event["why"]) == (one["by"], one["at"], one["reason"])
            and all(details.get(name) == one[name] for name in ("n", "verdict", "role", "manifest"))
        )
        if same:
            return
    raise NotProved(f"No line of the audit says that {one['by']} decided so.")


def _enough(evidence: Evidence, approved: list[Json]) -> None:
    """Hold the approvals against what the manifest itself asks for."""
    terms = evidence.manifest.review
    needed, roles = (terms.approvals, terms.roles) if terms else (1, ())
    count = sum(not roles or one["role"] in roles for one in approved)
    if count < max(1, needed):
        raise NotProved(f"{count} approve in a role that counts; {max(1, needed)} are needed.")


def _head(evidence: Evidence) -> tuple[Note, Checkpoint]:
    try:
        read = note.read(evidence.file(contents.CHECKPOINT).decode())
    except UnicodeDecodeError as cause:
        raise NotProved("The checkpoint is no text.") from cause
    return read, note.checkpoint(read.text)


def _machines(
    evidence: Evidence, role: str, *, name: str, kind: int = note.ED25519
) -> list[tuple[Key, note.Verifier]]:
    """Return whom a line could be by: machines whose key is on the roster in that role."""
    return [
        (one, note.Verifier(name=name, public=one.public.ed25519(), kind=kind))
        for one in evidence.rosters[-1].keys
        if role in one.roles and one.holder.startswith(roster.MACHINE) and one.public.type == keys.ED25519
    ]


def _signed(read: Note, key: note.Verifier) -> bool:
    """Answer whether a line is by this key; one that claims so and is not is refused."""
    if not any((line.name, line.key_id) == (key.name, key.key_id) for line in read.lines):
        return False
    note.verify(read, by=key)
    return True

"""Exceptions in a bundle: signed by people who may, about exactly this, and every failing gate is excused."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pipelines import digest, documents
from pipelines.bundle import contents
from pipelines.bundle.evidence import Evidence
from pipelines.catalog import prov_exception
from pipelines.errors import NotProved
from pipelines.model import Json, Outcome
from pipelines.proof import envelope as envelopes
from pipelines.proof import exception, signers, standing
from pipelines.proof.envelope import Statement
from pipelines.proof.exception import Terms
from pipelines.proof.roster import moment

NAMESPACES = {exception.REVOCATION: exception.NAMESPACE, standing.PREDICATE: standing.NAMESPACE}
STANDING_SIGNED = "standing-approval.signed"
GRANTED, DENIED = "exception.granted", "exception.denied"
ENDED = ("exception.revoked", "exception.voided", "exception.expired")
PROV_OF = "prov/exception-"
NUMBERS = "policy/data/exceptions.yaml"


def exceptions(evidence: Evidence) -> str:
    """Every statement is signed by whoever may sign it, and no failing gate of a release stands unexcused."""
    found = statements(evidence)
    excused = [said for name, said in found.items() if _let_stand(evidence, name, said)]
    if evidence.of_release:
        for gate in evidence.manifest.json["gates"]:
            if gate["outcome"] == Outcome.FAIL:
                _check_excused(evidence, gate, excused)
    _check_prov(evidence, found)
    if not found:
        return "none, and none is needed" if evidence.of_release else "none"
    return f"{len(found)} statements, each signed by whoever may; {len(excused)} let gates stand"


def _check_prov(evidence: Evidence, found: Mapping[str, Statement]) -> None:
    """Refuse the PROV of an exception that is not there, or that nobody granted."""
    granted = {
        f"{PROV_OF}{name}.jsonld"
        for name, said in found.items()
        if said.predicate_type == exception.PREDICATE and said.predicate["decision"] == exception.APPROVE
    }
    if strange := sorted({name for name, _ in contents.below(evidence.files, PROV_OF)} - granted):
        raise NotProved(f"{strange[0]} is of no exception that is enclosed.")


def statements(evidence: Evidence) -> dict[str, Statement]:
    """Return every statement that people signed, by its digest, verified."""
    return dict(_verified(evidence))


def _verified(evidence: Evidence) -> Iterator[tuple[str, Statement]]:
    for name, content in contents.below(evidence.files, contents.EXCEPTIONS):
        read = envelopes.read(content)
        said = envelopes.parse_statement(read.payload)
        named = digest.of(read.payload)
        if name != f"{contents.EXCEPTIONS}{named}.json":
            raise NotProved(f"{name} is another statement than its name says.")
        if said.predicate_type == exception.PREDICATE:
            _check_exception(evidence, content, said, named)
        else:
            _check_other(evidence, read, said)
        yield named, said


def _check_exception(evidence: Evidence, content: bytes, said: Statement, named: str) -> None:
    """Verify an answer to a request as of when the audit says that it was given, and its PROV."""
    granted = said.predicate.get("decision") == exception.APPROVE
    event = evidence.told(GRANTED if granted else DENIED, statement=named)
    at = moment(event["at"])
    exception.check(content, rosters=evidence.rosters, terms=_terms(evidence), at=at)
    if event["details"]["manifest"] != said.subjects.get(exception.MANIFEST):
        raise NotProved("The audit says of an exception that it is about another manifest.")
    if granted:
        by = [str(one) for one in event["details"]["signed_by"]]
        made = prov_exception.document(said, digest=named, by=by, at=at)
        if evidence.file(f"{PROV_OF}{named}.jsonld") != made:
            raise NotProved("The PROV of an exception does not follow from its statement.")


def _check_other(evidence: Evidence, read: envelopes.Envelope, said: Statement) -> None:
    """Verify a revocation or a standing approval as of when the audit says that it was signed."""
    if said.predicate_type not in NAMESPACES:
        raise NotProved("The bundle holds a statement of an unknown kind.")
    at = moment(said.predicate.get("issued_at"))
    if said.predicate_type == standing.PREDICATE:
        at = moment(evidence.told(STANDING_SIGNED, statement=digest.of(read.payload))["at"])
    _check_signers(evidence, read, said, at=at)


def check_signed(evidence: Evidence, name: str, *, at: datetime) -> None:
    """Refuse an enclosed statement whose signers' keys did not count at a moment."""
    read = envelopes.read(evidence.file(f"{contents.EXCEPTIONS}{name}.json"))
    _check_signers(evidence, read, envelopes.parse_statement(read.payload), at=at)


def _check_signers(evidence: Evidence, read: envelopes.Envelope, said: Statement, *, at: datetime) -> None:
    for one in read.signatures:
        space = NAMESPACES[said.predicate_type]
        signers.person(read, one, namespace=space, known=evidence.roster_at(at), at=at)


def _let_stand(evidence: Evidence, name: str, said: Statement) -> bool:
    """Answer whether a statement lets gates of this manifest stand; its signer decided nothing here."""
    if said.predicate_type != exception.PREDICATE or said.predicate["decision"] != exception.APPROVE:
        return False
    told = evidence.manifest
    if not exception.reaches(said, manifest=told.digest, asset=told.asset):
        return False
    if evidence.of_release and _ended(evidence, name):
        return False
    deciders = {
        str(event["actor"]) for event in evidence.events.values() if event["action"] == contents.DECIDED
    }
    signed = set(evidence.told(GRANTED, statement=name)["details"]["signed_by"])
    if deciders & signed:
        raise NotProved(f"{', '.join(sorted(deciders & signed))} decided on what he excused.")
    return True


def _ended(evidence: Evidence, name: str) -> bool:
    """Answer whether an exception had ended when the release was published, by the enclosed lines."""
    return any(
        event["action"] in ENDED
        and event["details"].get("statement") == name
        and moment(event["at"]) <= evidence.published_at
        for event in evidence.events.values()
    )


def _check_excused(evidence: Evidence, gate: Json, excused: Sequence[Statement]) -> None:
    """Refuse a failing gate that nothing covers which lived when it was published."""
    at = evidence.published_at
    against = []
    for said in excused:
        wrong = list(exception.uncovered(said.predicate, gate))
        if not exception.live(said.predicate, at=at):
            wrong.append("its time had not come, or was over")
        if said.predicate["scope"]["reach"] != exception.ASSET and not _same(said, gate):
            wrong.append("it is about another result of that gate")
        if not wrong:
            return
        against += wrong
    why = "; ".join(against) or "no exception excuses it"
    raise NotProved(f"The gate {gate['gate']} fails: {why}.")


def _same(said: Statement, gate: Json) -> bool:
    return said.subjects.get(f"{exception.GATE}{gate['gate']}") == digest.of_json(gate)


def _terms(evidence: Evidence) -> Mapping[str, Terms]:
    """Return the numbers of the enclosed policy, by class."""
    return exception.terms_of(documents.read_yaml(evidence.file(NUMBERS)))

"""What a bundle says of the data: manifest, gates, catalogs, labels, and what publishing changed."""

from pipelines import digest
from pipelines.bundle import contents
from pipelines.bundle.enclosed import Enclosed
from pipelines.bundle.evidence import Evidence
from pipelines.catalog import names, publish, triad
from pipelines.catalog.publish import PublicationFacts
from pipelines.errors import NotProved
from pipelines.model import CONTENT_ROLES, Outcome, Phase, worst
from pipelines.sensitivity import OPEN

FIELDS = frozenset(PublicationFacts.__slots__)


def manifest(evidence: Evidence) -> str:
    """The manifest is what its digest, its schema and the bundle's own word say."""
    told, about = evidence.manifest, evidence.about
    for name in ("asset", "channel"):
        if getattr(told, name) != about[name]:
            raise NotProved(f"The manifest speaks of another {name} than the bundle.")
    if told.labels is not None and told.artifacts and told.content_digest is not None:
        made = digest.of_content(told.artifacts, labels=told.labels)
        if made != told.content_digest:
            raise NotProved("The manifest's content digest is not that of its artifacts and labels.")
    spec = digest.of_spec(input_hash=told.input_hash, base=told.base) if told.input_hash else None
    if told.spec_hash not in (spec, None):
        raise NotProved("The manifest's spec_hash is not that of its inputs and base.")
    return f"{told.asset}, edition {told.edition}, sha256:{told.digest}"


def gates(evidence: Evidence) -> str:
    """The outcome follows from the gates; a release has none that is an error or was not reached."""
    told = evidence.manifest
    phases = {result.phase for result in told.gates}
    outcomes = [result.outcome for result in told.gates]
    found = Outcome.ERROR if told.failure else worst(outcomes)
    if told.outcome is not found:
        raise NotProved(f"The manifest says {told.outcome}; its gates come to {found}.")
    if evidence.of_release:
        if not {Phase.BEFORE, Phase.AFTER, Phase.POLICY} <= phases:
            raise NotProved("A released manifest lacks the gates of a phase.")
        for result in told.gates:
            if result.outcome in (Outcome.ERROR, Outcome.NOT_RUN):
                raise NotProved(f"The gate {result.gate} says {result.outcome}: that is never released.")
    return f"{len(outcomes)} gates come to {found}"


def catalogs(evidence: Evidence) -> str:
    """STAC, DCAT and PROV stand in each other and in the manifest, each judged by its standard."""
    told = evidence.manifest
    for kind, name in (("stac", contents.STAC), ("dcat", contents.DCAT)):
        if kind in told.catalogs and digest.of(evidence.file(name)) != told.catalogs[kind]:
            raise NotProved(f"{name} is not the document that the manifest names.")
        if kind not in told.catalogs and name in evidence.files:
            raise NotProved(f"{name} is enclosed, but the manifest names none.")
    found = triad.check(told.content, prov=evidence.file(contents.PROV), store=Enclosed(evidence))
    if found:
        raise NotProved("; ".join(f"{one.rule}: {one.message}" for one in found[:5]))
    return "PROV, and STAC and DCAT where there are artifacts; no rule broken"


def published(evidence: Evidence) -> str:
    """The published documents are the approved ones, changed in the one fixed way, and no further."""
    if not evidence.of_release:
        return "nothing was published"
    said = evidence.json(contents.FACTS)
    if set(said) != FIELDS or said["release"] != evidence.about["release"]:
        raise NotProved("The facts of the publication are of another release.")
    facts = PublicationFacts(**said)
    _check_exceptions(evidence, facts)
    for added, approved, name in (
        (publish.item, contents.STAC, contents.PUBLISHED_STAC),
        (publish.dataset, contents.DCAT, contents.PUBLISHED_DCAT),
    ):
        if added(evidence.file(approved), facts) != evidence.file(name):
            raise NotProved(f"{name} is not the approved document with the fixed additions.")
    if evidence.file(contents.PROV) != evidence.file(contents.PUBLISHED_PROV):
        raise NotProved(f"{contents.PUBLISHED_PROV} is not the approved document.")
    event = evidence.event("release.published", number=evidence.about["release"])
    wanted = {
        f"{outside} sha256:{digest.of(evidence.file(name))}"
        for outside, name in (
            (names.STAC, contents.PUBLISHED_STAC),
            (names.DCAT, contents.PUBLISHED_DCAT),
            (names.PROV, contents.PUBLISHED_PROV),
            (f"prov-promotion-{evidence.about['promotion']}.jsonld", contents.PROMOTION),
        )
    }
    if set(event["details"]["documents"]) != wanted:
        raise NotProved("The audit names other published documents than the bundle encloses.")
    if event["details"].get("promotion") != evidence.about["promotion"]:
        raise NotProved("The audit names another promotion than the bundle.")
    return f"release {said['release']}, published {said['published']}; the audit names each document"


def _check_exceptions(evidence: Evidence, facts: PublicationFacts) -> None:
    """Refuse a publication that does not name, for each failing gate, the statement by which it stands."""
    failing = {one.gate for one in evidence.manifest.gates if one.outcome is Outcome.FAIL}
    if {gate for one in facts.exceptions for gate in one["gates"]} != failing:
        raise NotProved("What was published does not name the exceptions that let its failing gates stand.")
    for one in facts.exceptions:
        if f"{contents.EXCEPTIONS}{one['statement']}.json" not in evidence.files:
            raise NotProved("What was published names an exception that is not enclosed.")


def labels(evidence: Evidence) -> str:
    """What a label keeps from people is not enclosed; only its digest is."""
    told, enclosed = evidence.manifest, {digest.of(one) for one in evidence.files.values()}
    label = told.labels.sensitivity if told.labels else "none"
    guarded = label not in OPEN
    for artifact in told.artifacts:
        closed = guarded or artifact.label not in OPEN
        if artifact.sha256 in enclosed and (closed or artifact.role in CONTENT_ROLES):
            raise NotProved(f"The bytes of {artifact.role} are enclosed; they belong here by digest only.")
    mine = {f"artifacts/{one.sha256}" for one in told.artifacts}
    for name, content in contents.below(evidence.files, "artifacts/"):
        if name not in mine or name != f"artifacts/{digest.of(content)}":
            raise NotProved(f"{name} is no artifact of the manifest, or not its bytes.")
    absent = sum(one.sha256 not in enclosed for one in told.artifacts)
    if evidence.of_release and (told.labels is None or told.labels.sovereignty is None):
        raise NotProved("A released manifest has no label, or nobody assessed whose it is.")
    return f"{label}; {absent} of {len(told.artifacts)} artifacts by digest only"

"""Approval in advance: the clean run of an asset that nobody looked at, and the statement that lets it be."""

from datetime import datetime

from pipelines.bundle import excused
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.model import NO_BASE, Outcome
from pipelines.proof import standing
from pipelines.proof.envelope import Statement
from pipelines.proof.roster import moment

SIGNED, USED, ENDED = (f"standing-approval.{done}" for done in ("signed", "used", "ended"))
PUBLIC = "public"


def in_advance(evidence: Evidence) -> str:
    """Return the standing approval by which a clean run was approved, or nothing if none was used.

    Raises:
        NotProved: the audit says that one was used, and it does not cover this.
    """
    wanted = {"manifest": evidence.manifest.digest, "review": evidence.about["review"]}
    for event in evidence.events.values():
        details = event["details"]
        if event["action"] != USED or any(details.get(name) != wanted[name] for name in wanted):
            continue
        name = str(details.get("statement"))
        said = excused.statements(evidence).get(name)
        if said is None or said.predicate_type != standing.PREDICATE:
            raise NotProved("The standing approval that the audit names is not enclosed.")
        used = moment(event["at"])
        _check_covers(evidence, said, at=used)
        for at in (used, evidence.published_at):
            _check_stood(evidence, name, said, at=at)
        return name
    return ""


def _check_stood(evidence: Evidence, name: str, said: Statement, *, at: datetime) -> None:
    """Refuse a standing approval that did not stand at a moment: by the audit, not by its own word."""
    if moment(evidence.told(SIGNED, statement=name)["at"]) > at:
        raise NotProved("The standing approval was used before the audit says that it was signed.")
    if not standing.live(said.predicate, at=at):
        raise NotProved("The standing approval had expired, or its time had not come, when it was relied on.")
    excused.check_signed(evidence, name, at=at)
    for event in evidence.events.values():
        if event["action"] == ENDED and event["details"]["statement"] == name and moment(event["at"]) <= at:
            raise NotProved("The standing approval was ended before it was relied on.")


def _check_covers(evidence: Evidence, said: Statement, *, at: datetime) -> None:
    """Refuse a standing approval of another asset, time or label, or for what is not clean."""
    told, terms = evidence.manifest, said.predicate
    if terms.get("asset") != told.asset or told.labels is None:
        raise NotProved("The standing approval is of another asset.")
    if not standing.live(terms, at=at):
        raise NotProved("The standing approval did not count then.")
    if told.labels.sensitivity not in terms.get("labels", ()) or told.labels.sensitivity != PUBLIC:
        raise NotProved("The standing approval does not cover this label.")
    outcomes = {result.outcome for result in told.gates}
    if outcomes != {Outcome.PASS} or told.outcome is not Outcome.PASS or told.base == NO_BASE:
        raise NotProved("A standing approval covers clean runs alone, and never a first edition.")

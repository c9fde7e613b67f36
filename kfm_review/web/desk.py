"""Everything the desk shows about one review to one person."""

from dataclasses import dataclass, replace

from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed
from kfm_review.releases.queries import Publication, publication
from kfm_review.reviews.queries.dossier import Dossier, dossier
from kfm_review.reviews.queries.facets import Filters
from kfm_review.reviews.queries.queue import Queue, queue
from kfm_review.web import sentences
from kfm_review.web.banners import Banner, banners
from kfm_review.web.exceptions import standing
from kfm_review.web.needs import Need, needs
from kfm_review.web.sentences import Said
from kfm_review.web.verdicts import Verdict, verdicts

BESIDE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One review as its desk shows it."""

    dossier: Dossier
    publication: Publication
    state: Said
    barred: Said | None
    banners: tuple[Banner, ...]
    needs: tuple[Need, ...]
    verdicts: tuple[Verdict, ...]
    queue: Queue

    may_ask: bool  # for an exception

    @property
    def open_needs(self) -> int:
        return sum(not need.met for need in self.needs)

    @property
    def barred_by(self) -> str:
        """Say why this viewer can take no decision at all, or nothing when he can take one."""
        causes = {verdict.cause for verdict in self.verdicts}
        return causes.pop() if len(causes) == 1 else ""

    @property
    def passed(self) -> int:
        return sum(gate.outcome == "PASS" for gate in self.dossier.gates)

    @property
    def before(self) -> str:
        """Name the side the map compares with."""
        base = self.publication.base
        return f"release {base.number}" if base else "nothing published"


def desk(review_id: int, *, viewer: Viewer) -> Desk:
    """Return the desk of one review as `viewer` meets it."""
    found = dossier(review_id, viewer=viewer)
    follows = publication(found.review, viewer=viewer)
    if follows.published:
        found = replace(found, excused=standing(found.review, now=viewer.now))
    return Desk(
        dossier=found,
        publication=follows,
        state=sentences.state(found, follows, viewer),
        barred=sentences.why_barred(found.review, viewer),
        banners=banners(found, follows, viewer),
        needs=needs(found, follows, viewer),
        verdicts=verdicts(found, follows, viewer),
        queue=queue(viewer=viewer, filters=Filters(), page=BESIDE),
        may_ask=_may_ask(found, viewer),
    )


def _may_ask(dossier: Dossier, viewer: Viewer) -> bool:
    """Answer whether an exception is to be had here, and this viewer may ask for it."""
    review, left = dossier.review, {gate.gate for gate in dossier.stopping}
    decided = any(one.by_id == viewer.id for one in dossier.standing)
    open_ = review.status == "open" and dossier.excusable and bool(left - dossier.asked)
    return open_ and not decided and viewer.may(Deed.ASK_EXCEPTION, review.family)

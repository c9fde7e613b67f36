"""One cause and one way on, for everything that stands between a review and its end."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from kfm_review.people.queries import Viewer
from kfm_review.releases.queries import Publication
from kfm_review.releases.states import ACTIVE
from kfm_review.reviews.queries.dossier import Dossier
from kfm_review.web import sentences

UNDER_WAY = (
    "Every artifact is hashed and checked again first.",
    "A machine with a key of its own asks the gates again, over the stored bytes.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """One cause, and where to go with it."""

    tone: str
    icon: str
    strong: str
    text: str = ""
    address: str = ""
    link: str = ""
    quote: str = ""


def banners(dossier: Dossier, publication: Publication, viewer: Viewer) -> tuple[Banner, ...]:
    """Return what must be said above everything else, the gravest first."""
    return (
        *_superseded(dossier),
        *_revealed(dossier),
        *_settled(dossier, viewer),
        *_promotion(dossier, publication),
        *_hold(dossier, publication),
        *_stale(dossier),
    )


def _superseded(dossier: Dossier) -> Iterator[Banner]:
    newer = dossier.review.superseded_by
    if newer:
        yield Banner(
            tone="accent",
            icon="info",
            strong="A newer run took this one's place.",
            text="Decisions here are closed.",
            address=reverse("desk", args=[newer.pk]),
            link=f"Go to {newer.run.alias}",
        )


def _revealed(dossier: Dossier) -> Iterator[Banner]:
    if dossier.marked.guarded and dossier.is_exact:
        yield Banner(
            tone="accent",
            icon="lock",
            strong="Exact places are revealed to you.",
            text="They close 30 minutes after you asked; that you asked, and why, is on record.",
        )


def _settled(dossier: Dossier, viewer: Viewer) -> Iterator[Banner]:
    last = next(
        (decision for decision in reversed(dossier.standing) if decision.verdict == _settling(dossier)), None
    )
    if last is None:
        return
    said = {"return": "requested changes", "reject": "rejected this", "approve": "approved this"}[
        last.verdict
    ]
    deliver = last.verdict == "return" and viewer.may_request
    yield Banner(
        tone={"return": "review", "reject": "fail", "approve": "pass"}[last.verdict],
        icon="info",
        strong=f"{sentences.name(last.by)} {said}.",
        text="" if last.reason else "No reason was asked for: every gate passed.",
        quote=last.reason,
        address=f"{reverse('run-new')}?answers={dossier.review.pk}" if deliver else "",
        link="Deliver again" if deliver else "",
    )


def _settling(dossier: Dossier) -> str:
    return {"returned": "return", "rejected": "reject", "approved": "approve"}.get(dossier.review.status, "")


def _promotion(dossier: Dossier, publication: Publication) -> Iterator[Banner]:
    promotion, release = publication.promotion, publication.release
    address = reverse("asset", args=[dossier.review.asset.name])
    if promotion is None or release is None:
        return
    if promotion.status in ACTIVE:
        yield Banner(
            tone="accent",
            icon="play",
            strong=f"Release {release.number} is being published.",
            text=UNDER_WAY[promotion.status == "verifying"],
            address=address,
            link="See the checks",
        )
    elif promotion.status == "failed":
        yield Banner(
            tone="fail",
            icon="info",
            strong=f"Publishing release {release.number} stopped.",
            text=f"{promotion.failure} Nothing was published.",
            address=address,
            link="See the checks",
        )


def _hold(dossier: Dossier, publication: Publication) -> Iterator[Banner]:
    hold = publication.hold
    if hold and dossier.review.status in ("open", "approved") and not publication.published:
        yield Banner(
            tone="review",
            icon="hold",
            strong=f"{dossier.review.asset.name} is held by {sentences.name(hold.set_by)}.",
            text="An approval counts, but nothing is published until the hold is lifted.",
            quote=hold.why,
            address=reverse("asset", args=[dossier.review.asset.name]),
            link="See the hold",
        )


def _stale(dossier: Dossier) -> Iterator[Banner]:
    review = dossier.review
    if review.stale_at and review.status == "open":
        yield Banner(
            tone="review",
            icon="clock",
            strong="Stale base.",
            text=review.stale_why or "Another release overtook it; it is compared again by itself.",
        )

"""What is published: every asset's releases, promotions and holds, and how far one review got."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery

from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer
from kfm_review.releases.models import Hold, Promotion, Release, StandingApproval, Tombstone
from kfm_review.releases.states import ACTIVE, Kind, Status
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.rules import STANDS
from kfm_review.runs import veil, withheld
from kfm_review.runs.models import Asset, Current
from kfm_review.runs.withheld import Sight

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

TIMELINE = 100
ASSETS = 500


class Cleared(TypedDict):
    """What a promotion is annotated with: whether its viewer is cleared for what it publishes."""

    is_cleared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What follows from one review: its release and promotion, and what stands in the way."""

    release: Release | None
    promotion: Promotion | None
    hold: Hold | None
    base: Release | None
    current: Release | None

    @property
    def published(self) -> bool:
        """Whether its promotion has ended well."""
        return self.promotion is not None and self.promotion.status == "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an asset's timeline: a release came, or an older one came back."""

    promotion: Promotion
    release: Release
    is_current: bool
    may_return: bool  # it is not what is current, and this line is the first that names it
    tombstone: Tombstone | None = None  # of a release that was withdrawn since, or by this line

    @property
    def may_withdraw(self) -> bool:
        """Say whether this line offers to take its release back: the newest that names it does."""
        return self.tombstone is None and (self.is_current or self.may_return)

    @property
    def tombstone_path(self) -> str:
        """Return where the tombstone stands below the catalog."""
        return (
            f"{self.release.asset.family}/{self.tombstone.item_id}/tombstone.json" if self.tombstone else ""
        )

    @property
    def kind(self) -> str:
        """Name the line's look."""
        if self.tombstone:
            return "gone"
        if self.is_current:
            return "current"
        return "rolled" if self.promotion.kind == "rollback" else "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One asset as the releases page shows it."""

    asset: Asset
    current: Release | None
    since: Promotion | None
    hold: Hold | None
    holds: tuple[Hold, ...]
    timeline: tuple[Entry, ...]
    under_way: tuple[Promotion, ...]
    stopped: Promotion | None
    next_review: Review | None
    older: tuple[Release, ...]
    replacing: tuple[Release, ...]  # what is published: the current one, and those that may come back
    approved: tuple[Review, ...]
    standing: tuple[StandingApproval, ...]


def published_at(review: Review) -> datetime | None:
    """Return when what a review looked at was published first, or nothing before that."""
    flips = Promotion.objects.filter(release__review=review, kind=Kind.PROMOTE, status=Status.DONE)
    return flips.order_by("pk").values_list("started_at", flat=True).first()


def publication(review: Review, *, viewer: Viewer) -> Publication:
    """Return how far a review got on its way to the public, in words that its viewer may read."""
    releases = Release.objects.filter(asset=review.asset)
    current = Current.objects.filter(asset=review.asset, channel=review.run.channel).first()
    published = releases.filter(number=current.release_number, channel=current.channel) if current else None
    return Publication(
        release=releases.filter(review=review).first(),
        promotion=next(_veiled(_promotions(viewer).filter(release__review=review).order_by("-pk")[:1]), None),
        hold=next(_quiet(_live_holds(review.asset), asset=review.asset, viewer=viewer), None),
        base=releases.filter(manifest_id=review.manifest.base).order_by("-number").first(),
        current=published.first() if published is not None else None,
    )


def assets(viewer: Viewer) -> QuerySet[Asset, Any]:
    """Return every asset one may know of, its current number, and whether it is held, promoted or stopped."""
    promotions = Promotion.objects.filter(asset=OuterRef("pk"))
    newest = promotions.order_by("-pk").values("status")[:1]
    gone = Tombstone.objects.filter(
        release__asset=OuterRef("asset"), release__number=OuterRef("release_number")
    )
    current = Current.objects.filter(~Exists(gone), asset=OuterRef("pk"))
    return (
        Asset.objects.filter(withheld.known_assets(viewer))
        .annotate(
            number=Subquery(current.values("release_number")[:1]),
            held=Exists(Hold.objects.filter(asset=OuterRef("pk"), lifted_at__isnull=True)),
            promoting=Exists(promotions.filter(status__in=ACTIVE)),
            newest=Subquery(newest),
        )
        .order_by("name")[:ASSETS]
    )


def shelf(name: str, *, viewer: Viewer) -> Shelf:
    """Return what the releases page says about one asset, in words that its viewer may read."""
    asset = Asset.objects.filter(withheld.known_assets(viewer), name=name).first()
    if asset is None:
        raise Missing(f"There is no asset {name}. Choose one from the list of releases.")
    current = _current_release(asset, viewer=viewer)
    older = _older(asset, current=current)
    promotions = tuple(_veiled(_promotions(viewer).filter(asset=asset).order_by("-pk")[:TIMELINE]))
    done = [promotion for promotion in promotions if promotion.status == Status.DONE]
    newest = promotions[0] if promotions else None
    holds = tuple(_quiet(_holds(asset)[:10], asset=asset, viewer=viewer))
    return Shelf(
        asset=asset,
        current=current,
        since=next((one for one in done if one.kind != Kind.WITHDRAW), None),
        hold=next((hold for hold in holds if hold.lifted_at is None), None),
        holds=holds,
        timeline=_timeline(done),
        under_way=tuple(promotion for promotion in promotions if promotion.status in ACTIVE),
        stopped=newest if newest and newest.status == Status.FAILED else None,
        next_review=Review.objects.filter(asset=asset, status="open", outcome__in=STANDS)
        .select_related("run")
        .order_by("-pk")
        .first(),
        older=older,
        replacing=(*((current,) if current else ()), *older),
        approved=_unpublished(asset),
        standing=_standing(asset),
    )


def tombstone(sha256: str, *, channel: str) -> Tombstone | None:
    """Return what stands where a channel published bytes that a withdrawn release named."""
    named = Tombstone.objects.filter(release__channel=channel, release__manifest__artifacts__sha256=sha256)
    return named.order_by("-pk").first()


def _timeline(done: list[Promotion]) -> tuple[Entry, ...]:
    """Return the lines, the newest first; each older release may return from its latest line."""
    flips = [promotion for promotion in done if promotion.kind != Kind.WITHDRAW]
    newest = flips[0] if flips else None
    entries, named = [], {newest.release_id} if newest else set[int]()
    for promotion in done:
        tombstone = getattr(promotion.release, "tombstone", None)
        entries.append(
            Entry(
                promotion=promotion,
                release=promotion.release,
                is_current=promotion is newest and tombstone is None,
                may_return=promotion.release_id not in named and tombstone is None,
                tombstone=tombstone,
            )
        )
        named.add(promotion.release_id)
    return tuple(entries)


def _promotions(viewer: Viewer) -> "QuerySet[WithAnnotations[Promotion, Cleared]]":
    decisions = Prefetch(
        "release__review__decisions", queryset=Decision.objects.select_related("by").order_by("at")
    )
    return (
        Promotion.objects.annotate(
            is_cleared=withheld.whether(withheld.seen(viewer, at="release__manifest__"))
        )
        .select_related(
            *("requested_by", "release__by", "release__asset", "release__manifest__diff"),
            *("release__review__run", "release__tombstone__successor"),
        )
        .defer("release__manifest__body")
        .prefetch_related(decisions)
    )


def _current_release(asset: Asset, *, viewer: Viewer) -> Release | None:
    now = Current.objects.filter(asset=asset).first()
    if now is None:
        return None
    release = (
        Release.objects.filter(asset=asset, channel=now.channel, number=now.release_number, tombstone=None)
        .annotate(is_cleared=withheld.whether(withheld.seen(viewer, at="manifest__")))
        .select_related("manifest__diff")
        .defer("manifest__body")
        .first()
    )
    if release and not release.is_cleared:
        veil.figures(release.manifest, Sight.OUTLINE)
    return release


def _older(asset: Asset, *, current: Release | None) -> tuple[Release, ...]:
    """Return the other releases that were once current and may come back."""
    done = Promotion.objects.filter(release=OuterRef("pk"), status=Status.DONE)
    releases = Release.objects.filter(Exists(done), asset=asset, tombstone=None)
    releases = releases.exclude(pk=current.pk) if current else releases
    return tuple(releases.select_related("manifest").defer("manifest__body").order_by("-number")[:TIMELINE])


def _unpublished(asset: Asset) -> tuple[Review, ...]:
    """Return approved reviews that are neither published nor on their way there."""
    promoted = Promotion.objects.filter(release__review=OuterRef("pk"), status__in=(*ACTIVE, Status.DONE))
    reviews = Review.objects.filter(~Exists(promoted), asset=asset, status="approved")
    return tuple(reviews.select_related("run", "asset").order_by("-pk")[:10])


def _veiled(promotions: "Iterable[WithAnnotations[Promotion, Cleared]]") -> Iterator[Promotion]:
    """Take from promotions what people and checks said of a manifest that is withheld from their viewer."""
    for promotion in promotions:
        if not promotion.is_cleared:
            veil.figures(promotion.release.manifest, Sight.OUTLINE)
            promotion.why, promotion.failure = veil.word(promotion.why), veil.word(promotion.failure)
            promotion.checks = [{**check, "evidence": veil.WITHHELD} for check in promotion.checks]
        yield promotion


def _holds(asset: Asset) -> QuerySet[Hold]:
    return Hold.objects.filter(asset=asset).select_related("set_by", "lifted_by").order_by("-at")


def _live_holds(asset: Asset) -> QuerySet[Hold]:
    return _holds(asset).filter(lifted_at__isnull=True)


def _quiet(holds: Iterable[Hold], *, asset: Asset, viewer: Viewer) -> Iterator[Hold]:
    """Take from holds why they were set, where anything of the asset is withheld from their viewer."""
    found = tuple(holds)
    whole = not found or withheld.sees_asset(asset, viewer=viewer)
    for hold in found:
        if not whole:
            hold.why, hold.lifted_why = veil.word(hold.why), veil.word(hold.lifted_why)
        yield hold


def _standing(asset: Asset) -> tuple[StandingApproval, ...]:
    """Return the standing approvals of an asset, the newest first, each with how often it was used."""
    found = StandingApproval.objects.filter(asset=asset).select_related("by", "end__by")
    return tuple(found.annotate(used=Count("uses")).order_by("-pk")[:10])

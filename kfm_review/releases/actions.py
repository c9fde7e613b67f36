"""What happens to releases: made of what was approved, queued for publishing, rolled back, held, let go."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from kfm_review.accounts.models import User
from kfm_review.audit.reasons import LONGEST_WHY, check_why
from kfm_review.audit.record import record
from kfm_review.errors import Missing, NotPossible
from kfm_review.outbox.post import post
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.releases import rules
from kfm_review.releases.models import Hold, Promotion, Release, Tombstone
from kfm_review.releases.states import ACTIVE, Kind, Status, check_move
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.reviews.states import Status as Standing
from kfm_review.runs.asking import lock_asset
from kfm_review.runs.models import Asset, Current

ASKED = {
    Kind.PROMOTE: "promotion.requested",
    Kind.ROLLBACK: "rollback.requested",
    Kind.WITHDRAW: "withdrawal.requested",
}
ROLLED_BACK = "Rolled back to release {number}: nothing may undo it until this is lifted."


def promote(*, review_id: int, now: datetime) -> Promotion | None:
    """Queue the publishing of an approved review, unless people or another promotion stand before it.

    Whatever ends that wait (a lifted hold, an ended promotion) posts the review again.
    """
    with transaction.atomic():
        review = reviews.lock(review_id)
        waits = review.manifest.body["review"]["promote"] == "by_hand" or _hold(review.asset) is not None
        if waits or review.status != Standing.APPROVED or _active(review.asset, review.run.channel):
            return None
        if not _untried().filter(pk=review.pk).exists():
            return None
        release = Release.objects.filter(review=review).first() or _release(review, by=None, now=now)
        return _queue(release, kind=Kind.PROMOTE, by=None, why="", now=now)


def promote_by_hand(
    *, review_id: int, actor: User, why: str, now: datetime, replay: bool = False
) -> Promotion:
    """Publish an approved review at a publisher's word, also once more after a promotion that failed."""
    with transaction.atomic():
        review = reviews.lock(review_id)
        people.check_may(Deed.PUBLISH, actor.roles(), review.family)
        said = check_why(why)
        _check_free(review.asset, review.run.channel)
        if review.status != Standing.APPROVED:
            raise NotPossible(
                f"This review is {review.status}.", next_step="Only an approved review is published."
            )
        if _hold(review.asset):
            raise NotPossible(f"{review.asset.name} is held.", next_step="Lift the hold first.")
        release = Release.objects.filter(review=review).first() or _release(review, by=actor, now=now)
        if release.promotions.filter(status=Status.DONE).exists():
            raise NotPossible(
                f"Release {release.number} was published already.", next_step="To bring it back, roll back."
            )
        return _queue(release, kind=Kind.PROMOTE, by=actor, why=said, now=now, replay=replay)


def roll_back(*, asset: str, number: int, actor: User, why: str, now: datetime) -> Promotion:
    """Make an older release current again, and hold the asset so that nothing undoes it."""
    with transaction.atomic():
        found = lock_asset(asset)
        people.check_may(Deed.PUBLISH, actor.roles(), found.family)
        said = check_why(why)
        current = Current.objects.filter(asset=found).first()
        release = Release.objects.filter(
            asset=found, number=number, channel=current.channel if current else ""
        ).first()
        rules.check_goes_back(
            number=number,
            current=current.release_number if current else None,
            was_published=bool(release and _flipped().filter(release=release).exists()),
            withdrawn=bool(release and Tombstone.objects.filter(release=release).exists()),
        )
        if release is None:
            raise Missing(f"There is no release {number}.")
        _drop_held(found, by=actor, now=now)
        _check_free(found, release.channel)
        if _hold(found) is None:
            _set_hold(found, by=actor, why=ROLLED_BACK.format(number=number), now=now)
        return _queue(release, kind=Kind.ROLLBACK, by=actor, why=said, now=now)


def withdraw(  # a withdrawal names all of these
    *, asset: str, number: int, successor: int | None, actor: User, why: str, now: datetime
) -> Promotion:
    """Take a published release back: a tombstone takes its place, and says what follows it."""
    with transaction.atomic():
        found = lock_asset(asset)
        people.check_may(Deed.PUBLISH, actor.roles(), found.family)
        said = check_why(why)
        release = _published(found, number)
        if release is None:
            raise NotPossible(
                f"Release {number} is not published.", next_step="Choose one that is, or was before."
            )
        follows = _published(found, successor) if successor else None
        if successor and (follows is None or follows.pk == release.pk or follows.channel != release.channel):
            raise NotPossible(
                f"Release {successor} cannot take its place.", next_step="Choose another that is published."
            )
        _drop_held(found, by=actor, now=now)
        _check_free(found, release.channel)
        return _queue(release, kind=Kind.WITHDRAW, by=actor, why=said, now=now, successor=follows)


def hold(*, asset: str, actor: User, why: str, now: datetime) -> Hold:
    """Stop the publishing of an asset until a publisher lifts it."""
    with transaction.atomic():
        found = lock_asset(asset)
        people.check_may(Deed.HOLD, actor.roles(), found.family)
        said = check_why(why)
        if _hold(found):
            raise NotPossible(f"{asset} is held already.", next_step="One hold is enough; lift it to end it.")
        return _set_hold(found, by=actor, why=said, now=now)


def hold_by_system(asset: Asset, *, why: str, now: datetime) -> Hold:
    """Stop the publishing of an asset, locked by the caller, because machines cannot be believed."""
    return _hold(asset) or _set_hold(asset, by=None, why=why[:LONGEST_WHY], now=now)


def lift(*, asset: str, actor: User, why: str, now: datetime) -> Hold:
    """End a hold; what was approved meanwhile goes on."""
    with transaction.atomic():
        found = lock_asset(asset)
        people.check_may(Deed.PUBLISH, actor.roles(), found.family)
        said = check_why(why)
        held = _hold(found)
        if held is None:
            raise NotPossible(f"{asset} is not held.", next_step="Reload the page to see how it stands.")
        held.lifted_at, held.lifted_by, held.lifted_why = now, actor, said
        held.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
        _record("asset.hold-lifted", found, by=actor, why=said, now=now)
        go_on(found, now=now)
    return held


def go_on(asset: Asset, *, now: datetime) -> None:
    """Post again what waited: queued promotions, and approvals that no promotion was tried for."""
    for waiting in Promotion.objects.filter(asset=asset, status__in=(Status.QUEUED, Status.VERIFYING)):
        post("verify", {"promotion": waiting.pk}, at=now)
    for review in _untried().filter(asset=asset, status=Standing.APPROVED).order_by("pk"):
        post("review-approved", {"review": review.pk}, at=now)


def move(promotion: Promotion, status: Status, *, now: datetime, why: str = "") -> None:
    """Let a promotion go where its table allows, and say so."""
    check_move(Status(promotion.status), status)
    promotion.status = status
    if status is Status.RUNNING:
        promotion.started_at = now
    elif status is not Status.VERIFYING:
        promotion.ended_at, promotion.failure = now, why
    promotion.save(update_fields=["status", "started_at", "ended_at", "failure"])
    words = {Status.RUNNING: "started"}.get(status, str(status))
    record(
        f"promotion.{words}",
        f"promotion:{promotion.pk}",
        actor=None,
        at=now,
        why=why,
        family=promotion.asset.family,
        asset=promotion.asset.name,
        release=promotion.release.number,
        kind=promotion.kind,
        manifest=promotion.release.manifest_id,
    )


def _release(review: Review, *, by: User | None, now: datetime) -> Release:
    """Give an approved manifest the next number, which is never used again."""
    channel = review.run.channel
    last = Release.objects.filter(asset=review.asset, channel=channel).aggregate(last=Max("number"))["last"]
    made = Release.objects.create(
        asset=review.asset,
        channel=channel,
        number=1 + (last or 0),
        manifest=review.manifest,
        review=review,
        at=now,
        by=by,
    )
    _record(
        "release.made", review.asset, by=by, why="", now=now, number=made.number, manifest=made.manifest_id
    )
    return made


def _untried() -> QuerySet[Review]:
    """Return reviews of which no promotion was asked for since they were settled as they are."""
    tried = Promotion.objects.filter(release__review=OuterRef("pk"), at__gte=OuterRef("settled_at"))
    return Review.objects.filter(~Exists(tried))


def _queue(  # noqa: PLR0913  # a promotion is all of these
    release: Release,
    *,
    kind: Kind,
    by: User | None,
    why: str,
    now: datetime,
    replay: bool = False,
    successor: Release | None = None,
) -> Promotion:
    made = Promotion.objects.create(
        release=release,
        asset=release.asset,
        channel=release.channel,
        kind=kind,
        requested_by=by,
        why=why,
        at=now,
        replay=replay,
        successor=successor,
    )
    _record(ASKED[kind], release.asset, by=by, why=why, now=now, number=release.number, promotion=made.pk)
    post("verify", {"promotion": made.pk}, at=now)
    return made


def _set_hold(asset: Asset, *, by: User | None, why: str, now: datetime) -> Hold:
    made = Hold.objects.create(asset=asset, set_by=by, why=why, at=now)
    _record("asset.held", asset, by=by, why=why, now=now)
    return made


def _drop_held(asset: Asset, *, by: User, now: datetime) -> None:
    """End a queued promotion that only waits for a hold: rolling back goes before it."""
    if _hold(asset) is None:
        return
    waits = Promotion.objects.filter(asset=asset, status__in=(Status.QUEUED, Status.VERIFYING))
    for waiting in waits.select_related("release"):
        move(waiting, Status.FAILED, now=now, why=f"{by} rolled back instead.")


def lock(promotion_id: int) -> Promotion | None:
    """Return a promotion, locked after its asset, as every action locks them."""
    asset = Asset.objects.filter(promotions__pk=promotion_id).select_for_update(no_key=True).first()
    if asset is None:
        return None
    found = Promotion.objects.select_related(
        "asset", "requested_by", "release__manifest", "release__review__run"
    )
    return found.select_for_update(of=("self",)).get(pk=promotion_id)


def _check_free(asset: Asset, channel: str) -> None:
    under_way = _active(asset, channel)
    if under_way:
        raise NotPossible(
            f"Release {under_way.release.number} of {asset.name} is being published.",
            cause="One thing at a time is published of an asset.",
            next_step="Wait for its end and try again.",
        )


def _active(asset: Asset, channel: str) -> Promotion | None:
    found = Promotion.objects.filter(asset=asset, channel=channel, status__in=ACTIVE)
    return found.select_related("release").first()


def _published(asset: Asset, number: int) -> Release | None:
    """Return a release that was current and was not withdrawn since."""
    done = _flipped().filter(release=OuterRef("pk"))
    return Release.objects.filter(Exists(done), asset=asset, number=number, tombstone=None).first()


def _flipped() -> QuerySet[Promotion]:
    """Return the promotions by which a release became current first."""
    return Promotion.objects.filter(kind=Kind.PROMOTE, status=Status.DONE)


def _hold(asset: Asset) -> Hold | None:
    return Hold.objects.filter(asset=asset, lifted_at=None).first()


def _record(
    action: str, asset: Asset, *, by: User | None, why: str, now: datetime, **details: str | int
) -> None:
    record(action, f"asset:{asset.name}", actor=by, at=now, why=why, family=asset.family, **details)

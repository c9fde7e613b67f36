"""Which exceptions live, what they let stand, who had a part in them; signatures are verified again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from kfm_review.errors import Missing
from kfm_review.runs import withheld
from kfm_review.runs.models import Asset, Manifest
from kfm_review.signing import rosters, statements
from kfm_review.signing.models import Retirement, Statement
from kfm_review.waivers.models import Denial, Request, Waiver
from pipelines import digest, policy
from pipelines.errors import NotProved
from pipelines.proof import envelope, exception
from pipelines.proof.envelope import Statement as Said
from pipelines.proof.exception import Terms

TOPIC = "exceptions"
FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused:
    """What lets the failing gates of a manifest stand: by gate, the live exception that covers it."""

    by: Mapping[str, Waiver]
    against: Mapping[str, str]  # by waiver id or gate: why an exception that could apply does not


def terms() -> dict[str, Terms]:
    """Return the numbers of policy, by class."""
    return exception.terms_of(policy.numbers(TOPIC))


def find(request_id: int) -> Request:
    """Return one request with all that became of it."""
    found = _requests().filter(pk=request_id).first()
    if found is None:
        raise Missing("There is no such exception.", next_step="Look for it on the page of exceptions.")
    return found


def about(manifest: Manifest) -> QuerySet[Request]:
    """Return what was asked about a manifest, the newest first."""
    return _requests().filter(manifest=manifest).order_by("-pk")


def waiting(manifest: Manifest) -> tuple[Request, ...]:
    """Return the requests about a manifest that nobody has answered."""
    return tuple(about(manifest).filter(waiver=None, denial=None))


def asked_gates(manifest: Manifest) -> frozenset[str]:
    """Return the gates for which an exception was asked and not denied."""
    return frozenset(one["gate"] for request in waiting(manifest) for one in request.body["excuses"])


def live(*, asset: Asset, at: datetime) -> QuerySet[Waiver]:
    """Return the exceptions of an asset whose time has come and is not over."""
    found = Waiver.objects.filter(asset=asset, ending=None, not_before__lte=at, expires_at__gt=at)
    return found.select_related(
        "asset", "manifest", "statement", "request__requested_by", "request__author"
    ).order_by("pk")


def excused(manifest: Manifest, *, at: datetime) -> Excused:
    """Return what lets the failing gates of a manifest stand now: nothing by a signature that is false."""
    by: dict[str, Waiver] = {}
    against: dict[str, str] = {}
    reach = Q(reach="asset") | Q(manifest=manifest)
    for waiver in live(asset=manifest.asset, at=at).filter(reach):
        try:
            said = verified(waiver, at=at)
        except NotProved as cause:
            against[str(waiver.pk)] = str(cause)
            continue
        if not _reaches(waiver, said, manifest):
            continue
        for gate in manifest.body.get("gates", ()):
            if gate["outcome"] == FAIL and gate["gate"] not in by:
                wrong = exception.uncovered(said.predicate, gate)
                if wrong:
                    against[gate["gate"]] = "; ".join(wrong)
                else:
                    by[gate["gate"]] = waiver
    return Excused(by=by, against=against)


def _reaches(waiver: Waiver, said: Said, manifest: Manifest) -> bool:
    """Answer whether an exception is about a manifest; what was asked about a guarded one, about no other."""
    if waiver.manifest_id != manifest.pk and withheld.marked(waiver.manifest).guarded:
        return False
    return exception.reaches(said, manifest=manifest.pk, asset=manifest.asset.name)


def among(assets: Mapping[str, int], *, at: datetime) -> dict[str, frozenset[str]]:
    """Return, by manifest, which gates live exceptions let stand now; `assets` names each one's asset."""
    reach = Q(manifest__in=assets) | Q(reach="asset", asset__in=set(assets.values()))
    found = Waiver.objects.filter(reach, ending=None, not_before__lte=at, expires_at__gt=at)
    told = list(found.values_list("manifest", "asset", "reach"))
    alone = {manifest for manifest, _, _ in told}
    wide = {asset for _, asset, reach in told if reach == "asset"}
    concerned = [one for one, asset in assets.items() if one in alone or asset in wide]
    manifests = Manifest.objects.filter(pk__in=concerned).select_related("asset")
    return {one.pk: frozenset(excused(one, at=at).by) for one in manifests}


def left_to(person: int) -> QuerySet[Request]:
    """Return the requests without an answer that somebody neither asked, nor caused, nor signed."""
    own = Q(requested_by=person) | Q(author=person) | Exists(_signed_by(person))
    return Request.objects.filter(waiver=None, denial=None).exclude(own)


def unanswered(manifests: Iterable[str]) -> frozenset[str]:
    """Return those of some manifests about which a request waits for a signature."""
    found = Request.objects.filter(manifest__in=manifests, waiver=None, denial=None)
    return frozenset(found.values_list("manifest", flat=True))


def let_stand(manifest: Manifest, *, at: datetime) -> dict[str, Waiver]:
    """Return what let the failing gates of a release stand when it was published, whatever ended since.

    Its signatures are verified as of then; the terms were, by the policy of that day.
    """
    found = Waiver.objects.filter(
        Q(reach="asset") | Q(manifest=manifest),
        asset=manifest.asset_id,
        at__lte=at,
        not_before__lte=at,
        expires_at__gt=at,
    ).exclude(ending__at__lte=at)
    by: dict[str, Waiver] = {}
    for waiver in found.select_related("asset", "manifest", "statement").order_by("pk"):
        try:
            said = _sound(waiver, _told(bytes(waiver.envelope), waiver.at, len(rosters.kept())))
        except NotProved:
            continue
        if not _reaches(waiver, said, manifest):
            continue
        for gate in manifest.body.get("gates", ()):
            if gate["outcome"] == FAIL and not exception.uncovered(said.predicate, gate):
                by.setdefault(gate["gate"], waiver)
    return by


def verified(waiver: Waiver, *, at: datetime) -> Said:
    """Return what a waiver's envelope proves; refuse one that does not prove what its row says."""
    said = _checked(bytes(waiver.envelope), waiver.at)
    if not exception.live(said.predicate, at=at):
        raise NotProved("Its time has not come, or is over.")
    return _sound(waiver, said)


def _sound(waiver: Waiver, said: Said) -> Said:
    """Return what was signed, if it is what the waiver's row says, and no key of it was retired then."""
    told, read = said.predicate, envelope.read(bytes(waiver.envelope))
    if digest.of(read.payload) != waiver.statement_id or waiver.statement.about != str(waiver.request_id):
        raise NotProved("The exception's envelope is of another statement, or was given for another request.")
    if Denial.objects.filter(request=waiver.request_id, at__lte=waiver.at).exists():
        raise NotProved("The request had been denied before.")
    signers = [one.keyid for one in read.signatures]
    if Retirement.objects.filter(key__fingerprint__in=signers, at__lte=waiver.at).exists():
        raise NotProved("A key was retired when the exception was signed.")
    row = (waiver.asset.name, waiver.reach, waiver.kind, waiver.manifest_id)
    proved = (told["asset"], told["scope"]["reach"], told["class"], said.subjects[exception.MANIFEST])
    if row != proved:
        raise NotProved("The exception's row says something else than what was signed.")
    return said


def parties(manifest: Manifest) -> frozenset[int]:
    """Return who asked for, or signed, an exception that concerns a manifest: they may not decide."""
    found = Q(manifest=manifest) | Q(waiver__reach="asset", asset=manifest.asset, waiver__ending=None)
    ids: set[int] = set()
    for request in Request.objects.filter(found).select_related("waiver__statement", "denial"):
        ids.add(request.requested_by_id)
        ids |= signers(request)
    return frozenset(ids)


def near(person: int) -> Q:
    """Match the reviews of which somebody asked for an exception, or signed one: he decides none of them."""
    mine = Request.objects.filter(Q(requested_by=person) | Exists(_signed_by(person)))
    wide = mine.filter(waiver__reach="asset", waiver__ending=None)
    return Q(manifest__in=mine.values("manifest")) | Q(asset__in=wide.values("asset"))


def signers(request: Request) -> frozenset[int]:
    """Return who signed an answer to a request, also one that still waits for a second signature."""
    statements = Statement.objects.filter(kind="exception", about=str(request.pk), signatures__isnull=False)
    held = statements.values_list("signatures__holder", flat=True)
    return frozenset(one for one in held if one is not None)


def given(statement: Statement) -> tuple[str, ...]:
    """Return the account names of those who signed an answer already."""
    return tuple(one.holder.username for one in statements.signatures(statement) if one.holder)


def request_of(statement: Statement) -> int:
    """Return the number of the request that an answer, or the end of an exception, is about."""
    about = int(statement.about)
    return Waiver.objects.get(pk=about).request_id if statement.kind == "revocation" else about


def manifest_of(statement: Statement) -> Manifest:
    """Return the manifest that an answer, or the end of an exception, is about."""
    return find(request_of(statement)).manifest


def dashboard(*, at: datetime) -> Sequence[Request]:
    """Return every request with what became of it, what waits first, then what lives, then the rest."""
    found = list(_requests().order_by("-pk")[:500])
    order = {"waiting": 0, "live": 1}
    return sorted(found, key=lambda one: order.get(state(one, at=at), 2))


def state(request: Request, *, at: datetime) -> str:
    """Name how a request stands: waiting, denied, live, expired, or how it was ended."""
    if getattr(request, "denial", None) is not None:
        return "denied"
    waiver = getattr(request, "waiver", None)
    if waiver is None:
        return "waiting"
    ending = getattr(waiver, "ending", None)
    if ending is not None:
        return str(ending.how)
    return "live" if waiver.not_before <= at < waiver.expires_at else "expired"


def _signed_by(person: int) -> QuerySet[Statement]:
    """Return somebody's signed answers to the request around this."""
    about = Cast(OuterRef("pk"), CharField())
    return Statement.objects.filter(kind="exception", about=about, signatures__holder=person)


def _requests() -> QuerySet[Request]:
    return Request.objects.select_related(
        *("asset", "manifest", "requested_by", "author", "denial__by", "denial__statement"),
        *("waiver__statement", "waiver__ending__by"),
    ).prefetch_related("waiver__needs")


@lru_cache(maxsize=256)
def _proved(signed: bytes, at: datetime, versions: int) -> Said:  # noqa: ARG001  # a new roster, a new look
    return exception.check(signed, rosters=rosters.kept(), terms=terms(), at=at)


@lru_cache(maxsize=256)
def _told(signed: bytes, at: datetime, versions: int) -> Said:  # noqa: ARG001  # as above
    return exception.told(signed, rosters=rosters.kept(), at=at)


def _checked(signed: bytes, at: datetime) -> Said:
    return _proved(signed, at, len(rosters.kept()))

"""The public catalog as files: objects by digest, each release's documents, the indexes over all of them.

What the database says is the truth; whatever stands here can be written again from it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from kfm_review.releases import evidence
from kfm_review.releases.models import Promotion, Release, Tombstone
from kfm_review.releases.states import Kind
from kfm_review.runs.models import Artifact, Asset, Current
from pipelines import digest, spec
from pipelines.catalog import names, prov_promotion, publish, tombstone
from pipelines.catalog.publish import PublicationFacts
from pipelines.catalog.tombstone import Gone
from pipelines.model import CONTENT_ROLES
from pipelines.store import Documents, FileStore, Store, place

ONE_AT_A_TIME = 0x4B46_43  # the advisory lock of whoever writes indexes
DOCUMENT_AT_MOST = 16 * 1024 * 1024
PUBLIC, RESTRICTED = "public", "restricted"
PLACE_OF = {PUBLIC: "public", RESTRICTED: "restricted"}
CONTENT = tuple(str(role) for role in CONTENT_ROLES)


class Overtaken(Exception):
    """Another promoter has taken this promotion up since; what this one found no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published release: its approved documents, when it was first published, and whether it is gone."""

    release: Release
    item_id: str
    stac: bytes
    dcat: bytes
    prov: bytes
    published: datetime
    gone: Tombstone | None = None


def candidates() -> FileStore:
    """Return the place where workers leave what they made."""
    return FileStore(place(settings.STORE_URL, "candidates"))


def publish_release(promotion: Promotion, *, ended: datetime) -> dict[str, str]:
    """Put objects, then documents of a release in place; return the documents' digests by name.

    Nothing leads there until the indexes do. What is public already under the same content changes with them.
    """
    store, public = candidates(), root(promotion.channel)
    objects, documents = FileStore(public / "objects"), Documents(public)
    release = promotion.release
    for artifact in release.manifest.artifacts.filter(role__in=CONTENT):
        objects.put_file(store.path(artifact.sha256))
    known = [one for one in _entries(promotion.asset, promotion.channel, store) if one.gone is None]
    before = next((one for one in known if one.release.pk == release.pk), None)
    entry = before or _entry(release, store, published=promotion.started_at or ended)
    written = _documents(entry, _in_order([*known, entry], current=release), latest=entry)
    told = {name: digest.of(content) for name, content in written.items()}
    act = f"prov-promotion-{promotion.pk}.jsonld"
    told_of_act = prov_promotion.document(_told(promotion, told, ended=ended))
    new = {} if entry.item_id in {one.item_id for one in known} else written
    for name, content in {**new, act: told_of_act}.items():
        documents.write(f"{names.folder(promotion.asset.family, entry.item_id)}/{name}", content)
    return told | {act: digest.of(told_of_act)}


def index() -> None:
    """Write every index and every release's documents from the database, one writer at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    for channel in PLACE_OF:
        if channel == PUBLIC or Current.objects.filter(channel=channel).exists():
            _index(channel)


def _index(channel: str) -> None:
    store, documents = candidates(), Documents(root(channel))
    items: dict[str, list[bytes]] = {}
    datasets: list[tuple[str, bytes]] = []
    moments: list[datetime] = []
    found = Current.objects.filter(channel=channel).select_related("asset").order_by("asset__name")
    for current in found:
        family = current.asset.family
        living, gone = _parted(_entries(current.asset, channel, store))
        latest = _latest(living, number=current.release_number)
        if latest is not None:
            entries = _in_order(living, current=latest.release)
            for entry in entries:
                written = _documents(entry, entries, latest=latest)
                _write_all(documents, names.folder(family, entry.item_id), written)
                documents.delete(f"{names.folder(family, entry.item_id)}/{tombstone.FILE}")
                items.setdefault(family, []).append(written[names.STAC])
            datasets.append((family, _documents(latest, entries, latest=latest)[names.DCAT]))
        for entry in gone:
            written = buried(entry)
            _write_all(documents, names.folder(family, entry.item_id), written)
            datasets.append((family, written[names.DCAT]))
        moments += [current.set_at, *(entry.gone.at for entry in gone if entry.gone)]
    _write_indexes(documents, items, datasets, moments)


def _write_indexes(
    documents: Documents,
    items: Mapping[str, list[bytes]],
    datasets: list[tuple[str, bytes]],
    moments: list[datetime],
) -> None:
    collections = []
    for family, published in sorted(items.items()):
        collections.append(publish.collection(spec.family(family), published))
        _write(documents, f"{family}/{names.COLLECTION}", collections[-1])
    for family in {family for family, _ in datasets} - set(items):
        documents.delete(f"{family}/{names.COLLECTION}")  # all of it was withdrawn
    if moments:
        catalog = publish.dcat_catalog(datasets, modified=_moment(max(moments)))
        _write(documents, names.DCAT_CATALOG, catalog)
    _write(documents, names.ROOT, publish.root(collections))


def root(channel: str) -> Path:
    """Return the folder in which a channel is published."""
    return place(settings.STORE_URL, PLACE_OF[channel])


def item_id(release: Release) -> str:
    """Return the name of a release's Item, from its approved bytes."""
    stac = candidates().read(release.manifest.body["catalogs"]["stac"], limit=DOCUMENT_AT_MOST)
    return str(digest.read_json(stac)["id"])


def withdrawal(promotion: Promotion, made: Tombstone, *, ended: datetime) -> dict[str, str]:
    """Put the PROV of a withdrawal in place; return the digests of all documents that tell of it."""
    entries = _entries(promotion.asset, promotion.channel, candidates())
    entry = next(one for one in entries if one.release.pk == promotion.release_id)
    told = {name: digest.of(content) for name, content in buried(entry).items()}
    act = f"prov-promotion-{promotion.pk}.jsonld"
    content = prov_promotion.document(_told(promotion, told, ended=ended))
    Documents(root(promotion.channel)).write(
        f"{names.folder(promotion.asset.family, made.item_id)}/{act}", content
    )
    return told | {act: digest.of(content)}


def take_away(release: Release) -> None:
    """Take a withdrawn release's bytes out of its channel's place, but what another release still needs."""
    folder = root(release.channel) / "objects"
    mine = set(release.manifest.artifacts.filter(role__in=CONTENT).values_list("sha256", flat=True))
    others = Release.objects.filter(channel=release.channel, tombstone=None).exclude(pk=release.pk)
    needed = Artifact.objects.filter(
        manifest__releases__in=others.filter(promotions__started_at__isnull=False),
        role__in=CONTENT,
        sha256__in=mine,
    )
    for sha256 in mine - set(needed.values_list("sha256", flat=True)):
        (folder / "sha256" / sha256[:2] / sha256).unlink(missing_ok=True)


def buried(entry: Entry) -> dict[str, bytes]:
    """Return what stands in place of a withdrawn release's documents."""
    if entry.gone is None:
        raise ValueError(f"{entry.item_id} was not withdrawn.")
    successor = entry.gone.successor
    gone = Gone(
        family=entry.release.manifest.family,
        release=entry.release.number,
        published=_moment(entry.published),
        unpublished=_moment(entry.gone.at),
        reason=entry.gone.reason,
        successor=item_id(successor) if successor else None,
        statement=entry.gone.digest,
    )
    return {
        names.STAC: tombstone.item(entry.stac, gone),
        names.DCAT: tombstone.dataset(entry.dcat, gone),
        tombstone.FILE: bytes(entry.gone.envelope),
    }


def _parted(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return what is there and what is gone; content that is there under another number is not gone."""
    known = list(entries)
    living = [one for one in known if one.gone is None]
    there = {one.item_id for one in living}
    return living, [one for one in known if one.gone is not None and one.item_id not in there]


def _latest(living: list[Entry], *, number: int) -> Entry | None:
    """Return the current release, or the newest one that is left when that was withdrawn."""
    current = next((one for one in living if one.release.number == number), None)
    return current or max(living, key=lambda one: one.release.number, default=None)


def _entries(asset: Asset, channel: str, store: Store, *, until: int | None = None) -> Iterator[Entry]:
    """Yield every release of an asset that was ever current, with when that was first."""
    flipped = Promotion.objects.filter(asset=asset, channel=channel, kind=Kind.PROMOTE).exclude(documents={})
    flipped = flipped if until is None else flipped.filter(pk__lte=until)
    related = ("release__manifest", "release__review__run", "release__tombstone__successor__manifest")
    for promotion in flipped.select_related(*related).order_by("pk"):
        if promotion.started_at:
            yield _entry(promotion.release, store, published=promotion.started_at)


def _entry(release: Release, store: Store, *, published: datetime) -> Entry:
    catalogs: Mapping[str, str] = release.manifest.body["catalogs"]
    stac = store.read(catalogs["stac"], limit=DOCUMENT_AT_MOST)
    return Entry(
        release=release,
        item_id=digest.read_json(stac)["id"],
        stac=stac,
        dcat=store.read(catalogs["dcat"], limit=DOCUMENT_AT_MOST),
        prov=store.read(release.review.run.prov_digest or "", limit=DOCUMENT_AT_MOST),
        published=published,
        gone=getattr(release, "tombstone", None),
    )


def _in_order(entries: Iterable[Entry], *, current: Release) -> list[Entry]:
    """Return entries by number; content that came back stands once, as it is current or was last."""
    ordered = sorted(entries, key=lambda one: (one.release.pk == current.pk, one.release.number))
    last = {entry.item_id: entry for entry in ordered}
    return sorted(last.values(), key=lambda one: one.release.number)


def _documents(entry: Entry, entries: list[Entry], *, latest: Entry) -> dict[str, bytes]:
    facts = _facts(entry, entries, latest=latest)
    return {
        names.STAC: publish.item(entry.stac, facts),
        names.DCAT: publish.dataset(entry.dcat, facts),
        names.PROV: entry.prov,
    }


def as_published(flip: Promotion) -> tuple[PublicationFacts, dict[str, bytes]]:
    """Return the documents that a promotion published as they were then, and the facts that made them so."""
    known = _entries(flip.asset, flip.channel, candidates(), until=flip.pk)
    living = [one for one in known if one.gone is None or (flip.started_at and one.gone.at > flip.started_at)]
    entry = next(one for one in living if one.release.pk == flip.release_id)
    entries = _in_order(living, current=flip.release)
    return _facts(entry, entries, latest=entry), _documents(entry, entries, latest=entry)


def _facts(entry: Entry, entries: list[Entry], *, latest: Entry) -> PublicationFacts:
    ids = [one.item_id for one in entries]
    at = ids.index(entry.item_id)
    return PublicationFacts(
        family=entry.release.manifest.family,
        release=entry.release.number,
        published=_moment(entry.published),
        predecessor=ids[at - 1] if at else None,
        successor=ids[at + 1] if at + 1 < len(ids) else None,
        latest=latest.item_id,
        deprecated=False,  # what is withdrawn has a tombstone
        exceptions=evidence.exceptions(entry.release.manifest, at=entry.published),
    )


def _told(promotion: Promotion, published: Mapping[str, str], *, ended: datetime) -> prov_promotion.Promotion:
    release, by = promotion.release, promotion.requested_by
    return prov_promotion.Promotion(
        number=promotion.pk,
        kind=promotion.kind,
        asset=promotion.asset.name,
        channel=promotion.channel,
        release=release.number,
        manifest=release.manifest_id,
        why=promotion.why,
        approved_by=evidence.approvers(promotion),
        requested_by=by.username if by else "",
        started_at=_moment(promotion.started_at or ended),
        ended_at=_moment(ended),
        published=published,
    )


def _write_all(documents: Documents, folder: str, written: Mapping[str, bytes]) -> None:
    for name, content in written.items():
        _write(documents, f"{folder}/{name}", content)


def _write(documents: Documents, relative: str, content: bytes) -> None:
    if not documents.exists(relative) or documents.read(relative) != content:
        documents.write(relative, content)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

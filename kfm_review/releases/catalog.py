"""The public catalog as files: objects by digest, each release's documents, the indexes over all of them.

What the database says is the truth; whatever stands here can be written again from it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from kfm_review.releases import evidence
from kfm_review.releases.models import Promotion, Release
from kfm_review.releases.states import Kind
from kfm_review.runs.models import Asset, Current
from pipelines import digest, spec
from pipelines.catalog import names, prov_promotion, publish
from pipelines.catalog.publish import PublicationFacts
from pipelines.model import CONTENT_ROLES
from pipelines.store import Documents, FileStore, Store, place

ONE_AT_A_TIME = 0x4B46_43  # the advisory lock of whoever writes indexes
DOCUMENT_AT_MOST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One published release: its approved documents, and when it was first published."""

    release: Release
    item_id: str
    stac: bytes
    dcat: bytes
    published: datetime


def candidates() -> FileStore:
    """Return the place where workers leave what they made."""
    return FileStore(place(settings.STORE_URL, "candidates"))


def publish_release(promotion: Promotion, *, ended: datetime) -> dict[str, str]:
    """Put objects, then documents of a release in place; return the documents' digests by name.

    Nothing leads there until the indexes do.
    """
    store, public = candidates(), place(settings.STORE_URL, "public")
    objects, documents = FileStore(public / "objects"), Documents(public)
    release = promotion.release
    for artifact in release.manifest.artifacts.filter(role__in=[str(role) for role in CONTENT_ROLES]):
        objects.put_file(store.path(artifact.sha256))
    entry = _entry(release, store, published=promotion.started_at or ended)
    entries = [one for one in _entries(promotion.asset, store) if one.release.pk != release.pk]
    written = {
        names.STAC: _item(entry, _in_order([*entries, entry]), latest=entry),
        names.DCAT: entry.dcat,
        names.PROV: store.read(release.review.run.prov_digest or "", limit=DOCUMENT_AT_MOST),
    }
    told = {name: digest.of(content) for name, content in written.items()}
    act = f"prov-promotion-{promotion.pk}.jsonld"
    written[act] = prov_promotion.document(_told(promotion, told, ended=ended))
    for name, content in written.items():
        documents.write(f"{names.folder(promotion.asset.family, entry.item_id)}/{name}", content)
    return told | {act: digest.of(written[act])}


def index() -> None:
    """Write every index, and every Item whose neighbours changed, from the database, one writer at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    store, documents = candidates(), Documents(place(settings.STORE_URL, "public"))
    items: dict[str, list[bytes]] = {}
    datasets: list[tuple[str, bytes]] = []
    moments: list[datetime] = []
    for current in Current.objects.select_related("asset").order_by("asset__name", "channel"):
        family = current.asset.family
        entries = _in_order(_entries(current.asset, store))
        latest = next(one for one in entries if one.release.manifest_id == current.manifest_id)
        for entry in entries:
            content = _item(entry, entries, latest=latest)
            _write(documents, f"{names.folder(family, entry.item_id)}/{names.STAC}", content)
            items.setdefault(family, []).append(content)
        datasets.append((family, latest.dcat))
        moments.append(current.set_at)
    collections = []
    for family, published in sorted(items.items()):
        collections.append(publish.collection(spec.family(family), published))
        _write(documents, f"{family}/{names.COLLECTION}", collections[-1])
    if moments:
        catalog = publish.dcat_catalog(datasets, modified=_moment(max(moments)))
        _write(documents, names.DCAT_CATALOG, catalog)
    _write(documents, names.ROOT, publish.root(collections))


def _entries(asset: Asset, store: Store) -> Iterator[Entry]:
    """Yield every release of an asset that was ever current, with when that was first."""
    flipped = Promotion.objects.filter(asset=asset, kind=Kind.PROMOTE).exclude(documents={})
    for promotion in flipped.select_related("release__manifest").order_by("release__number", "pk"):
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
        published=published,
    )


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries by number; content that came back stands once, under its newest number."""
    newest = {entry.item_id: entry for entry in sorted(entries, key=lambda one: one.release.number)}
    return sorted(newest.values(), key=lambda one: one.release.number)


def _item(entry: Entry, entries: list[Entry], *, latest: Entry) -> bytes:
    ids = [one.item_id for one in entries]
    at = ids.index(entry.item_id)
    facts = PublicationFacts(
        family=entry.release.manifest.family,
        release=entry.release.number,
        published=_moment(entry.published),
        predecessor=ids[at - 1] if at else None,
        successor=ids[at + 1] if at + 1 < len(ids) else None,
        latest=latest.item_id,
        deprecated=False,  # nothing is withdrawn yet
    )
    return publish.item(entry.stac, facts)


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


def _write(documents: Documents, relative: str, content: bytes) -> None:
    if not documents.exists(relative) or documents.read(relative) != content:
        documents.write(relative, content)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

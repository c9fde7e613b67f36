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
    prov: bytes
    published: datetime


def candidates() -> FileStore:
    """Return the place where workers leave what they made."""
    return FileStore(place(settings.STORE_URL, "candidates"))


def publish_release(promotion: Promotion, *, ended: datetime) -> dict[str, str]:
    """Put objects, then documents of a release in place; return the documents' digests by name.

    Nothing leads there until the indexes do. What is public already under the same content changes with them.
    """
    store, public = candidates(), place(settings.STORE_URL, "public")
    objects, documents = FileStore(public / "objects"), Documents(public)
    release = promotion.release
    for artifact in release.manifest.artifacts.filter(role__in=[str(role) for role in CONTENT_ROLES]):
        objects.put_file(store.path(artifact.sha256))
    known = list(_entries(promotion.asset, promotion.channel, store))
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
    store, documents = candidates(), Documents(place(settings.STORE_URL, "public"))
    items: dict[str, list[bytes]] = {}
    datasets: list[tuple[str, bytes]] = []
    moments: list[datetime] = []
    for current in Current.objects.select_related("asset").order_by("asset__name", "channel"):
        family = current.asset.family
        known = list(_entries(current.asset, current.channel, store))
        latest = next(one for one in known if one.release.number == current.release_number)
        entries = _in_order(known, current=latest.release)
        for entry in entries:
            written = _documents(entry, entries, latest=latest)
            for name, content in written.items():
                _write(documents, f"{names.folder(family, entry.item_id)}/{name}", content)
            items.setdefault(family, []).append(written[names.STAC])
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


def _entries(asset: Asset, channel: str, store: Store) -> Iterator[Entry]:
    """Yield every release of an asset that was ever current, with when that was first."""
    flipped = Promotion.objects.filter(asset=asset, channel=channel, kind=Kind.PROMOTE).exclude(documents={})
    for promotion in flipped.select_related("release__manifest", "release__review__run").order_by("pk"):
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
    )


def _in_order(entries: Iterable[Entry], *, current: Release) -> list[Entry]:
    """Return entries by number; content that came back stands once, as it is current or was last."""
    ordered = sorted(entries, key=lambda one: (one.release.pk == current.pk, one.release.number))
    last = {entry.item_id: entry for entry in ordered}
    return sorted(last.values(), key=lambda one: one.release.number)


def _documents(entry: Entry, entries: list[Entry], *, latest: Entry) -> dict[str, bytes]:
    return {
        names.STAC: _item(entry, entries, latest=latest),
        names.DCAT: entry.dcat,
        names.PROV: entry.prov,
    }


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

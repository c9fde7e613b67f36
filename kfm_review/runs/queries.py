"""Runs as pages show them: listed by keyset, with trends, origins, and the bytes a person may have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer
from kfm_review.runs import withheld
from kfm_review.runs.models import (
    Artifact,
    Asset,
    Attempt,
    Current,
    Document,
    GateResult,
    Manifest,
    Run,
)
from kfm_review.runs.rules import Standing

PAGE = 50
TREND = 10
TYPES = {"stac": "application/geo+json", "dcat": "application/ld+json", "prov": "application/ld+json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the list is narrowed to; what is empty narrows nothing."""

    asset: str = ""
    alias: str = ""
    status: str = ""
    outcome: str = ""

    @property
    def active(self) -> bool:
        return any((self.asset, self.alias, self.status, self.outcome))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of runs; `after` is where the next begins."""

    runs: tuple[Run, ...]
    after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What one gate measured in the last runs of an asset, the newest last, and its limit."""

    values: tuple[float | None, ...]
    bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something a run used or made."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a run's content came from: what it used, what it made, who ran it for whom."""

    alias: str
    used: tuple[Thing, ...]
    made: tuple[Thing, ...]
    worker: str
    whom: str

    @property
    def said(self) -> str:
        """Say the picture in words."""
        used = ", ".join(thing.name for thing in self.used) or "nothing"
        made = ", ".join(thing.name for thing in self.made) or "nothing"
        return f"Run {self.alias} used {used}; it made {made}; {self.worker} ran it for {self.whom}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """What stands behind a digest: its type, and the name it is downloaded under."""

    sha256: str
    media_type: str
    filename: str
    guarded: bool = True  # kept by nobody on the way


def standing(manifest: Manifest, *, name: str, spec_hash: str | None) -> Standing:
    """Return what a manifest that stands says, for others to be compared with."""
    return Standing(
        name=name,
        input_hash=manifest.input_hash,
        content_digest=manifest.content_digest,
        spec_hash=spec_hash,
        outcomes=dict(manifest.gates.values_list("gate", "outcome")),
    )


def current(asset: Asset, *, channel: str) -> Current | None:
    """Return what is current of an asset in a channel."""
    return Current.objects.filter(asset=asset, channel=channel).select_related("manifest").first()


def page(filters: Filters, *, viewer: Viewer, after: UUID | None = None, size: int = PAGE) -> Page:
    """Return one page of runs, the newest first: ids begin with the time; a line says nothing withheld."""
    found = Run.objects.filter(
        withheld.known(viewer, cleared=withheld.seen_run(viewer), family="asset__family")
    )
    found = found.select_related("asset", "requested_by").order_by("-pk")
    if filters.asset:
        found = found.filter(asset__in=Asset.objects.filter(Q(name=filters.asset) | Q(family=filters.asset)))
    if filters.alias:
        found = found.filter(alias__startswith=filters.alias)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.outcome:
        found = found.filter(outcome=filters.outcome)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = tuple(found[: size + 1])
    return Page(runs=rows[:size], after=rows[size - 1].pk if len(rows) > size else None)


def trends(*, asset: Asset, upto: Manifest, viewer: Viewer) -> dict[str, Trend]:
    """Return what every gate measured in the last runs of an asset that may be seen, up to one manifest."""
    last = Manifest.objects.filter(withheld.seen(viewer), asset=asset, recorded_at__lte=upto.recorded_at)
    digests = list(last.order_by("-recorded_at").values_list("pk", flat=True)[:TREND])[::-1]
    found: dict[str, dict[str, GateResult]] = {}
    measured = GateResult.objects.filter(manifest__in=digests)
    for result in measured.only("gate", "manifest", "value", "bound"):
        found.setdefault(result.gate, {})[result.manifest_id] = result
    return {
        gate: Trend(
            values=tuple(results[digest].value for digest in digests if digest in results),
            bound=results[upto.pk].bound if upto.pk in results else None,
        )
        for gate, results in found.items()
    }


def origin(run: Run, *, attempts: Iterable[Attempt], documents: Iterable[Document]) -> Origin:
    """Return where a run's content came from, by its manifest and its documents."""
    manifest = run.manifest
    body = manifest.body if manifest else {}
    inputs = [Thing(name=each["name"], digest=each["sha256"]) for each in body.get("inputs", ())]
    base = [] if run.base == "none" else [Thing(name="current release, as base", digest=run.base)]
    content = [Thing(name="manifest", digest=manifest.digest)] if manifest else []
    artifacts = [Thing(name=each["role"], digest=each["sha256"]) for each in body.get("artifacts", ())]
    catalogs = [Thing(name=each.kind.upper(), digest=each.sha256) for each in documents]
    workers = [attempt.worker for attempt in attempts if attempt.worker]
    return Origin(
        alias=run.alias,
        used=(*inputs, *base),
        made=(*content, *_grouped(artifacts, of="artifacts"), *_grouped(catalogs, of="documents")),
        worker="worker" if workers else "no worker",
        whom=str(run.requested_by) if run.requested_by else "the system",
    )


def download(sha256: str, *, viewer: Viewer) -> Bytes:
    """Return what stands behind a digest, to whoever may have it by *every* manifest that names it."""
    asked = (
        (Artifact.objects.filter(sha256=sha256), "manifest__", withheld.opened(sha256)),
        (Document.objects.filter(sha256=sha256), "manifest__", Q(pk=None)),
        (Manifest.objects.filter(pk=sha256), "", Q(pk=None)),
    )
    if any(_any_without(rows, withheld.exact(viewer, at=at) | also) for rows, at, also in asked):
        raise _nothing(sha256)
    if _any_without(asked[0][0], withheld.cleared(sha256, viewer)):
        raise _nothing(sha256)
    guarded = any(_any_without(rows, withheld.exact(withheld.ANYBODY, at=at)) for rows, at, _ in asked)
    guarded = guarded or _any_without(asked[0][0], withheld.cleared(sha256, withheld.ANYBODY))
    artifact = Artifact.objects.filter(sha256=sha256).select_related("manifest__asset").first()
    if artifact:
        name = _filename(artifact.manifest, artifact.role)
        return Bytes(sha256=sha256, media_type=artifact.media_type, filename=name, guarded=guarded)
    document = Document.objects.filter(sha256=sha256).select_related("manifest__asset").first()
    if document:
        name = _filename(document.manifest, document.kind)
        return Bytes(sha256=sha256, media_type=TYPES[document.kind], filename=name, guarded=guarded)
    manifest = Manifest.objects.filter(pk=sha256).select_related("asset").first()
    if manifest:
        name = _filename(manifest, "manifest")
        return Bytes(sha256=sha256, media_type="application/json", filename=name, guarded=guarded)
    raise _nothing(sha256)


def _any_without(rows: QuerySet[Any], condition: Q) -> bool:
    """Answer whether there is a row of which something does not hold, or is not known."""
    return bool(rows.alias(holds=withheld.whether(condition)).filter(holds=False).exists())


def _nothing(sha256: str) -> Missing:
    """Return the same refusal for what is not there and for what is not for this person."""
    return Missing(
        f"There is no artifact sha256:{sha256[:8]} for you.",
        cause="No manifest that you may see names it.",
        next_step="Look for it on the page of its run.",
    )


def _grouped(things: list[Thing], *, of: str) -> list[Thing]:
    """Draw many things of a kind as one."""
    if len(things) <= 1:
        return things
    return [Thing(name=f"{len(things)} {of}", digest=things[0].digest)]


def _filename(manifest: Manifest, what: str) -> str:
    words = f"{manifest.asset.name}-{manifest.edition}-{what}"
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in words)

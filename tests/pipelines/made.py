"""Made-up layers, contents, manifests and subjects, whole and consistent, for tests to take apart."""

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from pipelines import digest, sensitivity, spec
from pipelines.catalog import dcat, names, prov, stac
from pipelines.declaration import POLICY
from pipelines.formats import geoparquet, pmtiles
from pipelines.inputs import Inputs
from pipelines.manifest import Manifest
from pipelines.model import (
    Artifact,
    Column,
    Content,
    DiffState,
    DiffSummary,
    Extent,
    GateResult,
    Input,
    Labels,
    LayerContent,
    Outcome,
    Period,
    Phase,
    Score,
)
from pipelines.store import Store
from pipelines.subject import Made, Subject
from tests.pipelines.memory import MemoryStore

SAMPLES = Path(spec.__file__).parent / "families" / "ks_airports" / "samples"
PUBLIC = Labels(sensitivity="public", sovereignty=(), rights="MIT")
INPUT_HASH, BASE = "4" * 64, "5" * 64
SPEC_HASH = digest.of_spec(input_hash=INPUT_HASH, base=BASE)
_PERIOD = Period(start="2026-09-05T00:00:00Z", end="2026-09-05T23:59:59Z")
GATES = tuple(
    GateResult(gate=gate, phase=phase, outcome=Outcome.PASS, measured="1", limit="1", value=1.0, score=1.0)
    for gate, phase in (
        ("schema", Phase.BEFORE),
        ("tiles", Phase.AFTER),
        *((name, Phase.POLICY) for name in POLICY),
        ("score", Phase.SCORE),
    )
)
_LAYER = LayerContent(
    layer="airports",
    kind="vector",
    key="icao",
    crs="EPSG:4326",
    rows=0,
    extent=Extent(west=0, south=0, east=0, north=0),
    geometry_types=("Point",),
    columns=(
        Column(name="icao", type="string", description="the code"),
        Column(name="geometry", type="geometry", description="the place"),
    ),
)


def airports(edition: str) -> gpd.GeoDataFrame:
    """Return an edition of the real airports."""
    table = pd.read_csv(SAMPLES / f"{edition}.csv", dtype={"elevation": float}, keep_default_na=False)
    places = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
    return gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=places, crs="EPSG:4326")


def points(count: int) -> gpd.GeoDataFrame:
    """Return `count` points of Kansas, always the same."""
    chance = np.random.default_rng(7)
    places = gpd.points_from_xy(
        chance.uniform(-102, -94.7, count).round(6), chance.uniform(37.1, 39.9, count).round(6)
    )
    columns = {
        "icao": [f"K{number:05d}" for number in range(count)],
        "name": [f"Airport {number}" for number in range(count)],
        "elevation": chance.integers(600, 4000, count),
    }
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4326")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Everything one run left behind, closed."""

    store: Store
    frame: gpd.GeoDataFrame
    content: Content
    stac: bytes
    dcat: bytes
    manifest: Manifest
    prov: bytes

    @property
    def item_id(self) -> str:
        return names.item_id(self.content.asset, self.content.content_digest)


ATTEMPT = prov.Attempt(
    run="0198c0de-0000-7000-8000-000000000001",
    number=1,
    requested_by="anna",
    author="ben",
    requested_at="2026-11-24T10:00:00+00:00",
    why="A new edition came out.",
    worker="host:1",
    started_at="2026-11-24T10:00:01+00:00",
    ended_at="2026-11-24T10:00:02+00:00",
)


def content(frame: gpd.GeoDataFrame, store: Store, *, labels: Labels = PUBLIC) -> Content:
    """Write the layer and return the content that describes it."""
    family = spec.family("ks_airports")
    data = geoparquet.write(frame, key="icao", labels=labels)
    tiles = pmtiles.write(frame, layer="airports", key="icao", labels=labels)
    artifacts = tuple(
        Artifact(role=role, media_type=kind, sha256=store.put(kept), size=len(kept), label=labels.sensitivity)
        for role, kind, kept in (("data", geoparquet.MEDIA_TYPE, data), ("tiles", pmtiles.MEDIA_TYPE, tiles))
    )
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    return Content(
        asset="ks_airports",
        family="ks_airports",
        partition=None,
        edition="2026-09",
        channel=sensitivity.channel(labels.sensitivity),
        title=family.title,
        description=family.description,
        keywords=family.keywords,
        licence=family.licence,
        owner=family.owner,
        contact=family.contact,
        period=_PERIOD,
        labels=labels,
        inputs=(
            Input(
                name="airports",
                sha256="a" * 64,
                size=10,
                media_type="text/csv",
                source="samples/x.csv",
                label=labels.sensitivity,
            ),
        ),
        artifacts=artifacts,
        layers=(
            replace(_LAYER, rows=len(frame), extent=Extent(west=west, south=south, east=east, north=north)),
        ),
        spec_hash=SPEC_HASH,
        content_digest=digest.of_content(artifacts, labels=labels),
    )


def whole(*, count: int = 40, labels: Labels = PUBLIC) -> Whole:
    """Return a run's leavings, all of which agree."""
    store, frame = MemoryStore(), points(count)
    made = content(frame, store, labels=labels)
    item, dataset = stac.document(made), dcat.document(made)
    manifest = Manifest(
        asset=made.asset,
        family=made.family,
        partition=None,
        edition=made.edition,
        channel=made.channel,
        title=made.title,
        family_digest="1" * 64,
        code_digest="2" * 64,
        policy_digest="3" * 64,
        input_hash=INPUT_HASH,
        base=BASE,
        spec_hash=made.spec_hash,
        content_digest=made.content_digest,
        inputs=made.inputs,
        artifacts=made.artifacts,
        catalogs={"stac": store.put(item), "dcat": store.put(dataset)},
        diff=DiffSummary(state=DiffState.FIRST, after_rows=count),
        gates=GATES,
        score=Score(value=1.0, threshold=0.9, floor=0.5),
        outcome=Outcome.PASS,
        labels=labels,
        review=None,
        failure=None,
    )
    told = prov.document(manifest, attempt=ATTEMPT)
    return Whole(
        store=store, frame=frame, content=made, stac=item, dcat=dataset, manifest=manifest, prov=told
    )


def subject(run: Whole) -> Subject:
    """Return what a gate would see of the run."""
    family = spec.family("ks_airports")
    made = Made(
        layer=run.frame,
        artifacts=run.content.artifacts,
        content=run.content,
        catalogs=run.manifest.catalogs,
        base=None,
        diff=None,
        diff_failed="",
    )
    return Subject(
        family=family,
        output=family.outputs[0],
        asset="ks_airports",
        partition=None,
        edition="2026-09",
        channel="public",
        store=run.store,
        inputs=run.content.inputs,
        inputs_read=Inputs(sources=(), all={}),
        made=made,
    )

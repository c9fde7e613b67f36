"""Print what each part of a run costs on 1,000 points: `python -m tests.bench.pipeline_parts`."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipelines import preview, thumbnail
from pipelines.catalog import dcat, graph, prov, prov_check, stac, triad
from pipelines.diff import vector
from pipelines.formats import archive, geoparquet, pmtiles
from pipelines.gates import catalogs, index, labels, links, rights, tiles
from tests.pipelines import made

POINTS, ROUNDS = 1000, 15
Part = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One part's time in milliseconds."""

    name: str
    first: float
    median: float
    worst: float


def forget() -> None:
    """Empty the caches that a second look at the same bytes would use."""
    for cached in (stac.check, dcat.check, prov_check.check, graph.read):
        cached.cache_clear()


def measured(name: str, part: Part) -> Figure:
    """Run a part several times, each time as if its documents were new."""
    took = []
    for _ in range(ROUNDS):
        forget()
        began = time.perf_counter()
        part()
        took.append((time.perf_counter() - began) * 1000)
    return Figure(name=name, first=took[0], median=statistics.median(took[1:]), worst=max(took[1:]))


def parts() -> dict[str, Part]:
    """Return every part, in the order of a run; 20 points are new, 20 have moved, 280 were renamed."""
    run = made.whole(count=POINTS)
    after = run.frame
    before = after.iloc[20:].copy()
    before.loc[before.index[:20], "geometry"] = before.geometry.iloc[:20].translate(0.01, 0)
    before.loc[before.index[20:300], "name"] = "Another name"
    diff = vector.compare(before, after, key="icao", title="name")
    changes = vector.changes(diff)
    subject = made.subject(run)
    told = run.manifest.content
    cut = run.store.read(run.manifest.artifacts[1].sha256)
    return {
        "GeoParquet": lambda: geoparquet.write(after, key="icao", labels=made.PUBLIC),
        "PMTiles, begin": lambda: pmtiles.start(after, layer="x", key="icao", labels=made.PUBLIC).stop(),
        "PMTiles, whole": lambda: pmtiles.write(after, layer="x", key="icao", labels=made.PUBLIC),
        "PMTiles, read back": lambda: archive.read(cut).texts(layer="airports", name="icao"),
        "diff": lambda: vector.compare(before, after, key="icao", title="name"),
        "diff as JSON": lambda: vector.changes(diff),
        "diff as CSV": lambda: vector.csv(diff),
        "preview": lambda: preview.style(changes, before=before, after=after, key="icao", title="name"),
        "thumbnail": lambda: thumbnail.svg(changes),
        "STAC": lambda: stac.document(run.content),
        "STAC, check": lambda: stac.check(run.stac),
        "DCAT": lambda: dcat.document(run.content),
        "DCAT, check": lambda: dcat.check(run.dcat),
        "PROV": lambda: prov.document(run.manifest, attempt=made.ATTEMPT),
        "PROV, check": lambda: prov_check.check(run.prov),
        "closing check": lambda: triad.check(told, prov=run.prov, store=run.store),
        "gate tiles": lambda: tiles.check(subject),
        "gate index": lambda: index.check(subject),
        "gate catalogs": lambda: catalogs.check(subject),
        "gate labels": lambda: labels.check(subject),
        "gate rights": lambda: rights.check(subject),
        "gate links": lambda: links.check(subject),
    }


def main() -> None:
    """Print a table: the first time, the median and the worst of the others."""
    figures = [measured(name, part) for name, part in parts().items()]
    lines = [f"{'1,000 points':<22}{'first':>9}{'median':>9}{'worst':>9}  ms"]
    lines += [f"{one.name:<22}{one.first:>9.1f}{one.median:>9.1f}{one.worst:>9.1f}" for one in figures]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

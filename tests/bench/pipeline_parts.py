"""Print what the standard run and its parts cost in a warm process: `python -m tests.bench.pipeline_parts`.

Seconds by the clock; behind them the processor's, which other work on the machine does not change.
"""

import gc
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines import digest, manifest, preview, runner, thumbnail, worker
from pipelines.catalog import dcat, graph, prov, prov_check, stac, triad
from pipelines.diff import vector
from pipelines.formats import archive, geoparquet, pmtiles
from pipelines.gates import catalogs, index, labels, links, rights, tiles
from pipelines.model import NO_BASE
from pipelines.store import Places
from tests.bench import standard
from tests.pipelines import made
from tests.pipelines.runs import job

POINTS, ROUNDS = standard.POINTS, 15
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
    for cached in (stac.check, dcat.check, prov_check.check, graph.read, manifest.parse):
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
        "PMTiles": lambda: pmtiles.write(after, layer="x", key="icao", labels=made.PUBLIC),
        "PMTiles, read back": lambda: archive.read(cut).texts(layer="airports", name="icao"),
        "diff": lambda: vector.compare(before, after, key="icao", title="name"),
        "diff as JSON": lambda: digest.canonical(vector.changes(diff)),
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


def run_whole() -> list[str]:
    """Carry out the standard run several times and return lines: the whole, then step by step."""
    with tempfile.TemporaryDirectory(prefix="kfm-bench-") as folder:
        places = Places.at(Path(folder).as_uri())
        base = carried_out(standard.places(0), places=places, base=NO_BASE)
        spent: list[float] = []
        ran: list[runner.Ran] = []
        for number in range(1, ROUNDS + 1):
            began = processor()
            ran.append(carried_out(standard.places(number), places=places, base=base.manifest_digest))
            spent.append(processor() - began)
    clock = [one.seconds for one in ran[1:]]
    steps = {name: statistics.median(one.timings[name] for one in ran[1:]) for name in ran[0].timings}
    first, median, worst = (
        f"{seconds * 1000:.0f} ms" for seconds in (ran[0].seconds, statistics.median(clock), max(clock))
    )
    return [
        f"standard run in one process: p50 {median}, worst {worst}, first {first}",
        f"  of a processor: p50 {statistics.median(spent[1:]) * 1000:.0f} ms",
        *(f"  {seconds * 1000:7.1f} ms  {name}" for name, seconds in steps.items()),
    ]


def carried_out(content: bytes, *, places: Places, base: str) -> runner.Ran:
    """Deliver a file and run it."""
    uploads = {"airports": places.inbox.put(content)}
    order = job(edition="2026-01", base=base, uploads=uploads)
    return runner.run(order, places=places, now=lambda: datetime.now(UTC), tell=lambda *_: None)


def processor() -> float:
    """Return the seconds of processors that this process and its children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Print the machine, the whole run, and a table of parts: the first time, then median and worst."""
    runner.warm()
    gc.collect()
    worker.spare_garbage()
    figures = [measured(name, part) for name, part in parts().items()]
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        *run_whole(),
    ]
    lines += ["", f"{'parts':<22}{'first':>9}{'median':>9}{'worst':>9}  ms"]
    lines += [f"{one.name:<22}{one.first:>9.1f}{one.median:>9.1f}{one.worst:>9.1f}" for one in figures]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

"""A run of many rows in a bounded worker: beyond its memory it is an ERROR with the number."""

from uuid import uuid4

import pytest

from pipelines import manifest
from pipelines.store import FileStore, Places, place
from tests.pipelines.workbench import serving

pytestmark = pytest.mark.slow
ROWS = 200_000
HEADER = "icao,iata,name,city,subd,country,elevation,lat,lon,tz,lid"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def many() -> bytes:
    """Return airports by rule."""
    lines = [HEADER]
    for at in range(ROWS):
        code = "".join(LETTERS[at // 36**place % 36] for place in (3, 2, 1, 0))
        lat, lon = 37 + at % 1400 * 0.002, -101.9 + at // 1400 * 0.05
        lines.append(f"{code},,Field {at},,Kansas,US,,{lat:.3f},{lon:.3f},America/Denver,")
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize(("memory_mb", "kind"), [(200, "failed"), (1500, "recorded")])
def test_a_run_ends_by_the_memory_it_may_use(memory_mb: int, kind: str) -> None:
    run = str(uuid4())
    with serving("tests.pipelines.pinched", KFM_TEST_MEMORY_MB=str(memory_mb)) as bench:
        upload = Places.at(bench.store).inbox.put(many())
        bench.ask("to see how far it comes", run=run, uploads={"airports": upload})
        said = bench.hear(kind, run=run, seconds=300)
        made = manifest.read(FileStore(place(bench.store, "candidates")), said["manifest"])
    if kind == "failed":
        assert f"needed more than its {memory_mb} MiB of memory" in said["why"]
        assert (made.outcome, made.failure is not None) == ("ERROR", True)
    else:
        assert made.failure is None
        assert made.artifacts

"""How a file ends that is delivered to a family: carried out in earnest, within bounds, and measured."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pipelines import confinement, judging, spec
from pipelines.formats.reading import READERS
from pipelines.formats.table import Table
from pipelines.model import Finding, GateResult, Outcome, Phase, worst
from pipelines.store import Places
from tests.families.hostile import airports, counties, drought, relief
from tests.pipelines import judged
from tests.pipelines.runs import Runs, job

MEMORY_MB = 512
ZIP = "application/zip"
FAMILIES = {name: family.FAMILY for family in (airports, counties, drought, relief) for name in family.FILES}
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a file came to."""

    outcome: Outcome
    gates: tuple[GateResult, ...]
    rows: int | None
    seconds: float
    mib: int

    @cached_property
    def findings(self) -> tuple[tuple[GateResult, Finding], ...]:
        """Return every finding beside the gate that has it."""
        return tuple((gate, finding) for gate in self.gates for finding in gate.findings)


def ended(name: str, content: bytes, *, store: Path) -> Ended:
    """Deliver a file to the family it is made for; an archive, which none takes, to the gates for files."""
    media_type = spec.family(FAMILIES[name]).main.media_type if name in FAMILIES else ZIP
    with _bounded() as measured:
        outcome, gates = _delivered(name, content, store) if name in FAMILIES else _asked(content)
    read = READERS[media_type](content)
    rows = read.rows.num_rows if isinstance(read, Table) else None
    seconds, mib = measured()
    return Ended(outcome=outcome, gates=gates, rows=rows, seconds=seconds, mib=mib)


def _delivered(name: str, content: bytes, store: Path) -> tuple[Outcome, tuple[GateResult, ...]]:
    family = spec.family(FAMILIES[name])
    runs = Runs(store, family=family.name)
    partition = drought.PARTITION if name in drought.FILES else None
    asked = job(
        family=family.name,
        edition=partition or "2026-09",
        partition=partition,
        uploads={family.main.name: runs.places.inbox.put(content)},
    )
    made = runs.read(runs.carry_out(asked))
    assert made.failure is None, made.failure
    return made.outcome, made.gates


def _asked(content: bytes) -> tuple[Outcome, tuple[GateResult, ...]]:
    family = judged.FAMILY
    packed = replace(family.main, media_type=ZIP)
    gates = replace(family.gates, before=("format", *family.gates.before))
    subject = judged.read(content, family=replace(family, inputs=(packed,), gates=gates))
    said = judging.ask(subject, phase=Phase.BEFORE)
    return worst(result.outcome for result in said), said


@contextmanager
def _bounded() -> Iterator[Callable[[], tuple[float, int]]]:
    """Let no more memory be had than a small family allows, and measure time and the most that was used."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before, began = _peak(), time.perf_counter()
    found: list[tuple[float, int]] = []
    with confinement.confined(memory_mb=MEMORY_MB):
        yield lambda: found[0]
    found.append((time.perf_counter() - began, _peak() - before))


def _peak() -> int:
    match = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    assert match is not None
    return int(match[1]) // 1024


def data(name: str, content: bytes, *, store: Path) -> bytes:
    """Return the data artifact that a delivered file becomes."""
    family = spec.family(FAMILIES[name])
    runs = Runs(store, family=family.name)
    uploads = {family.main.name: runs.places.inbox.put(content)}
    made = runs.read(runs.carry_out(job(family=family.name, edition="2026-09", uploads=uploads)))
    artifact = next(one for one in made.artifacts if one.role == "data")
    return Places.at(store.as_uri()).candidates.read(artifact.sha256)

"""Carry out one run, step by step, and leave a manifest whatever happens."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines import (
    closing,
    coarser,
    describing,
    digest,
    documents,
    judging,
    pinning,
    policy,
    preview,
    spec,
)
from pipelines.catalog import dcat, stac, triad
from pipelines.errors import JobInvalid, StepsMissing, Stopped
from pipelines.families import STEPS
from pipelines.family import Family
from pipelines.formats import pmtiles
from pipelines.formats.reading import READERS
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.kinds.kind import Compared, keep
from pipelines.manifest import Manifest
from pipelines.model import (
    Failure,
    GateResult,
    Job,
    Outcome,
    Phase,
    Role,
    worst,
)
from pipelines.store import Places, Store
from pipelines.subject import Base, Layer, Made, Subject

SWAPPED = frozenset({"crs.swapped", "grid.swapped"})
Tell = Callable[[str, int, int], None]
STEPS_TOLD = (
    "Pinning the input",
    "Checking the input",
    "Making the layer",
    "Comparing with the current release",
    "Drawing the maps",
    "Cutting the tiles",
    "Describing and checking what was made",
    "Closing the record",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How an attempt ended; `timings` are seconds by step."""

    manifest_digest: str
    prov_digest: str
    outcome: Outcome
    seconds: float
    timings: Mapping[str, float]


def run(
    job: Job, *, places: Places, now: Callable[[], datetime], tell: Tell, pin: pinning.Pin = pinning.pin
) -> Ran:
    """Materialise what `job` asks for and check it; whatever stops it is in the manifest too.

    Args:
        job: one attempt of one run.
        places: where bytes come from and go to.
        now: the clock; only the attempt's PROV knows it.
        tell: hears each step as a sentence, its number, and how many there are.
        pin: where inputs come from; a replay takes those that were pinned.

    Raises:
        JobInvalid: the job itself is not one; nothing is written.
    """
    _check_job(job)
    started = now()
    work = _Work(job, places=places, tell=tell, pin=pin)
    with places.candidates.together():
        made = work.ended()
        with work.step(8):
            attempt = closing.attempt(job, started=started, ended=now())
            closed = closing.close(made, attempt=attempt, store=places.candidates)
    return work.ran(closed)


def bury(job: Job, *, places: Places, why: str, log_tail: bytes, now: Callable[[], datetime]) -> Ran:
    """Write the ERROR manifest and PROV of an attempt that was killed or lost."""
    _check_job(job)
    started = now()
    work = _Work(job, places=places, tell=lambda *_: None)
    try:
        work.family = spec.family(job.family)
    except Stopped:  # the record of the end must be possible without it
        work.family = None
    known = replace(
        closing.unfinished(job, work.family), inputs=pinning.pinned(job, work.family, places=places)
    )
    tail = None
    if log_tail:
        tail = keep(places.candidates, log_tail, role=Role.LOG_TAIL, media_type="text/plain")
        known = replace(known, artifacts=(tail,))
    failure = Failure(kind="buried", message=why, log_tail=None if tail is None else tail.sha256)
    made = closing.failed(known, work.family, said=(), why=failure)
    attempt = closing.attempt(job, started=started, ended=now())
    return work.ran(closing.close(made, attempt=attempt, store=places.candidates))


def warm() -> None:
    """Read, compile and draw once, before the fork, what every run would otherwise wait for."""
    digest.code()
    policy.bundle()
    spec.families()
    triad.warm()
    preview.warm()


def _check_job(job: Job) -> None:
    wrong = documents.mistakes(job.to_json(), schema="job", file="job")
    if wrong:
        raise JobInvalid("; ".join(str(mistake) for mistake in wrong[:5]))


class _Work:
    """One attempt under way: what is known so far, so that its end can be told from wherever it stops."""

    def __init__(self, job: Job, *, places: Places, tell: Tell, pin: pinning.Pin = pinning.pin) -> None:
        self.job = job
        self.pin = pin
        self.places = places
        self.store: Store = places.candidates
        self.tell = tell
        self.family: Family | None = None
        self.said: tuple[GateResult, ...] = ()
        self.known: Manifest = closing.unfinished(job, None)
        self.timings: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def step(self, number: int) -> Iterator[None]:
        """Tell of a step and measure it."""
        sentence = STEPS_TOLD[number - 1]
        self.tell(sentence, number, len(STEPS_TOLD))
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings[sentence] = time.perf_counter() - began

    def ran(self, closed: closing.Closed) -> Ran:
        """Return how it ended."""
        return Ran(
            manifest_digest=closed.manifest_digest,
            prov_digest=closed.prov_digest,
            outcome=closed.outcome,
            seconds=time.perf_counter() - self._began,
            timings=self.timings,
        )

    def ended(self) -> Manifest:
        """Go through the steps, and say so if something stopped them."""
        try:
            return self.carried_out()
        except Stopped as stopped:
            why = Failure(kind=type(stopped).__name__, message=str(stopped), log_tail=None)
            return closing.failed(self.known, self.family, said=self.said, why=why)

    def carried_out(self) -> Manifest:
        """Go through the steps, in the order in which nothing points forward."""
        with self.step(1):
            family = self.family = spec.family(self.job.family)
            self.known = closing.unfinished(self.job, family)
            subject = self._pinned(family)
        with self.step(2):
            self.said = judging.ask(subject, phase=Phase.BEFORE)
        if judging.stops(self.said):
            return self._stopped(subject)
        with self.step(3):
            kind = KINDS[subject.output.kind]
            layer = STEPS[family.name](subject.inputs_read)
            kind.check(layer, subject.output)
            subject = coarser.receipted(subject, layer)
            self.known = replace(self.known, labels=subject.family.labels)
            cutting = kind.cut(layer, subject.output, labels=subject.family.labels)
        try:
            return self._made(subject, layer, cutting)
        finally:
            cutting.stop()

    def _pinned(self, family: Family) -> Subject:
        pinning.check_asset(self.job, family)
        pinning.period(family, self.job.edition, self.job.partition)
        if family.name not in STEPS:
            raise StepsMissing(
                f"Nothing makes {family.name}: add its line in pipelines/families/__init__.py."
            )
        pinned = self.pin(self.job, family, places=self.places)
        inputs = tuple(one for one, _ in pinned)
        self.known = replace(self.known, inputs=inputs)
        input_hash, spec_hash = pinning.hashed(self.known, family=family, inputs=inputs)
        self.known = replace(self.known, input_hash=input_hash, spec_hash=spec_hash)
        return Subject(
            family=family,
            output=family.output,
            asset=self.job.asset,
            partition=self.job.partition,
            edition=self.job.edition,
            channel=self.job.channel,
            store=self.store,
            inputs=inputs,
            inputs_read=Inputs(
                sources=family.inputs,
                all={one.name: READERS[one.media_type](content) for one, content in pinned},
            ),
        )

    def _stopped(self, subject: Subject) -> Manifest:
        """Return the manifest of a run that a before-gate stopped, with a map of what was read."""
        swapped = any(finding.rule in SWAPPED for result in self.said for finding in result.findings)
        with self.step(5):
            kind = KINDS[subject.output.kind]
            maps = kind.input_maps(subject.inputs_read, swapped=swapped, store=self.store)
            if judging.closed(subject):  # it would show the places that were to be made coarser
                maps = tuple(one for one in maps if one.role == Role.THUMBNAIL)
        return replace(
            self.known,
            artifacts=maps,
            gates=(*self.said, *judging.not_reached(subject.family, self.said)),
            outcome=worst(result.outcome for result in self.said),
            diff=replace(closing.NOT_REACHED, why="A gate stopped the run before anything was made."),
        )

    def _made(self, subject: Subject, layer: Layer, cutting: pmtiles.Cutting) -> Manifest:
        family, output, store = subject.family, subject.output, self.store
        kind = KINDS[output.kind]
        written = kind.write(layer, output, labels=family.labels)
        data = keep(store, written, role=Role.DATA, media_type=kind.media_type)
        with self.step(4):
            base = self._base(subject)
            after = kind.read(store.read(data.sha256, limit=data.size), subject.inputs_read)
            compared = kind.compare(base, after, family=family, store=store)
        with self.step(5):
            maps = kind.maps(compared, base=base, after=after, family=family, store=store)
            maps += (*coarser.shown(subject, after), *coarser.kept(subject, after))
        with self.step(6):
            tiles = keep(store, cutting.result(), role=Role.TILES, media_type=pmtiles.MEDIA_TYPE)
        with self.step(7):
            content = describing.content(
                subject, (data, tiles), layer=after, spec_hash=self.known.spec_hash or ""
            )
            catalogs = {
                "stac": store.put(stac.document(content)),
                "dcat": store.put(dcat.document(content)),
            }
            made = Made(
                layer=after,
                artifacts=closing.marked((data, tiles, *compared.artifacts, *maps), self.known),
                content=content,
                catalogs=catalogs,
                base=base,
                diff=compared.diff,
                diff_failed=compared.failed,
            )
            return self._judged(replace(subject, made=made), compared)

    def _base(self, subject: Subject) -> Base | None:
        """Return the current release, read back from the store."""
        found = pinning.base(self.job, store=self.store)
        if found is None:
            return None
        told, data = found
        content = self.store.read(data.sha256, limit=data.size)
        layer = KINDS[subject.output.kind].read(content, subject.inputs_read)
        return Base(manifest=told, layer=layer)

    def _judged(self, subject: Subject, compared: Compared) -> Manifest:
        """Ask the remaining gates and sum up."""
        for phase in (Phase.AFTER, Phase.POLICY):
            self.said = (*self.said, *judging.ask(subject, phase=phase))
        scored, score = judging.score(self.said, subject.family.quality)
        gates = (*self.said, scored)
        made = subject.product
        artifacts = (*made.artifacts, *describing.judgement(subject))
        return replace(
            self.known,
            content_digest=made.content.content_digest,
            artifacts=artifacts,
            catalogs=made.catalogs,
            diff=compared.summary,
            gates=gates,
            score=score,
            outcome=worst(result.outcome for result in gates),
        )

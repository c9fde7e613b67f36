"""The second run: gates asked again over stored bytes by another, or the whole run carried out again."""

import logging
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines import (
    attestation,
    closing,
    coarser,
    describing,
    digest,
    judging,
    manifest,
    pinning,
    policy,
    runner,
    spec,
)
from pipelines.catalog import dcat, stac
from pipelines.errors import ArtifactDamaged, ArtifactMissing, NotMade, Stopped
from pipelines.family import Family
from pipelines.formats.reading import READERS
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.kinds.kind import Compared
from pipelines.manifest import Manifest
from pipelines.model import GateResult, Input, Job, Json, Outcome, Phase, Role, worst
from pipelines.store import FileStore, Places, Results
from pipelines.subject import Base, Made, Subject

log = logging.getLogger(__name__)

SAID_AT_MOST = 20
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # a replay's PROV is thrown away; its manifest knows no clock
_RANK = {Outcome.PASS: 0, Outcome.REVIEW: 1, Outcome.FAIL: 2, Outcome.ERROR: 3, Outcome.NOT_RUN: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a second run came to: nothing is reproduced that has a difference."""

    manifest: str
    replayed: bool
    code_differs: tuple[str, ...]  # which of code, family and policy changed since the run
    gates: int
    differences: tuple[str, ...]

    @property
    def reproduced(self) -> bool:
        """Say whether all that was recorded came out again."""
        return self.gates > 0 and not self.differences


class Overlay(FileStore):
    """A store over another one, which is only read: what is put lands in a folder of its own."""

    def __init__(self, root: Path, *, below: FileStore) -> None:
        super().__init__(root)
        self._below = below

    def _file(self, name: str) -> Path:
        own = super()._file(name)
        under = self._below.root / own.relative_to(self.root)
        return under if under.is_file() and not own.is_file() else own


def answer(order: Json, *, store: FileStore) -> Json:
    """Do the second run that is asked for; return the message that says what came of it, under our key."""
    said = {"kind": "verified", "promotion": order["promotion"], "nonce": order["nonce"]}
    try:
        found = verify(order["manifest"], store=store, replay=order["replay"] is not False)
    except Exception as broke:  # it has nothing to say then, and is asked again
        log.exception("The second run for promotion %s broke.", order["promotion"])
        return {**said, "broken": f"{type(broke).__name__}: {broke}"[:500]}
    told = statement(found, promotion=order["promotion"], nonce=order["nonce"])
    return {**said, "envelope": attestation.sealed(told, key=attestation.own_key()).decode()}


def statement(found: Verified, *, promotion: int, nonce: str) -> bytes:
    """Return what the verify pool signs: what came of the second run, for this one order."""
    predicate = {
        "promotion": promotion,
        "nonce": nonce,
        "reproduced": found.reproduced,
        "replayed": found.replayed,
        "code_differs": list(found.code_differs),
        "differences": list(found.differences),
        "gates": found.gates,
        "code_digest": digest.code(),
    }
    return attestation.statement(
        attestation.VERIFICATION, subjects={"manifest": found.manifest}, predicate=predicate
    )


def verify(name: str, *, store: FileStore, replay: bool) -> Verified:
    """Ask the gates again over the bytes of a manifest, and carry the run out again where policy wants it.

    Args:
        name: the manifest's digest.
        store: where candidates lie; nothing is written there.
        replay: carry the run out again whatever policy says.

    Raises:
        ManifestInvalid: the bytes of that digest are no manifest.
    """
    try:
        told = manifest.read(store, name)
    except (ArtifactMissing, ArtifactDamaged) as damaged:
        lost = (f"The manifest cannot be read: {damaged}",)
        return Verified(manifest=name, replayed=False, code_differs=(), gates=0, differences=lost)
    family = spec.family(told.family)
    changed = tuple(_changed(told, family))
    whole = replay or bool(changed) or _wants_replay(told)
    with tempfile.TemporaryDirectory(prefix="kfm-verify-") as folder:
        overlay = Overlay(Path(folder) / "candidates", below=store)
        try:
            said, differences = _judged_again(told, family, store=overlay)
            found = [*_gates(told, said, loose=bool(changed)), *(() if changed else differences)]
        except Stopped as stopped:
            said, found = (), [f"The gates could not be asked again: {stopped}"]
        found = [*_damaged(told, store), *found]
        if whole:
            found += _replayed(told, family, folder=Path(folder), store=overlay, loose=bool(changed))
    return Verified(
        manifest=name,
        replayed=whole,
        code_differs=changed,
        gates=len(said),
        differences=tuple(manifest.words(one, at_most=500) for one in found[:SAID_AT_MOST]),
    )


def _damaged(told: Manifest, store: FileStore) -> Iterator[str]:
    """Yield which bytes of a manifest are not there, or not what their name says."""
    for sha256 in dict.fromkeys((*(one.sha256 for one in told.artifacts), *told.catalogs.values())):
        try:
            store.verify(sha256)
        except (ArtifactMissing, ArtifactDamaged) as damaged:
            yield str(damaged)


def _changed(told: Manifest, family: Family) -> Iterator[str]:
    """Yield what is another now than when the run was carried out."""
    for what, then, now in (
        ("code", told.code_digest, digest.code()),
        ("family", told.family_digest, family.digest),
        ("policy", told.policy_digest, policy.bundle()),
    ):
        if then != now:
            yield what


def _wants_replay(told: Manifest) -> bool:
    if told.labels is None:
        return True
    return told.labels.sensitivity in policy.numbers("verification")["replayed"]


def _judged_again(
    told: Manifest, family: Family, *, store: FileStore
) -> tuple[tuple[GateResult, ...], tuple[str, ...]]:
    """Return what every gate says now, and what else of the record did not come out again."""
    subject = _pinned(told, family, store=store)
    before = judging.ask(subject, phase=Phase.BEFORE)
    made, compared = _made(told, subject, store=store)
    again = replace(subject, made=made)
    after = [one for phase in (Phase.AFTER, Phase.POLICY) for one in judging.ask(again, phase=phase)]
    said = (*before, *after)
    scored, _ = judging.score(said, family.quality)
    return (*said, scored), tuple(_documents(told, made, compared))


def _pinned(told: Manifest, family: Family, *, store: FileStore) -> Subject:
    pinned = pinning.again(told.inputs, family, store=store)
    return Subject(
        family=family,
        output=family.output,
        asset=told.asset,
        partition=told.partition,
        edition=told.edition,
        channel=told.channel,
        store=store,
        inputs=told.inputs,
        inputs_read=Inputs(
            sources=family.inputs,
            all={one.name: READERS[one.media_type](content) for one, content in pinned},
        ),
    )


def _made(told: Manifest, subject: Subject, *, store: FileStore) -> tuple[Made, Compared]:
    """Return what was made, read back from the store and compared once more."""
    kind = KINDS[subject.output.kind]
    data, tiles = (told.artifact(role) for role in (Role.DATA, Role.TILES))
    if data is None or tiles is None:
        raise NotMade("The manifest names no data or no tiles: there is nothing to ask the gates about.")
    layer = kind.read(store.read(data.sha256, limit=data.size), subject.inputs_read)
    subject = coarser.receipted(subject, layer)
    family = subject.family
    base = _base(told, subject, store=store)
    compared = kind.compare(base, layer, family=family, store=store)
    made = Made(
        layer=layer,
        artifacts=told.artifacts,
        content=describing.content(subject, (data, tiles), layer=layer, spec_hash=told.spec_hash or ""),
        catalogs=told.catalogs,
        base=base,
        diff=compared.diff,
        diff_failed=compared.failed,
    )
    return made, compared


def _base(told: Manifest, subject: Subject, *, store: FileStore) -> Base | None:
    found = pinning.base(_job(told, subject.family), store=store)
    if found is None:
        return None
    before, data = found
    content = store.read(data.sha256, limit=data.size)
    return Base(manifest=before, layer=KINDS[subject.output.kind].read(content, subject.inputs_read))


def _documents(told: Manifest, made: Made, compared: Compared) -> Iterator[str]:
    """Yield what the bytes in the store say otherwise than the manifest does."""
    if made.content.content_digest != told.content_digest:
        yield "The content's digest came out as another."
    for kind, document in (("stac", stac.document(made.content)), ("dcat", dcat.document(made.content))):
        if digest.of(document) != told.catalogs.get(kind):
            yield f"The {kind.upper()} document came out as another."
    if compared.summary != told.diff:
        yield "The comparison with the base came out as another."
    for artifact in closing.marked(compared.artifacts, told):
        if artifact not in told.artifacts:
            yield f"The {artifact.role} came out as another."


def _gates(told: Manifest, said: Sequence[GateResult], *, loose: bool) -> Iterator[str]:
    """Yield where a gate says something else now; after a change of code, where it says something worse."""
    now, then = ({one.gate: one for one in results} for results in (said, told.gates))
    for gate in sorted(now.keys() ^ then.keys()):
        if not loose or gate in then:
            yield f"The gate {gate} has a word in one of the two runs only."
    for gate in (one.gate for one in told.gates if one.gate in now):
        here, there = now[gate], then[gate]
        worse = _RANK[here.outcome] > _RANK[there.outcome]
        if worse or (not loose and here != there):
            was = f"recorded was {there.outcome} ({there.measured})"
            yield f"The gate {gate} says {here.outcome} ({here.measured}) now; {was}."
    if not loose and worst(one.outcome for one in said) is not told.outcome:
        yield f"The outcome is {worst(one.outcome for one in said)} now; recorded was {told.outcome}."


def _replayed(
    told: Manifest, family: Family, *, folder: Path, store: FileStore, loose: bool
) -> Iterator[str]:
    """Carry the run out again from its pinned inputs; yield where it comes to something else."""

    def pinned(job: Job, family: Family, *, places: Places) -> tuple[tuple[Input, bytes], ...]:  # noqa: ARG001  # a pin's signature
        return pinning.again(told.inputs, family, store=store)

    places = Places(candidates=store, inbox=store, results=Results(folder / "results"))
    ran = runner.run(_job(told, family), places=places, now=lambda: _NEVER, tell=lambda *_: None, pin=pinned)
    if loose:
        again = manifest.read(store, ran.manifest_digest)
        if again.content_digest != told.content_digest or again.content_digest is None:
            yield "Carried out again by what runs now, the contents came out as others."
    elif ran.manifest_digest != told.digest:
        yield f"Carried out again, it came to the manifest sha256:{ran.manifest_digest[:8]}."


def _job(told: Manifest, family: Family) -> Job:
    return Job(
        run=str(uuid.UUID(int=0)),
        attempt=1,
        secret="",
        asset=told.asset,
        family=told.family,
        partition=told.partition,
        edition=told.edition,
        base=told.base,
        channel=told.channel,
        pool=family.pool,
        uploads={},
        requested_by="",
        author="",
        requested_at=_NEVER.isoformat(),
        why="",
    )

"""What goes in: inputs kept by digest before anything is read from them, the base, and the edition's time."""

import re
from calendar import monthrange
from datetime import date
from typing import Protocol

from pipelines import digest, manifest, policy, sensitivity, spec
from pipelines.errors import AssetUnknown, EditionUnknown, InputMissing, NotMade, Stopped, TooLarge
from pipelines.family import Edition, Family, Reference, Source
from pipelines.manifest import Manifest
from pipelines.model import NO_BASE, Artifact, Input, Job, Period, Role
from pipelines.store import Places, Store

UPLOAD = "upload"
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:-[a-z][a-z0-9]*)*")


class Pin(Protocol):
    """Return every input of a job with its bytes."""

    def __call__(self, job: Job, family: Family, *, places: Places) -> tuple[tuple[Input, bytes], ...]: ...


def check_asset(job: Job, family: Family) -> None:
    """Refuse a job whose asset is not its family's, or whose channel is not its label's."""
    if not family.partitions.has(job.partition):
        told = family.partitions.told
        raise AssetUnknown(f"{family.name} has no partition {job.partition}: its partitions are {told}.")
    asset = family.name if job.partition is None else f"{family.name}/{job.partition}"
    channel = sensitivity.channel(family.labels.sensitivity)
    if (job.asset, job.channel) != (asset, channel):
        raise AssetUnknown(f"{family.name} makes {asset} for {channel}, not {job.asset} for {job.channel}.")


def pin(job: Job, family: Family, *, places: Places) -> tuple[tuple[Input, bytes], ...]:
    """Keep every input among the candidates and return it with its bytes."""
    delivered = [source.name for source in family.delivered]
    if unknown := sorted(set(job.uploads) - set(delivered)):
        raise InputMissing(
            f"{family.name} takes no file for {unknown[0]!r}, only for {', '.join(delivered)}."
        )
    return tuple(_pin(job, family, source, places) for source in family.inputs)


def again(inputs: tuple[Input, ...], family: Family, *, store: Store) -> tuple[tuple[Input, bytes], ...]:
    """Return inputs that a run has pinned, with their bytes as the store holds them."""
    bounds = {source.name: source.max_bytes for source in family.inputs}
    if unknown := sorted({one.name for one in inputs} ^ set(bounds)):
        raise InputMissing(f"{family.name} takes other inputs than were pinned: {', '.join(unknown)}.")
    return tuple((one, store.read(one.sha256, limit=bounds[one.name])) for one in inputs)


def pinned(job: Job, family: Family | None, *, places: Places) -> tuple[Input, ...]:
    """Return the inputs that an attempt which is gone had already pinned."""
    if family is None:
        return ()
    found = []
    for source in family.inputs:
        try:
            one, _ = _read(job, family, source, places)
        except Stopped:  # it could not be had, so it was not pinned
            continue
        if places.candidates.has(one.sha256):
            found.append(one)
    return tuple(found)


def _pin(job: Job, family: Family, source: Source, places: Places) -> tuple[Input, bytes]:
    one, content = _read(job, family, source, places)
    places.candidates.put(content)
    return one, content


def _read(job: Job, family: Family, source: Source, places: Places) -> tuple[Input, bytes]:
    if source.reference is not None:
        return _referred(source, source.reference)
    if source.name in job.uploads:
        content = places.inbox.read(job.uploads[source.name], limit=source.max_bytes)
        return _input(family, source, content, UPLOAD), content
    edition = family.edition(job.edition)
    if edition is None:
        listed = ", ".join(one.edition for one in family.editions)
        raise EditionUnknown(
            f"{family.name} has no edition {job.edition!r}: choose one of {listed}, or deliver a file."
        )
    if edition.partition != job.partition:
        raise EditionUnknown(f"Edition {edition.edition} is of {edition.partition}, not of {job.partition}.")
    content = _sample(family, edition, source)
    return _input(family, source, content, edition.sample), content


def _referred(source: Source, to: Reference) -> tuple[Input, bytes]:
    """Return the sample of another family that an input always is."""
    family = spec.family(to.family)
    edition = family.edition(to.edition)
    if edition is None:
        raise InputMissing(f"{source.name} refers to {to.family} {to.edition}, which is not there any more.")
    content = _sample(family, edition, source)
    if digest.of(content) != to.sha256:
        wrong = f"{to.family} {to.edition} is not the one that {source.name} refers to"
        raise InputMissing(
            f"{wrong}: its digest is {digest.of(content)}; look at both and correct `reference`."
        )
    return _input(family, source, content, f"{to.family}/{edition.sample}"), content


def _sample(family: Family, edition: Edition, source: Source) -> bytes:
    sample = family.folder / edition.sample
    if not sample.is_file():
        raise InputMissing(f"{edition.sample} is not there any more: put it back, or deliver a file.")
    if sample.stat().st_size > source.max_bytes:
        raise TooLarge(
            f"{edition.sample} has more than {source.max_bytes:,} bytes, the bound of {source.name}."
        )
    return sample.read_bytes()


def label(family: Family, source: Source) -> str:
    """Return who may see an input: as declared, as the family it refers to says, or as its own family."""
    if source.label is not None:
        return source.label
    if source.reference is not None:
        return spec.family(source.reference.family).labels.sensitivity
    return family.labels.sensitivity


def _input(family: Family, source: Source, content: bytes, origin: str) -> Input:
    return Input(
        name=source.name,
        sha256=digest.of(content),
        size=len(content),
        media_type=source.media_type,
        source=origin,
        label=label(family, source),
    )


def hashed(known: Manifest, *, family: Family, inputs: tuple[Input, ...]) -> tuple[str, str]:
    """Return `input_hash` and `spec_hash` of what is asked for."""
    input_hash = digest.of_input(
        family=family.digest,
        code=known.code_digest,
        policy=policy.bundle(),
        parameters={"partition": known.partition, "edition": known.edition, "channel": known.channel},
        inputs=inputs,
        upstream={},
    )
    return input_hash, digest.of_spec(input_hash=input_hash, base=known.base)


def base(job: Job, *, store: Store) -> tuple[Manifest, Artifact] | None:
    """Return the current release this run is compared with, and its data."""
    if job.base == NO_BASE:
        return None
    told = manifest.read(store, job.base)
    artifact = told.artifact(Role.DATA)
    if (told.asset, told.channel) != (job.asset, job.channel) or artifact is None:
        raise NotMade(f"The base is no edition of {job.asset} with data: choose one that was released.")
    return told, artifact


def period(family: Family, name: str, partition: str | None) -> Period:
    """Return the days an edition speaks of: its partition's, what the family says, or what its name says."""
    if partition is not None and family.partitions.kind == "date":
        return _days(partition, partition)
    edition = family.edition(name)
    if edition is not None:
        return _days(edition.as_of, edition.as_of)
    begins = _DATE.fullmatch(name)
    year, month, day = (0, 0, 0) if begins is None else (int(part or 0) for part in begins.groups())
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError as cause:
        wrong = f"Edition {name[:80]!r} must be a year, month or day, and words after it: 2026-09-corrected."
        raise EditionUnknown(wrong) from cause
    return _days(first.isoformat(), last.isoformat())


def _days(first: str, last: str) -> Period:
    return Period(start=f"{first}T00:00:00Z", end=f"{last}T23:59:59Z")

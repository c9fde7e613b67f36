"""What goes in: inputs kept by digest before anything is read from them, the base, and the edition's time."""

import re
from calendar import monthrange
from datetime import date

from pipelines import digest, manifest, policy
from pipelines.errors import AssetUnknown, EditionUnknown, InputMissing, NotMade, Stopped, TooLarge
from pipelines.formats import geoparquet
from pipelines.manifest import Manifest
from pipelines.model import NO_BASE, Input, Job, Period, Role
from pipelines.spec import Family, Source
from pipelines.store import Places, Store
from pipelines.subject import Base

UPLOAD = "upload"
PUBLIC = ("public", "generalized")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:-[a-z][a-z0-9]*)*")


def check_asset(job: Job, family: Family) -> None:
    """Refuse a job whose asset is not its family's, or whose channel is not its label's."""
    parts = family.partitions.values if family.partitions.kind == "static" else (None,)
    if job.partition not in parts:
        known = ", ".join(map(str, parts))
        raise AssetUnknown(f"{family.name} has no partition {job.partition}: choose one of {known}.")
    asset = family.name if job.partition is None else f"{family.name}/{job.partition}"
    channel = "public" if family.labels.sensitivity in PUBLIC else "restricted"
    if (job.asset, job.channel) != (asset, channel):
        raise AssetUnknown(f"{family.name} makes {asset} for {channel}, not {job.asset} for {job.channel}.")


def pin(job: Job, family: Family, *, places: Places) -> tuple[tuple[Input, bytes], ...]:
    """Keep every input among the candidates and return it with its bytes."""
    unknown = sorted(set(job.uploads) - {source.name for source in family.inputs})
    if unknown:
        raise InputMissing(f"The family has no input {unknown[0]!r}: it reads {family.inputs[0].name}.")
    return tuple(_pin(job, family, source, places) for source in family.inputs)


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
    if source.name in job.uploads:
        content = places.inbox.read(job.uploads[source.name], limit=source.max_bytes)
        return _input(source, content, UPLOAD), content
    edition = family.edition(job.edition)
    if edition is None:
        listed = ", ".join(one.edition for one in family.editions)
        raise EditionUnknown(
            f"{family.name} has no edition {job.edition!r}: choose one of {listed}, or deliver a file."
        )
    sample = family.folder / edition.sample
    if not sample.is_file():
        raise InputMissing(f"{edition.sample} is not there any more: put it back, or deliver a file.")
    if sample.stat().st_size > source.max_bytes:
        raise TooLarge(
            f"{edition.sample} has more than {source.max_bytes:,} bytes, the bound of {source.name}."
        )
    content = sample.read_bytes()
    return _input(source, content, edition.sample), content


def _input(source: Source, content: bytes, origin: str) -> Input:
    return Input(
        name=source.name,
        sha256=digest.of(content),
        size=len(content),
        media_type=source.media_type,
        source=origin,
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


def base(job: Job, *, store: Store) -> Base | None:
    """Return the current release this run is compared with, read from the store."""
    if job.base == NO_BASE:
        return None
    told = manifest.read(store, job.base)
    artifact = told.artifact(Role.DATA)
    if (told.asset, told.channel) != (job.asset, job.channel) or artifact is None:
        raise NotMade(f"The base is no edition of {job.asset} with data: choose one that was released.")
    return Base(manifest=told, frame=geoparquet.read(store.read(artifact.sha256, limit=artifact.size)))


def period(family: Family, name: str) -> Period:
    """Return the days an edition speaks of: what the family says, or what its name begins with."""
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

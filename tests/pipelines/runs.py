"""Runs of real editions in a store of their own, each carried out once for the whole session."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipelines import manifest, runner, sensitivity, spec
from pipelines.manifest import Manifest
from pipelines.model import Job
from pipelines.store import Places

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def job(
    *,
    edition: str,
    base: str = "none",
    uploads: Mapping[str, str] | None = None,
    family: str = "ks_airports",
    partition: str | None = None,
) -> Job:
    """Return a job as control would send it; an edition that is here knows its partition."""
    known = spec.family(family).edition(edition) if family in spec.names() else None
    partition = partition or (known.partition if known else None)
    label = spec.family(family).labels.sensitivity if family in spec.names() else "public"
    return Job(
        run="01890a5d-ac96-774b-bcce-b302099a8057",
        attempt=1,
        secret="not told",  # noqa: S106  # a word, not a password
        asset=family if partition is None else f"{family}/{partition}",
        family=family,
        partition=partition,
        edition=edition,
        base=base,
        channel=sensitivity.channel(label),
        pool="light",
        uploads=uploads or {},
        requested_by="stella",
        author="stella",
        requested_at="2026-11-24T11:59:00+00:00",
        why="a test asks for it",
    )


class Runs:
    """Carries out editions of one family, each once, and remembers how they ended."""

    def __init__(self, root: Path, *, family: str = "ks_airports") -> None:
        self.places = Places.at(root.as_uri())
        self.family = family
        self._ended: dict[tuple[str, str], runner.Ran] = {}

    def ran(self, edition: str, *, over: str = "none") -> runner.Ran:
        """Return how the run of `edition` ended, compared with the edition `over`."""
        if (edition, over) not in self._ended:
            base = "none" if over == "none" else self.ran(over).manifest_digest
            self._ended[edition, over] = self.carry_out(job(edition=edition, base=base, family=self.family))
        return self._ended[edition, over]

    def carry_out(self, asked: Job) -> runner.Ran:
        """Run a job, whatever it is."""
        return runner.run(asked, places=self.places, now=lambda: NOON, tell=lambda *_: None)

    def read(self, ran: runner.Ran) -> Manifest:
        """Return the manifest of a run."""
        return manifest.read(self.places.candidates, ran.manifest_digest)

    def manifest(self, edition: str, *, over: str = "none") -> Manifest:
        """Return the manifest of an edition."""
        return self.read(self.ran(edition, over=over))

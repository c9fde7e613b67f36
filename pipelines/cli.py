"""Run, check and begin families from a terminal, without database or broker: `python -m pipelines.cli`."""

import argparse
import contextlib
import re
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS
from pyproj.exceptions import CRSError

from pipelines import declaration, manifest, policy, runner, sensitivity, spec
from pipelines.bundle import archive, verifying
from pipelines.errors import FamilyInvalid, Mistake, Stopped, TooLarge
from pipelines.families import STEPS
from pipelines.family import Family
from pipelines.gates import GATES
from pipelines.manifest import Manifest
from pipelines.model import NO_BASE, Job, Outcome
from pipelines.store import Places

SKELETON = Path(__file__).parent / "skeleton"
PLACEHOLDER = "new_family"
DIGEST = re.compile(r"[0-9a-f]{64}")
_EXITS = {Outcome.PASS: 0, Outcome.REVIEW: 0, Outcome.FAIL: 1, Outcome.ERROR: 2}
_SYSTEM = "cli"


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; return 0, or 1 and 2 for what failed and what went wrong."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.deed(asked))
    except Stopped as stopped:
        sys.stderr.write(f"{stopped}\n")
        return 2


def run(asked: argparse.Namespace) -> int:
    """Materialise one edition and print what happened."""
    family = spec.family(asked.family)
    with _store(asked.store) as folder:
        places = Places.at(folder.as_uri())
        base = _base(asked, places)
        ran = _ran(asked, places, base=base, delivered=asked.input)
        made = manifest.read(places.candidates, ran.manifest_digest)
        _say(f"{family.title}, edition {asked.edition}, compared with {_short(base)}\n")
        _say(*_told(made))
        _say(
            "",
            f"{ran.outcome} in {ran.seconds:.3f} s",
            *(f"  {s * 1000:7.1f} ms  {name}" for name, s in ran.timings.items()),
        )
        _say("", f"manifest  {ran.manifest_digest}", f"prov      {ran.prov_digest}")
        if asked.store:
            _say(f"store     {folder}")
        return _EXITS[ran.outcome]


def check_family(asked: argparse.Namespace) -> int:
    """Print every mistake in the folders of the named families, or of all, or that there is none."""
    return max(_checked(name, asked.root) for name in asked.name or spec.names(asked.root))


def _checked(name: str, root: Path) -> int:
    try:
        family = spec.family(name, root)
    except FamilyInvalid as invalid:
        _say(*(f"{name}/{mistake}" for mistake in invalid.mistakes))
        return 1
    mistakes = [*_unknown_gates(family), *_unusable(family), *_unlicensed(family)]
    _say(*(f"{name}/{mistake}" for mistake in mistakes))
    if mistakes:
        return 1
    counted = f"{len(family.editions)} editions, {len(family.gates.listed)} gates"
    _say(f"{family.name}: nothing to remark ({counted}).")
    if family.name not in STEPS:
        _say("It does not run yet: add its line to STEPS in pipelines/families/__init__.py.")
    return 0


def new_family(asked: argparse.Namespace) -> int:
    """Write the skeleton of a family, which passes `check-family`."""
    folder = asked.root / asked.name
    if folder.exists():
        raise Stopped(f"{folder} is there already: choose another name.")
    if not asked.name.isidentifier() or asked.name != asked.name.lower():
        raise Stopped(f"{asked.name!r} is no name for a family: lowercase letters, digits and _.")
    shutil.copytree(SKELETON, folder)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        file.write_text(file.read_text(encoding="utf-8").replace(PLACEHOLDER, asked.name), encoding="utf-8")
        if file.suffix == ".txt":
            file.rename(file.with_suffix(""))
    _say(f"{folder} is there. Read its README.md, then: python -m pipelines.cli check-family {asked.name}")
    return 0


def verify(asked: argparse.Namespace) -> int:
    """Print each check of an evidence bundle; 0 when all of them hold under the pinned root."""
    if not asked.file.is_file() or asked.file.stat().st_size > archive.MOST_BYTES:
        raise Stopped(f"{str(asked.file)!r} is no file, or larger than a bundle may be.")
    checks = verifying.verify(asked.file.read_bytes(), root=asked.root)
    _say(*(f"{'holds' if one.holds else 'FAILS':<7}{one.title}: {one.said}" for one in checks))
    failed = sum(not one.holds for one in checks)
    _say("", f"{failed} of {len(checks)} checks fail." if failed else f"All {len(checks)} checks hold.")
    return 0 if verifying.sound(checks) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipelines.cli", description=__doc__)
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    one = deeds.add_parser("run", help="materialise one edition and print what happened")
    one.add_argument("family")
    one.add_argument(
        "--edition", required=True, help="one that comes with the family, or the name of --input"
    )
    one.add_argument(
        "--base",
        default=NO_BASE,
        help="none, an edition, a file of input rows, or a manifest's digest in --store",
    )
    one.add_argument("--partition", help="of a delivered file, where the family has partitions")
    one.add_argument("--input", type=Path, help="a file to deliver in place of the edition's sample")
    one.add_argument("--store", type=Path, help="keep what is made in this folder (default: a temporary one)")
    one.set_defaults(deed=run)
    one = deeds.add_parser("verify", help="check an evidence bundle; no server, database or network")
    one.add_argument("file", type=Path)
    one.add_argument("--root", required=True, help="fingerprint of the root key: SHA256:…")
    one.set_defaults(deed=verify)
    for name, deed, what, many in (
        ("check-family", check_family, "print every mistake in the folders of families, or of all", "*"),
        ("new-family", new_family, "write the skeleton of a family", None),
    ):
        one = deeds.add_parser(name, help=what)
        one.add_argument("name", nargs=many)
        one.add_argument("--root", type=Path, default=spec.FAMILIES, help=argparse.SUPPRESS)
        one.set_defaults(deed=deed)
    return parser


@contextlib.contextmanager
def _store(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        yield wanted.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="kfm-store-") as folder:
        yield Path(folder)


def _base(asked: argparse.Namespace, places: Places) -> str:
    """Return the digest of the manifest to compare with, made first if a file or an edition is named."""
    wanted = asked.base
    if wanted == NO_BASE or (DIGEST.fullmatch(wanted) and places.candidates.has(wanted)):
        return str(wanted)
    path = Path(wanted)
    delivered = path if path.is_file() else None
    if delivered is None and spec.family(asked.family).edition(wanted) is None:
        raise Stopped(
            f"The base {wanted!r} is neither a file nor an edition of {asked.family}, nor a manifest."
        )
    edition = asked.edition if delivered else wanted
    named = argparse.Namespace(family=asked.family, edition=edition, partition=asked.partition)
    ran = _ran(named, places, base=NO_BASE, delivered=delivered)
    if ran.outcome in {Outcome.FAIL, Outcome.ERROR}:
        raise Stopped(f"The base {wanted!r} ended as {ran.outcome}: choose one that could be released.")
    return ran.manifest_digest


def _ran(asked: argparse.Namespace, places: Places, *, base: str, delivered: Path | None) -> runner.Ran:
    family = spec.family(asked.family)
    if delivered is not None:
        _check_deliverable(delivered, most=family.main.max_bytes)
    uploads = {} if delivered is None else {family.main.name: places.inbox.put_file(delivered)}
    edition = family.edition(asked.edition)
    partition = asked.partition or (edition.partition if edition else None)
    job = Job(
        run=str(uuid.uuid4()),
        attempt=1,
        secret="",
        asset=family.name if partition is None else f"{family.name}/{partition}",
        family=family.name,
        partition=partition,
        edition=asked.edition,
        base=base,
        channel=sensitivity.channel(family.labels.sensitivity),
        pool=family.pool,
        uploads=uploads,
        requested_by=_SYSTEM,
        author=_SYSTEM,
        requested_at=_now().isoformat(),
        why="asked for in a terminal",
    )
    return runner.run(job, places=places, now=_now, tell=lambda *_: None)


def _check_deliverable(file: Path, *, most: int) -> None:
    """Refuse what is no file of its own, or too large, before a byte of it is read."""
    if file.is_symlink():
        raise Stopped(f"{str(file)!r} is a link: name the file that it leads to.")
    if not file.is_file():
        raise Stopped(f"There is no file {str(file)!r}: name one that can be read.")
    if file.stat().st_size > most:
        size = f"{file.stat().st_size:,} bytes; at most {most:,} are read"
        raise TooLarge(f"{str(file)!r} has {size}: deliver a smaller file.")


def _told(made: Manifest) -> Iterator[str]:
    for result in made.gates:
        yield f"  {result.outcome:<8}{result.gate:<10}{result.measured}"
        yield from (f"  {'':<18}- {finding.rule}: {finding.message}" for finding in result.findings[:5])
    if made.failure:
        yield f"  {made.failure.kind}: {made.failure.message}"
    diff = made.diff
    counts = f"{diff.added} added, {diff.removed} removed, {diff.moved} moved, {diff.changed} changed"
    yield ""
    yield (
        f"diff      {counts} ({diff.decimals_only} in decimals only)"
        if diff.added is not None
        else f"diff      {diff.why}"
    )
    for name in (
        "family_digest",
        "code_digest",
        "policy_digest",
        "input_hash",
        "spec_hash",
        "content_digest",
    ):
        yield f"{name:<15} {getattr(made, name)}"
    for artifact in made.artifacts:
        yield f"{artifact.role:<15} {artifact.sha256}  {artifact.size:,} bytes"


def _unknown_gates(family: Family) -> Iterator[Mistake]:
    for phase in ("before", "after", "policy"):
        known = [name for name, gate in GATES.items() if gate.phase == phase]
        for n, name in enumerate(getattr(family.gates, phase)):
            if name not in known:
                wrong = f"{name!r} is no gate for this phase"
                yield Mistake(
                    file=declaration.FILE, path=f"gates.{phase}.{n}", wrong=wrong, allowed=", ".join(known)
                )


def _unusable(family: Family) -> Iterator[Mistake]:
    """Yield what only geodata libraries can judge: coordinate systems, and patterns as gates apply them."""
    for n, source in enumerate(family.inputs):
        try:
            CRS.from_user_input(source.crs or "EPSG:4326")
        except CRSError:
            path, wrong = f"inputs.{n}", f"{source.crs} is not known"
            yield Mistake(
                file=declaration.FILE, path=path, wrong=wrong, allowed="an EPSG code, like EPSG:4326"
            )
        for name, column in source.schema["properties"].items():
            try:
                pc.match_substring_regex(pa.array([""]), column.get("pattern", ""))
            except pa.ArrowInvalid as cause:
                file, path = declaration.input_schema(source.name), f"properties.{name}.pattern"
                wrong = " ".join(str(cause).split())
                yield Mistake(file=file, path=path, wrong=wrong, allowed="a pattern of RE2")


def _unlicensed(family: Family) -> Iterator[Mistake]:
    """Yield what the gate `rights` would say of the licence, before anything is run."""
    allowed, licence = policy.numbers("rights")["licences"], family.licence
    if licence.spdx not in allowed:
        wrong, listed = f"{licence.spdx!r} is no licence to publish under", ", ".join(sorted(allowed))
        yield Mistake(file=declaration.FILE, path="licence.spdx", wrong=wrong, allowed=listed)
    elif licence.uri != allowed[licence.spdx]["uri"]:
        wrong, address = f"it is not the address of {licence.spdx}", allowed[licence.spdx]["uri"]
        yield Mistake(file=declaration.FILE, path="licence.uri", wrong=wrong, allowed=address)


def _short(base: str) -> str:
    return "nothing" if base == NO_BASE else f"sha256:{base[:8]}"


def _now() -> datetime:
    return datetime.now(UTC)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Read what a worker left in the store, by digest, and judge it before any of it counts."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from kfm_review.runs.models import Run
from pipelines import manifest, spec
from pipelines.catalog import graph, triad
from pipelines.catalog.prov import attempt_id
from pipelines.errors import Stopped
from pipelines.manifest import Manifest
from pipelines.model import Outcome
from pipelines.store import FileStore, Store, place

log = logging.getLogger(__name__)

PROV_AT_MOST = 16 * 1024 * 1024
SAID_AT_MOST = 5
NULL = b"\\u0000"  # PostgreSQL holds it neither in text nor in JSON


class NotKept(Exception):
    """What a worker reported is not what the store holds, or not what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an attempt left behind, read and found closed."""

    manifest: Manifest
    documents: dict[str, tuple[str, int]]  # kind: digest and size


def candidates() -> FileStore:
    """Return the place where workers leave what they made."""
    return FileStore(place(settings.STORE_URL, "candidates"))


def read(message: dict[str, Any], *, run: Run, store: Store) -> Result:
    """Return the result that a message announces; refuse what is missing, damaged, foreign or not closed."""
    try:
        content = store.read(str(message.get("manifest")), limit=manifest.READ_AT_MOST)
        prov = store.read(str(message.get("prov")), limit=PROV_AT_MOST)
        made = manifest.parse(content)
        _check_asked(made, run)
        _check_delivered(made, run)
        _check_complete(made)
        catalogs = {kind: (name, store.size(name)) for kind, name in made.catalogs.items()}
    except Stopped as stopped:
        raise NotKept(str(stopped)) from stopped
    if NULL in content:
        raise NotKept("The manifest holds a null sign, which no record can.")
    if broken := broken_rules(content, prov=prov, store=store):
        raise NotKept("; ".join(broken))
    _check_attempt(prov, run=run, number=message["attempt"])
    return Result(manifest=made, documents={**catalogs, "prov": (str(message["prov"]), len(prov))})


def broken_rules(content: bytes, *, prov: bytes, store: Store) -> tuple[str, ...]:
    """Return the rules that a manifest and its documents break; a check that breaks has not passed."""
    try:
        found = triad.check(content, prov=prov, store=store)
    except OSError:  # the store is away; nothing is wrong with the documents
        raise
    except Exception as broke:  # whatever a document makes of a validator
        log.exception("The closing check broke.")
        return (f"The closing check broke: {type(broke).__name__}: {broke}",)
    return tuple(f"{finding.rule}: {finding.message}" for finding in found[:SAID_AT_MOST])


def _check_asked(made: Manifest, run: Run) -> None:
    """Refuse the manifest of another asset, edition, channel or base."""
    said = (made.asset, made.family, made.partition, made.edition, made.channel, made.base)
    asked = (run.asset.name, run.asset.family, run.asset.partition, run.edition, run.channel, run.base)
    for what, here, there in zip(
        ("asset", "family", "partition", "edition", "channel", "base"), said, asked, strict=True
    ):
        if here != there:
            raise NotKept(f"The manifest's {what} is {here}, asked for was {there}.")


def _check_delivered(made: Manifest, run: Run) -> None:
    """Refuse the manifest of a run that read another file than the one delivered for it."""
    pinned = {source.name: source.sha256 for source in made.inputs}
    for name, sha256 in run.uploads.items():
        if pinned.get(name, "" if made.spec_hash else sha256) != sha256:
            raise NotKept(f"The manifest's input {name} is not the file that was delivered.")


def _check_complete(made: Manifest) -> None:
    """Refuse a result without the word of every gate its family lists; an ERROR passes nowhere anyway."""
    if made.outcome is Outcome.ERROR:
        return
    declared = spec.family(made.family)
    if made.family_digest != declared.digest:
        raise NotKept(f"The manifest was made by another definition of {made.family} than stands here.")
    silent = set(declared.gates.listed) - {result.gate for result in made.gates}
    if silent:
        raise NotKept(f"The manifest has no word of {', '.join(sorted(silent))}.")


def _check_attempt(prov: bytes, *, run: Run, number: int) -> None:
    """Refuse a provenance document that tells of another attempt."""
    told, heard = str(graph.one(graph.read(prov), graph.KFM.RunAttempt)), attempt_id(str(run.pk), number)
    if told != heard:
        raise NotKept(f"The PROV document tells of the attempt {told}, not of {heard}.")

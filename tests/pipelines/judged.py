"""Subjects for the gates, made from the real airports with one thing changed."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import geopandas as gpd

from pipelines import making, spec
from pipelines.families import STEPS
from pipelines.formats import delimited
from pipelines.manifest import Manifest
from pipelines.model import Content
from pipelines.spec import Family
from pipelines.subject import Base, Made, Subject
from tests.pipelines.memory import MemoryStore

Row = dict[str, str]
Rows = list[Row]
FAMILY = spec.family("ks_airports")


def rows(edition: str) -> Rows:
    """Return the rows of an edition as they were written."""
    edition_file = next(one.sample for one in FAMILY.editions if one.edition == edition)
    with (FAMILY.folder / edition_file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def text(of: Sequence[Row]) -> bytes:
    """Return rows as a file."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=list(of[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(of)
    return written.getvalue().encode()


def changed(edition: str, change: Callable[[int, Row], Row]) -> bytes:
    """Return an edition's file with `change` done to each row."""
    return text([change(n, dict(row)) for n, row in enumerate(rows(edition))])


def read(content: bytes, *, family: Family = FAMILY) -> Subject:
    """Return what before-gates see of a file."""
    return Subject(
        family=family,
        output=family.outputs[0],
        asset=family.name,
        partition=None,
        edition="2026-09",
        channel="public",
        store=MemoryStore(),
        inputs=(),
        tables={family.inputs[0].name: delimited.read(content)},
    )


def layer(content: bytes) -> gpd.GeoDataFrame:
    """Return the layer that the family makes of a file."""
    return STEPS[FAMILY.name](read(content).tables)


def made(content: bytes, *, over: bytes | None) -> Subject:
    """Return what after-gates see of a file that became a layer, compared with another one."""
    subject = read(content)
    frame = layer(content)
    before = None if over is None else layer(over)
    compared = making.compare(before, frame, family=FAMILY, store=subject.store)
    unread = cast("Manifest", None)  # the gates asked here look at frames and diff only
    return replace(
        subject,
        made=Made(
            frame=frame,
            artifacts=compared.artifacts,
            content=cast("Content", None),
            catalogs={},
            base=None if before is None else Base(manifest=unread, frame=before),
            diff=compared.diff,
            diff_failed=compared.failed,
        ),
    )

"""Subjects for the gates, made from the real airports with one thing changed."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import geopandas as gpd

from pipelines import spec
from pipelines.families import STEPS
from pipelines.family import Family
from pipelines.formats.reading import READERS
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.manifest import Manifest
from pipelines.model import Content
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
        inputs_read=Inputs(
            sources=family.inputs, all={family.inputs[0].name: READERS[family.inputs[0].media_type](content)}
        ),
    )


def layer(content: bytes) -> gpd.GeoDataFrame:
    """Return the layer that the family makes of a file."""
    return STEPS[FAMILY.name](read(content).inputs_read)


def made(content: bytes, *, over: bytes | None) -> Subject:
    """Return what after-gates see of a file that became a layer, compared with another one."""
    subject = read(content)
    frame = layer(content)
    unread = cast("Manifest", None)  # the gates asked here look at frames and diff only
    base = None if over is None else Base(manifest=unread, layer=layer(over))
    compared = KINDS["vector"].compare(base, frame, family=FAMILY, store=subject.store)
    return replace(
        subject,
        made=Made(
            layer=frame,
            artifacts=compared.artifacts,
            content=cast("Content", None),
            catalogs={},
            base=base,
            diff=compared.diff,
            diff_failed=compared.failed,
        ),
    )

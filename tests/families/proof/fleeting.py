"""Families that live as long as a test: real data of other kinds, judged by the numbers of the skeleton."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
import yaml

from pipelines import runner, spec
from pipelines.cli import SKELETON
from pipelines.families import STEPS
from pipelines.inputs import Inputs
from pipelines.subject import Layer

WGS84 = "EPSG:4326"
CSV = "text/csv"


@dataclass(frozen=True, kw_only=True)
class Fleeting:
    """What a family declares beyond the skeleton, and its editions by name."""

    name: str
    key: str
    title: str
    place: Mapping[str, Any]
    editions: Mapping[str, bytes]
    steps: Callable[[Inputs], Layer]
    columns: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    media_type: str = CSV
    types: tuple[str, ...] = ("Point",)
    more: Mapping[str, Any] = field(default_factory=dict)


def write(root: Path, family: Fleeting) -> None:
    """Write its folder, from the skeleton."""
    folder = root / family.name
    shutil.copytree(SKELETON, folder)
    told = yaml.safe_load((SKELETON / "pipeline.yaml").read_text(encoding="utf-8"))
    first = next(iter(family.editions))
    source = {name: told["inputs"][0][name] for name in ("uri", "max_bytes")}
    source |= {"name": family.name, "media_type": family.media_type, "key": family.key, "title": family.title}
    output = {**told["outputs"][0], "layer": family.name, "key": family.key, "title": family.title}
    edition = {"edition": first, "sample": "samples/first", "title": first, "as_of": "2020-01-01"}
    told |= {"family": family.name, "inputs": [{**source, **family.place}], "outputs": [output]}
    told |= {"editions": [edition]}
    (folder / "samples" / "first").write_bytes(family.editions[first])
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    numbers = yaml.safe_load((SKELETON / "qa" / "expectations.yaml").read_text(encoding="utf-8"))
    numbers["geometry"]["types"] = list(family.types)
    numbers |= family.more
    (folder / "qa" / "expectations.yaml").write_text(yaml.safe_dump(numbers), encoding="utf-8")
    _schemas(folder / "schemas", family)


def _schemas(folder: Path, family: Fleeting) -> None:
    kinds: dict[str, Any] = {name: ["string", "null"] for name in family.columns} | {family.key: "string"}
    layer = {name: kinds[name] for name in family.columns}
    read = {**layer, **{name: ["number", "null"] for name in family.numbers}}
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A row", "type": "object"}
    for kind, columns in (("input", read), ("layer", layer)):
        properties = {name: {"type": told, "description": name} for name, told in columns.items()}
        file = folder / f"{family.name}.{kind}.schema.json"
        file.write_text(json.dumps({**about, "properties": properties}), encoding="utf-8")


@contextmanager
def known(root: Path, families: tuple[Fleeting, ...]) -> Iterator[None]:
    """Let runs know these families for a while."""
    for family in families:
        write(root, family)
    names, find = {family.name for family in families}, spec.family
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spec, "family", lambda name: find(name, root) if name in names else find(name))
        patch.setattr(runner, "STEPS", {**STEPS, **{one.name: one.steps for one in families}})
        yield


def points(*columns: str, key: str) -> Callable[[Inputs], Layer]:
    """Return steps by which every row is a point."""

    def steps(inputs: Inputs) -> Layer:
        made = gpd.GeoDataFrame(_frame(inputs, columns), geometry=inputs.shapes(), crs=WGS84)
        return made.sort_values(key, kind="stable", ignore_index=True)

    return steps


def lines(*columns: str, key: str, ends: tuple[str, str, str, str]) -> Callable[[Inputs], Layer]:
    """Return steps by which every row is a line between two ends."""

    def steps(inputs: Inputs) -> Layer:
        x1, y1, x2, y2 = (inputs.table().numbers(name).to_numpy().astype(float) for name in ends)
        shapes = shapely.linestrings(np.stack([np.column_stack([x1, y1]), np.column_stack([x2, y2])], axis=1))
        made = gpd.GeoDataFrame(_frame(inputs, columns), geometry=shapes, crs=WGS84)
        return made.sort_values(key, kind="stable", ignore_index=True)

    return steps


def areas(*columns: str, key: str) -> Callable[[Inputs], Layer]:
    """Return steps by which every row is the shape in the file, brought to WGS 84."""

    def steps(inputs: Inputs) -> Layer:
        made = gpd.GeoDataFrame(_frame(inputs, columns), geometry=inputs.shapes(), crs=inputs.crs())
        return made.to_crs(WGS84).sort_values(key, kind="stable", ignore_index=True)

    return steps


def _frame(inputs: Inputs, columns: tuple[str, ...]) -> Any:
    table = inputs.table()
    return pa.table({name: table.cast(name, kind="string") for name in columns}).to_pandas()


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a file as they were written."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def text(found: list[dict[str, str]], columns: tuple[str, ...]) -> bytes:
    """Return rows as a file with these columns alone."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return written.getvalue().encode()


def zipped(files: list[Path]) -> bytes:
    """Return files in one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file in files:
            archive.write(file, file.name)
    return made.getvalue()

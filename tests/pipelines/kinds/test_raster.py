"""The kind `raster`: what it refuses, what it tells, and what it draws where little can be drawn."""

import json
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from pipelines import digest
from pipelines.catalog import stac
from pipelines.errors import NotMade
from pipelines.formats.grid import Grid, Lie
from pipelines.kinds.raster import KIND
from pipelines.manifest import Manifest
from pipelines.model import Column, DiffState, Role
from pipelines.subject import Base
from tests.pipelines import rasters
from tests.pipelines.memory import MemoryStore
from tests.pipelines.rasters import FAMILY, NOTHING, PUBLIC

OUTPUT = FAMILY.output
SMALL = rasters.grid(np.array([[100, 200, NOTHING], [300, 400, 500]], np.int16))
INPUTS = rasters.read().inputs_read


@pytest.mark.parametrize(
    "lacking",
    [
        replace(SMALL, crs=None),
        replace(SMALL, lie=None),
        replace(SMALL, there=np.zeros((2, 3), np.bool_)),
    ],
)
def test_a_layer_without_system_place_or_value_is_refused(lacking: Grid) -> None:
    KIND.check(SMALL, OUTPUT)
    with pytest.raises(NotMade):
        KIND.check(lacking, OUTPUT)


def test_a_schema_of_two_bands_is_refused() -> None:
    second = Column(name="depth", type="integer", description="of the water")
    with pytest.raises(NotMade, match="one band"):
        KIND.check(SMALL, replace(OUTPUT, columns=(*OUTPUT.columns, second)))


def test_what_is_written_is_read_and_told_with_its_edges_in_degrees() -> None:
    lie = Lie(west=500_000.0, north=4_300_000.0, across=10_000.0, down=10_000.0)
    back = KIND.read(KIND.write(replace(SMALL, crs="EPSG:26914", lie=lie), OUTPUT, labels=PUBLIC), INPUTS)
    told = KIND.describe(back, OUTPUT, INPUTS)
    assert told.raster is not None
    assert (told.crs, told.rows, told.raster.shape) == ("EPSG:26914", 5, (2, 3))
    assert told.raster.transform[:6] == (10_000, 0, 500_000, 0, -10_000, 4_300_000)
    assert (told.extent.west, told.extent.north) == pytest.approx((-99.0, 38.848), abs=1e-3)


def test_a_band_that_marks_nothing_by_nan_is_told_in_strict_json() -> None:
    values = np.array([[0.5, np.nan]], np.float32)
    grid = rasters.grid(values, there=~np.isnan(values), nodata=float("nan"))
    told = KIND.describe(grid, OUTPUT, INPUTS)
    assert told.raster is not None
    bands = stac._of_cells(told.raster)["bands"]  # the one part that is of rasters
    assert json.loads(digest.canonical(bands))[0]["nodata"] == "nan"


def test_what_cannot_be_compared_is_drawn_alone_and_says_why() -> None:
    store, moved = MemoryStore(), replace(SMALL, crs="EPSG:4269")
    base = Base(manifest=cast("Manifest", None), layer=moved)
    compared = KIND.compare(base, SMALL, family=FAMILY, store=store)
    assert (compared.summary.state, compared.artifacts) == (DiffState.FAILED, ())
    assert (compared.summary.before_rows, compared.summary.after_rows) == (5, 5)
    assert "EPSG:4269 became EPSG:4326" in compared.failed
    drawn = KIND.maps(compared, base=base, after=SMALL, family=FAMILY, store=store)
    style = json.loads(store.read(drawn[0].sha256))
    tiles = {source["url"] for source in style["sources"].values() if "url" in source}
    assert tiles == {"kfm:tiles"}


def test_an_input_without_a_place_has_no_map_and_one_with_a_place_shows_its_corners() -> None:
    store = MemoryStore()
    nowhere = KIND.input_maps(rasters.read(b"no raster").inputs_read, swapped=False, store=store)
    assert [one.role for one in nowhere] == [Role.THUMBNAIL]
    drawn = KIND.input_maps(INPUTS, swapped=False, store=store)
    style = json.loads(store.read(drawn[0].sha256))
    assert len(style["sources"]["as_read"]["data"]["features"]) == 4
    assert len(style["sources"]["as_read_shapes"]["data"]["features"]) == 1

"""Relief of Kansas: where the cut comes from, how other editions were made, and how each one ends."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines.families.ks_relief.samples import make
from pipelines.formats import archive, cog, geotiff
from pipelines.formats import grid as grids
from pipelines.manifest import Manifest
from pipelines.model import DiffSummary, Extent, Outcome, Role
from tests.pipelines.runs import Runs

SAMPLES = Path(make.__file__).parent
SOURCE = Path(__file__).parents[3] / "shared" / "data" / "ks_rasters" / "ks_etopo5.tif"
WORLD = Path("/usr/share/ferret-vis/data/etopo5.cdf")
EDITIONS = ("1988", *(f"1988-{rule}" for rule in make.RULES))
HERE = Extent(west=-103.0416667, south=35.9583333, east=-93.9583333, north=41.0416667)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Carry out editions of this family in one store, each once."""
    return Runs(tmp_path_factory.mktemp("relief"), family="ks_relief")


@pytest.mark.parametrize("rule", make.RULES)
def test_an_edition_is_what_its_rule_makes_of_the_real_one(rule: str) -> None:
    wanted = make.RULES[rule](make.read(SAMPLES / "1988.tif"))
    found = make.read(SAMPLES / f"1988-{rule}.tif")
    assert np.array_equal(found.heights, wanted.heights)
    assert (found.west, found.north, found.crs) == (wanted.west, wanted.north, wanted.crs)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_sample_is_small(edition: str) -> None:
    assert (SAMPLES / f"{edition}.tif").stat().st_size <= 15_000


@pytest.mark.skipif(not SOURCE.is_file(), reason="../shared/data/ks_rasters is not here")
def test_the_cut_is_the_one_that_others_made() -> None:
    mine, theirs = make.read(SAMPLES / "1988.tif"), geotiff.read(SOURCE.read_bytes())
    assert np.array_equal(mine.heights, theirs.values)
    assert grids.differences(geotiff.read((SAMPLES / "1988.tif").read_bytes()), theirs) == ()


@pytest.mark.skipif(not WORLD.is_file(), reason="the package ferret-datasets is not installed")
def test_the_cut_is_what_the_package_holds() -> None:
    mine, cut = make.read(SAMPLES / "1988.tif"), make.cut(WORLD)
    assert np.array_equal(mine.heights, cut.heights)
    assert (mine.west, mine.north) == pytest.approx((cut.west, cut.north), abs=1e-9)


@pytest.mark.parametrize(
    ("town", "lon", "lat", "metres"),
    [("Goodland", -101.71, 39.35, 1124), ("Wichita", -97.34, 37.69, 396), ("Topeka", -95.68, 39.05, 288)],
)
def test_towns_are_about_as_high_as_they_are(town: str, lon: float, lat: float, metres: int) -> None:
    grid = geotiff.read((SAMPLES / "1988.tif").read_bytes())
    rows, columns, inside = grids.cells(grid, np.array([lon]), np.array([lat]))
    assert inside.all(), town
    assert abs(int(grid.values[rows, columns][0]) - metres) < 30


ENDS: dict[str, dict[str, tuple[Outcome, list[str]]]] = {
    "1988-revised": {"cells": (Outcome.REVIEW, ["cells.changed", "cells.emptied"])},
    "1988-feet": {"grid": (Outcome.FAIL, ["grid.values"])},
    "1988-swapped": {"grid": (Outcome.FAIL, ["grid.swapped"])},
    "1988-shifted": {"grid": (Outcome.FAIL, ["grid.shifted"])},
    "1988-slid": {
        "cells": (Outcome.FAIL, ["cells.shifted", "cells.changed", "cells.by"]),
        "score": (Outcome.FAIL, ["score.floor"]),
    },
    "1988-empty": {"grid": (Outcome.FAIL, ["grid.empty"])},
    "1988-unnamed": {"grid": (Outcome.FAIL, ["grid.no_crs"])},
    "1988-albers": {"grid": (Outcome.FAIL, ["grid.crs"])},
}


def noticed(made: Manifest) -> dict[str, tuple[Outcome, list[str]]]:
    """Return what each gate that did not pass said."""
    return {
        result.gate: (result.outcome, [finding.rule for finding in result.findings])
        for result in made.gates
        if result.outcome not in {Outcome.PASS, Outcome.NOT_RUN}
    }


@pytest.mark.parametrize("edition", ENDS)
def test_an_edition_ends_as_it_should_at_every_gate(edition: str, runs: Runs) -> None:
    assert noticed(runs.manifest(edition, over="1988")) == ENDS[edition]


def test_the_first_edition_is_looked_at(runs: Runs) -> None:
    made = runs.manifest("1988")
    assert noticed(made) == {"cells": (Outcome.REVIEW, ["cells.first"])}
    assert made.outcome is Outcome.REVIEW


def test_exactly_the_block_and_the_hole_are_found(runs: Runs) -> None:
    made = runs.manifest("1988-revised", over="1988")
    kept = {artifact.role: artifact.sha256 for artifact in made.artifacts}
    read = runs.places.candidates.read
    assert isinstance(made.diff, DiffSummary)
    assert (made.diff.added, made.diff.removed, made.diff.changed, made.diff.artifact) == (
        *(0, 12, 96),
        kept[Role.DIFF],
    )
    assert (made.diff.before_rows, made.diff.after_rows) == (6649, 6637)
    listed = json.loads(read(kept[Role.CHANGES]))["changes"]
    assert [one["title"] for one in listed] == [
        "4 × 3 cells lost their values near 97.0 W 37.6 N",
        "12 × 8 cells raised by 15 m near 98.4 W 39.0 N",
    ]
    band = cog.read(read(kept[Role.DIFF]))
    wanted = np.zeros(band.shape)
    wanted[make.BLOCK] = 15
    assert np.array_equal(band.values[band.there], wanted[band.there])
    assert np.argwhere(~band.there).tolist() == [[r, c] for r in range(40, 43) for c in range(70, 74)]
    assert archive.read(read(kept[Role.CHANGE_TILES])).pictures


def test_a_swapped_edition_is_drawn_where_it_was_read_and_where_it_belongs(runs: Runs) -> None:
    made = runs.manifest("1988-swapped", over="1988")
    kept = {artifact.role: artifact.sha256 for artifact in made.artifacts}
    drawn = json.loads(runs.places.candidates.read(kept[Role.INPUT_PREVIEW]))
    assert drawn["metadata"]["kfm:swapped"] is True
    (ring,) = drawn["sources"]["belongs_shapes"]["data"]["features"][0]["geometry"]["coordinates"]
    assert [min(place[0] for place in ring), max(place[1] for place in ring)] == pytest.approx(
        [HERE.west, HERE.north], abs=1e-5
    )


def test_the_catalog_tells_of_its_band_and_its_place(runs: Runs) -> None:
    made = runs.manifest("1988")
    item = json.loads(runs.places.candidates.read(made.catalogs["stac"]))
    data = item["assets"]["data"]
    (band,) = data["bands"]
    assert (band["name"], band["data_type"], band["nodata"], band["unit"]) == (
        "elevation",
        "int16",
        -32768,
        "m",
    )
    assert (band["statistics"]["minimum"], band["statistics"]["maximum"]) == (160, 1480)
    assert (data["proj:shape"], len(data["proj:transform"])) == ([61, 109], 9)
    assert item["bbox"] == pytest.approx([HERE.west, HERE.south, HERE.east, HERE.north])


def test_the_same_edition_gives_the_same_manifest(runs: Runs, tmp_path: Path) -> None:
    again = Runs(tmp_path, family="ks_relief")
    for edition in ("1988", "1988-revised"):
        over = "none" if edition == "1988" else "1988"
        assert again.ran(edition, over=over).manifest_digest == runs.ran(edition, over=over).manifest_digest

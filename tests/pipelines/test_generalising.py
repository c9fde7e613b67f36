"""Places made coarser: nobody learns from counts where a few are, or where there is none."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from pipelines import digest, generalising
from pipelines.errors import NotMade
from pipelines.generalising import Area
from pipelines.model import Input
from pipelines.sensitivity import Generalization

WEST, EAST, EMPTY = (
    Area(key=key, name=key, shape=shapely.box(west, 38, west + 1, 39))
    for key, west in (("a", -99.0), ("b", -98.0), ("c", -97.0))
)
COUNTIES = (EMPTY, EAST, WEST)


def places(*at: tuple[float, float]) -> generalising.Shapes:
    made = np.empty(len(at), dtype=object)
    made[:] = [shapely.Point(one) for one in at]
    return made


def told(made: gpd.GeoDataFrame) -> dict[str, int | None]:
    counts = made["count"].astype(object).where(made["count"].notna(), None)
    return dict(zip(made["key"], counts, strict=True))


THREE = tuple((-98.5 + n / 10, 38.5) for n in range(3))
TWO = ((-97.5, 38.5), (-97.4, 38.6))


def test_few_and_none_are_told_alike_and_without_a_number() -> None:
    made = generalising.by_county(places(*THREE, *TWO), COUNTIES)
    assert told(made) == {"a": 3, "b": None, "c": None}
    assert made["shown"].tolist() == ["counted", "fewer than 3", "fewer than 3"]


def test_a_place_on_a_line_counts_once_and_one_outside_nowhere() -> None:
    made = generalising.by_county(places(*THREE, (-98.0, 38.5), (-90.0, 38.5)), COUNTIES)
    assert told(made) == {"a": 4, "b": None, "c": None}


def test_rows_without_a_place_are_counted_nowhere() -> None:
    bare = np.concatenate([places(*THREE), np.array([None, shapely.Point()], dtype=object)])
    assert told(generalising.by_county(bare, COUNTIES))["a"] == 3


def test_the_order_of_places_and_counties_changes_nothing() -> None:
    one = generalising.by_county(places(*THREE, *TWO), COUNTIES)
    other = generalising.by_county(places(*TWO, *THREE[::-1]), COUNTIES[::-1])
    assert generalising.output(one, key="key") == generalising.output(other, key="key")


def test_a_grid_draws_only_cells_with_enough_places_and_none_is_finer() -> None:
    near = tuple((-98.5 + n / 1000, 38.5) for n in range(3))
    made = generalising.by_grid(places(*near, (-101.0, 37.5)), size_m=100_000)
    assert made["count"].tolist() == [3]
    assert generalising.smallest(made) == pytest.approx(100_000, rel=1e-3)


@pytest.mark.parametrize("size_m", [0.0, -1.0])
def test_a_grid_without_a_size_is_refused(size_m: float) -> None:
    with pytest.raises(NotMade):
        generalising.by_grid(places(*THREE), size_m=size_m)


def test_no_county_and_no_least_count_are_refused() -> None:
    with pytest.raises(NotMade):
        generalising.by_county(places(*THREE), ())
    with pytest.raises(NotMade):
        generalising.by_county(places(*THREE), COUNTIES, fewest=0)


def test_a_receipt_names_what_went_in_and_came_out() -> None:
    made = generalising.by_county(places(*THREE), COUNTIES)
    of = Generalization(method="COUNTY", size_m=1.0, uncertainty_m=2.0)
    source = Input(name="s", sha256="a" * 64, size=1, media_type="text/csv", source="x", label="restricted")
    said = digest.read_json(generalising.receipt(made, of=of, key="key", sources=[source], rows_in=3))
    assert (said["rows_in"], said["rows_out"], said["sources"]) == (3, 3, ["a" * 64])
    assert said["output"] == generalising.output(made, key="key")


def test_another_count_or_another_outline_is_another_output() -> None:
    made = generalising.by_county(places(*THREE), COUNTIES)
    moved = made.set_geometry(made.geometry.translate(0.1))
    more = generalising.by_county(places(*THREE, (-98.4, 38.4)), COUNTIES)
    assert len({generalising.output(one, key="key") for one in (made, moved, more)}) == 3

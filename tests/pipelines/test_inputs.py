"""Where rows lie: by columns of their own, by shapes in the file, or by the rows of another input."""

from dataclasses import replace

import pytest
import shapely

from pipelines import spec
from pipelines.errors import NotMade
from pipelines.family import Joined, Place, Points, Shapes, Source
from pipelines.formats import delimited
from pipelines.formats.grid import Grid
from pipelines.formats.table import Table
from pipelines.inputs import Inputs, Read

AIRPORTS = spec.family("ks_airports").main
COUNTIES = replace(
    delimited.read(b"geoid,name\n20001,Allen\n20003,Anderson\n"),
    shapes=shapely.box([-95.5, -95.5], [37.7, 38.1], [-95.1, -95.1], [38.1, 38.4]),
)


def source(name: str, place: Place, *key: str) -> Source:
    return replace(AIRPORTS, name=name, place=place, key=key)


def of(csv: bytes, place: Place, *key: str, more: dict[str, Read] | None = None) -> Inputs:
    others = more or {}
    sources = (
        source("rows", place, *key),
        *(source(name, Shapes(crs="EPSG:4326"), "geoid") for name in others),
    )
    return Inputs(sources=sources, all={"rows": delimited.read(csv), **others})


def test_a_row_without_finite_numbers_has_no_place() -> None:
    inputs = of(b"x,y\n-98,38\n,38\nNaN,38\ninf,38\n-98,1e99\n", Points(x="x", y="y", crs="EPSG:4326"))
    shapes = inputs.shapes()
    assert [shape is None for shape in shapes] == [False, True, True, True, False]
    assert (shapes[0].x, shapes[0].y) == (-98, 38)


def test_without_the_columns_no_row_has_a_place() -> None:
    inputs = of(b"lon\n1\n2\n", Points(x="x", y="y", crs="EPSG:4326"))
    assert list(inputs.shapes()) == [None, None]


def test_a_file_without_geometry_where_it_should_hold_some_gives_no_row_a_place() -> None:
    assert list(of(b"a\n1\n", Shapes(crs="EPSG:4326")).shapes()) == [None]


@pytest.mark.parametrize(
    ("csv", "column"),
    [
        (b"geoid\n20003\n20999\n20003\n", ("geoid",)),
        (b"state,county\n20,003\n20,999\n20,003\n", ("state", "county")),
    ],
)
def test_rows_lie_where_the_rows_they_are_joined_to_do(csv: bytes, column: tuple[str, ...]) -> None:
    place = Joined(input="counties", column=column, to="geoid")
    inputs = of(csv, place, more={"counties": COUNTIES})
    anderson, unknown, again = inputs.shapes()
    assert (anderson.bounds, unknown, again) == ((-95.5, 38.1, -95.1, 38.4), None, anderson)
    assert inputs.crs() == "EPSG:4326"


def test_a_row_is_called_by_its_key_put_together_or_by_where_it_stands() -> None:
    csv, nowhere = b"state,county\n20,001\n20,003\n", Shapes(crs="EPSG:4326")
    assert of(csv, nowhere, "state", "county").names() == ["20/001", "20/003"]
    assert of(csv, nowhere, "state", "town").names() == ["line 2", "line 3"]


def test_rows_are_no_cells_and_cells_no_rows() -> None:
    table = of(b"a\n1\n", Shapes(crs="EPSG:4326"))
    with pytest.raises(NotMade, match="no raster"):
        table.grid()
    grid = Inputs(sources=table.sources, all={"rows": object.__new__(Grid)})
    with pytest.raises(NotMade, match="no rows"):
        grid.table()
    assert isinstance(table.main, Table)

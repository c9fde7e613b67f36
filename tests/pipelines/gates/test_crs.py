"""The gate `crs`."""

from dataclasses import replace

import pytest

from pipelines.family import Family, Points
from pipelines.gates import crs
from pipelines.model import GateResult, Outcome
from tests.pipelines import judged
from tests.pipelines.judged import Row


def _declared(code: str) -> Family:
    source = replace(judged.FAMILY.inputs[0], place=Points(x="lon", y="lat", crs=code))
    return replace(judged.FAMILY, inputs=(source,))


def _rules(result: GateResult) -> list[str]:
    return [finding.rule for finding in result.findings]


def test_degrees_are_believed_as_degrees() -> None:
    result = crs.check(judged.read(judged.text(judged.rows("2026-09"))))
    assert (result.outcome, result.value) == (Outcome.PASS, 0.0)


def test_exchanged_axes_are_recognised_and_the_remedy_says_exchange() -> None:
    result = crs.check(judged.read(judged.text(judged.rows("2026-09-swapped"))))
    assert (result.outcome, _rules(result)) == (Outcome.FAIL, ["crs.swapped"])
    assert "334 of 334" in result.findings[0].message
    assert "Exchange" in result.remedy


def test_pixels_declared_as_degrees_fail_and_are_not_called_exchanged() -> None:
    result = crs.check(judged.read(judged.text(judged.rows("2026-09-pixels"))))
    assert (result.outcome, _rules(result)) == (Outcome.FAIL, ["crs.implausible"])


def test_one_impossible_point_is_enough() -> None:
    content = judged.changed("2026-09", lambda n, row: {**row, "lat": "380.1"} if n == 7 else row)
    result = crs.check(judged.read(content))
    assert (result.outcome, result.findings[0].message[:8]) == (Outcome.FAIL, "1 of 334")


def test_a_few_exchanged_rows_fail_and_are_recognised() -> None:
    def some(n: int, row: Row) -> Row:
        return {**row, "lat": row["lon"], "lon": row["lat"]} if n < 3 else row

    (finding,) = crs.check(judged.read(judged.changed("2026-09", some))).findings
    assert finding.rule == "crs.implausible"
    assert "3 of 334 places" in finding.message
    assert "3 belong here if exchanged" in finding.message


def test_exchanged_axes_that_are_possible_degrees_are_recognised_by_where_they_lie() -> None:
    def to_europe(_: int, row: Row) -> Row:
        return {**row, "lat": "10.5", "lon": "48.1"}

    box = {"west": 9.0, "south": 47.0, "east": 12.0, "north": 50.0, "inside_min": 0.9}
    family = replace(judged.FAMILY, expectations={**judged.FAMILY.expectations, "extent": box})
    result = crs.check(judged.read(judged.changed("2026-09", to_europe), family=family))
    assert _rules(result) == ["crs.swapped"]


def test_degrees_declared_as_metres_fail() -> None:
    content = judged.text(judged.rows("2026-09"))
    assert crs.check(judged.read(content, family=_declared("EPSG:26914"))).outcome is Outcome.FAIL


def test_metres_are_believed_where_metres_are_declared() -> None:
    content = judged.changed(
        "2026-09", lambda n, row: {**row, "lon": f"{400_000 + n}", "lat": f"{4_200_000 + n}"}
    )
    assert crs.check(judged.read(content, family=_declared("EPSG:26914"))).outcome is Outcome.PASS


@pytest.mark.parametrize("cell", ["", "nowhere"])
def test_no_coordinates_at_all_is_no_pass(cell: str) -> None:
    content = judged.changed("2026-09", lambda _, row: {**row, "lat": cell})
    assert _rules(crs.check(judged.read(content))) == ["crs.empty"]


def test_missing_columns_are_no_pass() -> None:
    content = judged.text(judged.rows("2026-09")).replace(b"lat,lon", b"north,east", 1)
    assert _rules(crs.check(judged.read(content))) == ["crs.no_columns"]

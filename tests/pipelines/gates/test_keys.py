"""The gate `keys`."""

from pipelines.gates import keys
from pipelines.model import Outcome
from tests.pipelines import judged

OLD, NEW = (judged.text(judged.rows(edition)) for edition in ("2025-09", "2026-09"))


def test_every_airport_has_a_code_of_its_own() -> None:
    assert keys.check(judged.made(OLD, over=OLD)).outcome is Outcome.PASS


def test_a_code_given_to_another_airport_is_looked_at() -> None:
    result = keys.check(judged.made(NEW, over=OLD))
    assert (result.outcome, [one.where for one in result.findings]) == (Outcome.REVIEW, ["99KS"])
    assert "Elm Creek Farms Airport and is now Neustrip Airport, 153.7 km away" in result.findings[0].message
    assert result.evidence == "artifact:changes#99KS"


def test_a_renamed_airport_in_its_place_and_a_moved_one_with_its_name_are_not_reused() -> None:
    renamed = judged.changed("2025-09", lambda n, row: {**row, "name": "Other"} if n == 0 else row)
    moved = judged.changed("2025-09", lambda n, row: {**row, "lat": "37.1"} if n == 0 else row)
    for content in (renamed, moved):
        assert keys.check(judged.made(content, over=OLD)).outcome is Outcome.PASS


def test_codes_standing_twice_fail_and_are_named() -> None:
    result = keys.check(judged.made(judged.text(judged.rows("2026-09-duplicates")), over=OLD))
    assert (result.outcome, result.value) == (Outcome.FAIL, 34.0)
    assert "00AA stands 2 times" in result.findings[0].message


def test_a_missing_code_fails() -> None:
    content = judged.changed("2026-09", lambda n, row: {**row, "icao": ""} if n == 5 else row)
    result = keys.check(judged.made(content, over=OLD))
    assert (result.outcome, result.findings[0].rule) == (Outcome.FAIL, "keys.missing")

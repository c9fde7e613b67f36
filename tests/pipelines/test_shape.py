"""What surely fits is what the schema says fits; nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines import documents, shape

GOOD = json.loads((Path(__file__).parent / "policies" / "good.json").read_bytes())["good"]
SCHEMA = "judgement-promotion"


@pytest.mark.parametrize("name", GOOD)
def test_good_inputs_fit(name: str) -> None:
    assert shape.fits(f"judgement-{GOOD[name]['package']}")(GOOD[name]["input"])


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("kind", "seize"),
        ("kind", 1),
        ("needed", True),
        ("needed", "2"),
        ("withdrawn", 0),
        ("withdrawn", None),
        ("approved_by", "ada"),
        ("approved_by", [1]),
        ("gates", {"crs": 1}),
        ("gates", []),
        ("more", 1),
    ],
)
def test_what_the_schema_refuses_does_not_fit(at: str, value: Any) -> None:
    asked = GOOD["promotion"]["input"]
    wrong = {**asked, "facts": {**asked["facts"], at: value}}
    assert documents.mistakes(wrong, schema=SCHEMA, file="input")
    assert not shape.fits(SCHEMA)(wrong)


def test_a_number_below_the_least_does_not_fit() -> None:
    asked = GOOD["public"]["input"]
    assert not shape.fits("judgement-materialisation")(
        {**asked, "catalogs": {**asked["catalogs"], "faults": -1}}
    )


def test_a_keyword_that_is_not_known_here_is_never_taken_as_said() -> None:
    assert not shape._of({"type": "string", "pattern": "^a$"})("a")
    assert not shape._of({})("a")

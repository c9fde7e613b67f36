"""Colours keep their contrast in light and dark, and changes stay apart for every kind of eye."""

import re
from itertools import combinations, product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[3] / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in PAIR.findall(CSS.read_text())}

PAPERS = ("canvas", "surface", "sunken", "raised", "row-hover", "row-selected", "accent-wash")
CHANGES = ("diff-added", "diff-removed", "diff-changed", "diff-moved")
OUTCOMES = ("pass", "review", "fail")
TEXT = (
    *product(("text", "text-muted", "accent"), PAPERS),
    *product(("text", "text-muted"), [f"{name}-wash" for name in OUTCOMES]),
    *product(("text-faint",), ("canvas", "surface", "raised", "row-hover", "row-selected")),
    *((name, f"{name}-wash") for name in (*OUTCOMES, "error")),
    *product(OUTCOMES, ("surface", "canvas", "row-hover", "row-selected")),
    ("on-accent", "accent-solid"),
    ("diff-removed", "surface"),
    *product(("map-city",), ("map-land", "map-outside")),
    ("map-label", "map-outside"),
)
MARKS = (
    *product(CHANGES, ("map-land", "map-outside", "surface", "canvas", "row-selected")),
    *product(("focus",), PAPERS),
    *product(("line-control",), ("surface", "canvas", "raised")),
    *product(("map-edge",), ("map-land", "map-outside")),
    ("error-edge", "surface"),
    ("map-quiet", "map-land"),
)
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_OKLAB = (
    (0.2104542553, 0.793617785, -0.0040720468),
    (1.9779984951, -2.428592205, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.808675766),
)
APART = 0.09

Triple = tuple[float, ...]


def linear(colour: str) -> Triple:
    """Return the linear light of a colour."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def times(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    return tuple(sum(weight * part for weight, part in zip(row, vector, strict=True)) for row in matrix)


def contrast(one: str, other: str, theme: str) -> float:
    """Return the contrast ratio of WCAG."""
    weights = ((0.2126, 0.7152, 0.0722),)
    first, second = (times(weights, linear(COLOURS[name][theme]))[0] for name in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def seen(colour: str, eye: str) -> Triple:
    """Return a colour in OKLab as an eye of that kind sees it."""
    light = tuple(min(1.0, max(0.0, part)) for part in times(EYES[eye], linear(colour)))
    return times(TO_OKLAB, tuple(cone ** (1 / 3) for cone in times(TO_CONES, light)))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read(theme: str) -> None:
    weak = {(ink, paper): contrast(ink, paper, theme) for ink, paper in TEXT}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_borders_can_be_seen(theme: str) -> None:
    weak = {(ink, paper): contrast(ink, paper, theme) for ink, paper in MARKS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


@pytest.mark.parametrize(("theme", "eye"), list(product(("light", "dark"), EYES)))
def test_changes_stay_apart_for_every_eye(theme: str, eye: str) -> None:
    for one, other in combinations(CHANGES, 2):
        here, there = (seen(COLOURS[name][theme], eye) for name in (one, other))
        assert sum((a - b) ** 2 for a, b in zip(here, there, strict=True)) ** 0.5 > APART

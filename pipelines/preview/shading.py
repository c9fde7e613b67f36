"""Shading: on which of five steps each row stands by the value of one column, and what the steps mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import geopandas

from pipelines.model import Json
from pipelines.preview.layers import RAMP

_LAST = len(RAMP) - 1
_NUMBERED = re.compile(r"\D*([0-4])")  # a class that ends in its own step: D0 to D4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shading:
    """The step of each value, and in words what each step is."""

    column: str
    by_value: Mapping[Any, int]
    words: tuple[str, ...]

    def steps(self, frame: geopandas.GeoDataFrame) -> list[int | None]:
        """Return the step of each row; None of a row without a value."""
        if self.column not in frame.columns:
            return [None] * len(frame)
        return [self.by_value.get(value) for value in frame[self.column].tolist()]

    def ramp(self, drawn: Sequence[int | None]) -> list[Json]:
        """Return the steps for the legend, with how many places stand on each."""
        return [
            {"step": step, "words": said, "places": sum(one == step for one in drawn)}
            for step, said in enumerate(self.words)
            if said
        ]


def steps(frame: geopandas.GeoDataFrame, *, shade: str) -> list[int | None]:
    """Return on which of five steps each row stands by the value of the column `shade`."""
    return shading([frame], shade=shade).steps(frame)


def shading(frames: Sequence[geopandas.GeoDataFrame], *, shade: str) -> Shading:
    """Return one shading for some editions: numbers in five equal parts, classes in the order of names."""
    values = [value for frame in frames if shade in frame.columns for value in frame[shade].tolist()]
    known = {value for value in values if value is not None and value == value}  # noqa: PLR0124  # not NaN
    numbers = {value for value in known if isinstance(value, int | float) and isfinite(value)}
    if numbers and numbers == known:
        return _by_number(sorted(numbers), column=shade)
    return _by_class(sorted(map(str, known)), column=shade)


def _by_number(numbers: list[Any], *, column: str) -> Shading:
    least, most = float(numbers[0]), float(numbers[-1])
    wide = (most - least) / len(RAMP)
    if not wide:
        return Shading(column=column, by_value={numbers[0]: 0}, words=(f"{least:g}",))
    by_value = {number: min(_LAST, int((number - least) / wide)) for number in numbers}
    edges = [least + step * wide for step in range(len(RAMP) + 1)]
    words = tuple(f"{edges[step]:.4g} to {edges[step + 1]:.4g}" for step in range(len(RAMP)))
    return Shading(column=column, by_value=by_value, words=words)


def _by_class(names: list[str], *, column: str) -> Shading:
    numbered = [_NUMBERED.fullmatch(name) for name in names]
    if all(numbered):
        by_value = {name: int(found[1]) for name, found in zip(names, numbered, strict=True) if found}
    else:
        by_value = {name: min(_LAST, place) for place, name in enumerate(names)}
    words = [", ".join(name for name in names if by_value[name] == step) for step in range(len(RAMP))]
    return Shading(column=column, by_value=by_value, words=tuple(words))

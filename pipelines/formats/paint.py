"""What colour a cell has: heights by fixed tints in fixed light, differences by how far and which way."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.formats import grid as grids
from pipelines.formats.grid import Flags, Grid
from pipelines.formats.rastertiles import NOTHING, Painted

_METRES = 111_320.0  # of a degree
_TINTS = 40
_LIGHTS = (0.80, 0.86, 0.92, 0.97, 1.02, 1.07)
_EXAGGERATED = 40.0  # cells are kilometres wide and hills metres high
_SUN = (-0.5, 0.5, 0.707)  # from the north-west
_TALL = (  # metres, and the tint there; between two of them it goes over evenly
    *((-11_000, "#3d6a94"), (-200, "#a9c8dd"), (-1, "#c4dbe6"), (0, "#a3c498"), (150, "#bcd4a3")),
    *((300, "#d3e0b0"), (450, "#e7e6b5"), (600, "#eedca4"), (800, "#e3c78a"), (1000, "#d4ae75")),
    *((1250, "#c29565"), (1500, "#ad8056"), (2000, "#94704f"), (3000, "#a08d80"), (4500, "#d6d0ca")),
    (6000, "#ffffff"),
)
_RAISED, _LOWERED = ("#fee8c8", "#f1a340", "#7f3b08"), ("#dcdcee", "#8073ac", "#2d004b")
_EMPTIED, _EMPTIED_STRIPE = "#1b1a16", "#e0622f"
_FILLED, _FILLED_STRIPE = "#1c82cc", "#f8f6ef"
EMPTIED, FILLED = 250, 252
_Colours = NDArray[np.uint8]


def heights(grid: Grid) -> Painted:
    """Paint every cell that has a value by its height in metres and by how the sun falls on it."""
    metres = np.where(grid.there, grid.values.astype(np.float64), 0.0)
    knots = np.array([height for height, _ in _TALL], np.float64)
    along = np.interp(metres, knots, np.linspace(0, _TINTS - 1, len(knots)))
    tint = np.rint(along).astype(np.uint8)
    numbers = 1 + tint * np.uint8(len(_LIGHTS)) + _lights(grid)
    return Painted(cells=np.where(grid.there, numbers, np.uint8(NOTHING)).astype(np.uint8), colours=_tinted())


def differences(
    difference: NDArray[np.float64], *, removed: Flags, added: Flags, steps: Sequence[float]
) -> Painted:
    """Paint cells that changed, darker the further; what lost or got its value is striped."""
    far = classes(difference, steps)
    raised = np.where(difference > 0, 1 + far, NOTHING)
    numbers = np.where(difference < 0, 2 + len(steps) + far, raised).astype(np.uint8)
    numbers[removed], numbers[added] = EMPTIED, FILLED
    colours = np.zeros((256, 4), np.uint8)
    for first, ramp in ((1, _RAISED), (2 + len(steps), _LOWERED)):
        colours[first : first + len(steps) + 1] = _between(ramp, len(steps) + 1)
    marks = (
        (EMPTIED, _EMPTIED),
        (EMPTIED + 1, _EMPTIED_STRIPE),
        (FILLED, _FILLED),
        (FILLED + 1, _FILLED_STRIPE),
    )
    for number, colour in marks:
        colours[number] = _rgba(colour)
    stripes = {EMPTIED: EMPTIED + 1, FILLED: FILLED + 1}
    return Painted(cells=numbers, colours=colours, stripes=stripes)


def inks(painted: Painted, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[str]:
    """Return the colours of some cells."""
    return [_hex(colour) for colour in painted.colours[painted.cells[rows, columns]]]


def tints(grid: Grid) -> list[tuple[str, str]]:
    """Return the colours of heights that occur, lowest first, each with what it stands for."""
    values = grid.values[grid.there]
    heights_of = [height for height, _ in _TALL]
    low, high = (np.searchsorted(heights_of, end) for end in (values.min(), values.max()))
    return [(colour, f"{height:,} m") for height, colour in _TALL[max(0, int(low) - 1) : int(high) + 1]]


def scale(painted: Painted, steps: Sequence[float]) -> list[tuple[str, str]]:
    """Return the colours of differences that occur, from lowered to raised, each with what it stands for."""
    occur = set(np.unique(painted.cells).tolist())
    edges = [f"{edge:g}" for edge in (0.0, *steps)]
    pairs = list(enumerate(zip(edges, [*edges[1:], ""], strict=True)))
    lowered = [
        (2 + len(steps) + place, f"−{far} to −{near}" if far else f"below −{near}")
        for place, (near, far) in reversed(pairs)
    ]
    raised = [(1 + place, f"+{near} to +{far}" if far else f"above +{near}") for place, (near, far) in pairs]
    told = [
        (_hex(painted.colours[number]), words) for number, words in (*lowered, *raised) if number in occur
    ]
    marks = (EMPTIED, _EMPTIED, "lost its value"), (FILLED, _FILLED, "got a value")
    return [*told, *((colour, words) for number, colour, words in marks if number in occur)]


def classes(difference: NDArray[np.float64], steps: Sequence[float]) -> NDArray[np.int64]:
    """Return how many of the `steps` each difference reaches, whichever way it goes."""
    reached: NDArray[np.int64] = np.searchsorted(np.asarray(steps, np.float64), np.abs(difference), "right")
    return reached


def _lights(grid: Grid) -> _Colours:
    """Return which light falls on each cell; by sums and roots alone, which every processor rounds alike.

    Beside a cell without a value there is no slope: it lies in the light of flat ground.
    """
    if min(grid.shape) < 2 or grid.lie is None:  # noqa: PLR2004  # a slope needs two cells
        return np.full(grid.shape, len(_LIGHTS) // 2, np.uint8)
    extent = grids.extent(grid)
    wide = (extent.east - extent.west) / grid.shape[1] * _METRES
    high = (extent.north - extent.south) / grid.shape[0] * _METRES
    metres = np.where(grid.there, grid.values.astype(np.float64), np.nan)
    south, east = (np.nan_to_num(slope) for slope in np.gradient(metres, high, wide))
    north, west = -south * _EXAGGERATED, east * _EXAGGERATED
    light = (-west * _SUN[0] - north * _SUN[1] + _SUN[2]) / np.sqrt(west * west + north * north + 1)
    steps: NDArray[np.float64] = np.clip((light - 0.2) / 0.95 * len(_LIGHTS), 0, len(_LIGHTS) - 1)
    return np.floor(steps).astype(np.uint8)


def _tinted() -> _Colours:
    ramp = [colour for _, colour in _TALL]
    colours = np.zeros((1 + _TINTS * len(_LIGHTS), 4), np.uint8)
    tints = _between(ramp, _TINTS).astype(np.float64)
    for place, light in enumerate(_LIGHTS):
        colours[1 + place :: len(_LIGHTS), :3] = np.clip(np.rint(tints[:, :3] * light), 0, 255)
        colours[1 + place :: len(_LIGHTS), 3] = 255
    return colours


def _between(ramp: Sequence[str], count: int) -> _Colours:
    """Return so many colours from the first of a ramp to its last."""
    stops = np.array([_rgba(colour) for colour in ramp], np.float64)
    at = np.linspace(0, len(ramp) - 1, count)
    parts = [np.interp(at, np.arange(len(ramp)), stops[:, channel]) for channel in range(4)]
    return np.rint(np.stack(parts, axis=1)).astype(np.uint8)


def _hex(colour: _Colours) -> str:
    return "#" + colour[:3].tobytes().hex()


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, 255

"""Gate: readers find their way in a raster without reading it whole. Score: the share of what was tried."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise

import numpy as np

from pipelines.formats import archive, cog, png, rastertiles
from pipelines.formats import grid as grids
from pipelines.formats.grid import Grid
from pipelines.model import Finding, GateResult, Outcome, Phase, Role
from pipelines.subject import Subject

_REMEDY = "Write the files again with the product's own writers."
_NEAR = 0.01  # degrees: how exact the tiles' own box must be
_Trial = tuple[str, bool, str]


def check(subject: Subject) -> GateResult:
    """FAIL when blocks, overviews or statistics are missing, or tiles show another raster."""
    made = subject.product
    data = subject.store.read(made.artifact(Role.DATA).sha256)
    tiles = subject.store.read(made.artifact(Role.TILES).sha256)
    tried = [*_file(data, made.grid), *_tiles(tiles, made.grid)]
    findings = tuple(
        Finding(rule=f"overviews.{rule}", message=message, remedy=_REMEDY)
        for rule, good, message in tried
        if not good
    )
    return GateResult(
        gate="overviews",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{len(tried) - len(findings)} of {len(tried)} ways into the files lead where they should",
        limit="all of them",
        value=float(len(findings)),
        bound=0.0,
        score=1 - len(findings) / len(tried),
        evidence="artifact:data",
        remedy=_REMEDY if findings else "",
        findings=findings,
    )


def _file(data: bytes, grid: Grid) -> Iterator[_Trial]:
    """Look at how the COG is built, from its own directories."""
    built = cog.layout(data)
    yield "order", built.first, "Directories do not all stand before the cells, coarse ones first."
    blocks = max(built.blocks), min(built.blocks)
    yield "blocks", blocks[1] > 0 and blocks[0] <= cog.BLOCK, f"Its blocks are {built.blocks} cells large."
    yield (
        "size",
        built.sizes[0] == grid.shape,
        f"The file has {built.sizes[0]} cells, the layer {grid.shape}.",
    )
    yield (
        "missing",
        _halving(built.sizes),
        f"It has the sizes {built.sizes}, which do not halve to one block.",
    )
    fits = built.statistics == cog.statistics(grid)
    yield "statistics", fits, f"Its statistics {built.statistics} are not those of its cells."


def _halving(sizes: tuple[tuple[int, int], ...]) -> bool:
    pairs = pairwise(sizes)
    halved = all(
        abs(big - 2 * small) <= 1 for one, half in pairs for big, small in zip(one, half, strict=True)
    )
    return halved and max(sizes[-1]) <= cog.BLOCK


def _tiles(content: bytes, grid: Grid) -> Iterator[_Trial]:
    """Look in the deepest tiles for every cell: painted if it has a value, open if it has none."""
    cut = archive.read(content)
    yield "pictures", cut.pictures, "The archive holds no pictures."
    box = grids.extent(grid)
    sides = [abs(a - b) for a, b in zip(asdict(cut.extent).values(), asdict(box).values(), strict=True)]
    yield "tile_extent", max(sides) <= _NEAR, f"The tiles say that they cover {asdict(cut.extent)}."
    deep = rastertiles.deepest(grid)
    yield "shallow", cut.deepest == deep, f"The deepest zoom is {cut.deepest}; {deep} shows every cell."
    shown = _shown(cut, grid)
    lost, strange = (int(np.count_nonzero(which)) for which in (grid.there & ~shown, shown & ~grid.there))
    yield "tiles_lost", not lost, f"{lost:,} cells with a value are in no tile of the deepest zoom."
    yield "tiles_strange", not strange, f"{strange:,} cells without a value are painted in a tile."


def _shown(cut: archive.Archive, grid: Grid) -> grids.Flags:
    """Return which cells are painted where their middle is."""
    rows, columns = (part.ravel() for part in np.indices(grid.shape))
    lon, lat = grids.middles(grid, rows.astype(np.float64), columns.astype(np.float64))
    x, y = rastertiles.pixels(lon, lat, zoom=cut.deepest)
    side, shown = rastertiles.SIDE, np.zeros(rows.size, np.bool_)
    for (zoom, column, row), tile in cut.tiles:
        if zoom == cut.deepest:
            within = np.flatnonzero((x // side == column) & (y // side == row))
            shown[within] = png.read(tile).opaque[y[within] % side, x[within] % side]
    return shown.reshape(grid.shape)

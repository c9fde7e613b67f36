"""How the grid of ETOPO5 becomes the layer: the same cells, in metres, with a number for none."""

from dataclasses import replace

from pipelines.formats.grid import Grid
from pipelines.inputs import Inputs

NOTHING = -32768.0


def materialise(inputs: Inputs) -> Grid:
    """Return the layer `relief`: every cell of the input as it is."""
    return replace(inputs.grid(), crs=inputs.crs(), nodata=NOTHING, unit="m")

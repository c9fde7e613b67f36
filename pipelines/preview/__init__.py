"""The preview map: a pure MapLibre style, drawn with leafmap, that the desk puts over its own base map."""

from pipelines.preview.allowed import check
from pipelines.preview.cells import Swatch, raster_style
from pipelines.preview.drawing import pure, warm
from pipelines.preview.edition import DRAWN_AT_MOST, style
from pipelines.preview.refused import Spot, input_style
from pipelines.preview.shading import steps

__all__ = [
    "DRAWN_AT_MOST",
    "Spot",
    "Swatch",
    "check",
    "input_style",
    "pure",
    "raster_style",
    "steps",
    "style",
    "warm",
]

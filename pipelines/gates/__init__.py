"""The gates, one file each, and the table in which a new one is one line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipelines.gates import (
    adjacency,
    catalogs,
    cells,
    crs,
    drift,
    encoding,
    extent,
    geometry,
    grid,
    index,
    keys,
    labels,
    links,
    overviews,
    policy,
    rights,
    rows,
    schema,
    size,
    tiles,
)
from pipelines.gates import format as format_
from pipelines.model import GateResult, Phase
from pipelines.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One named check and when it is asked."""

    phase: Phase
    check: Callable[[Subject], GateResult]


GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "format": Gate(phase=Phase.BEFORE, check=format_.check),
        "encoding": Gate(phase=Phase.BEFORE, check=encoding.check),
        "size": Gate(phase=Phase.BEFORE, check=size.check),
        "schema": Gate(phase=Phase.BEFORE, check=schema.check),
        "crs": Gate(phase=Phase.BEFORE, check=crs.check),
        "extent": Gate(phase=Phase.BEFORE, check=extent.check),
        "grid": Gate(phase=Phase.BEFORE, check=grid.check),
        "rows": Gate(phase=Phase.AFTER, check=rows.check),
        "keys": Gate(phase=Phase.AFTER, check=keys.check),
        "geometry": Gate(phase=Phase.AFTER, check=geometry.check),
        "adjacency": Gate(phase=Phase.AFTER, check=adjacency.check),
        "drift": Gate(phase=Phase.AFTER, check=drift.check),
        "cells": Gate(phase=Phase.AFTER, check=cells.check),
        "overviews": Gate(phase=Phase.AFTER, check=overviews.check),
        "tiles": Gate(phase=Phase.AFTER, check=tiles.check),
        "index": Gate(phase=Phase.AFTER, check=index.check),
        "catalogs": Gate(phase=Phase.AFTER, check=catalogs.check),
        "labels": Gate(phase=Phase.POLICY, check=labels.check),
        "rights": Gate(phase=Phase.POLICY, check=rights.check),
        "links": Gate(phase=Phase.POLICY, check=links.check),
        "policy": Gate(phase=Phase.POLICY, check=policy.check),
    }
)

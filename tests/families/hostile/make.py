"""Write every hostile or broken file into a folder: `python -m tests.families.hostile.make FOLDER`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.families.hostile import airports, archives, counties, drought, relief

FILES: Mapping[str, Callable[[], bytes]] = {
    **airports.FILES,
    **counties.FILES,
    **drought.FILES,
    **relief.FILES,
    **archives.FILES,
}
SPARSE, SPARSE_BYTES = "sparse-5-gb.csv", 5 * 10**9


def write(folder: Path) -> None:
    """Write all files, and one of 5 GB that takes no room."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        (folder / name).write_bytes(made())
    sparse(folder)


def sparse(folder: Path) -> Path:
    """Write a file of 5 GB with nothing in it, which the disk keeps as a note."""
    file = folder / SPARSE
    with file.open("wb") as stream:
        stream.truncate(SPARSE_BYTES)
    return file


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""Somebody who adds a family with nothing but `new-family` and README, in a copy of the repository."""

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house import tree

NAME = "breweries"
WRITTEN = Path(__file__).parent / NAME
TABLE = Path("pipelines/families/__init__.py")
FOLDER = Path("pipelines/families") / NAME
EDITIONS = {"2024-12": "2024-12-31", "2026-08": "2026-08-02"}
COLUMNS = ("id", "name", "brewery_type", "city", "website_url", "longitude", "latitude")
FIRST = '        "ks_airports"'
IMPORTED = "from pipelines.families.ks_airports"


class Newcomer:
    """One copy of the repository, and what is done in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for file in tree.files():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree.ROOT / file, root / file)
        self.call("git", "init", "--quiet")
        self.commit()

    def call(self, *words: str) -> str:
        """Run a command there, and return what it said."""
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def cli(self, *words: str) -> str:
        """Run the terminal's command there."""
        return self.call(sys.executable, "-m", "pipelines.cli", *words)

    def commit(self) -> None:
        """Keep all that is there."""
        self.call("git", "add", "--all")
        who = ("-c", "user.name=A newcomer", "-c", "user.email=newcomer@kfm.example")
        self.call("git", *who, "commit", "--quiet", "--message", "Keep it")

    def write(self, data: Path) -> None:
        """Put one's own files in the place of the skeleton's, and the line into the table."""
        folder = self.root / FOLDER
        shutil.rmtree(folder / "samples")
        shutil.rmtree(folder / "schemas")
        shutil.copytree(WRITTEN, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "samples").mkdir()
        for edition, as_of in EDITIONS.items():
            (folder / "samples" / f"{edition}.csv").write_bytes(kansas(data / f"breweries_{as_of}.csv"))
        table = self.root / TABLE
        text = table.read_text(encoding="utf-8")
        text = text.replace(FIRST, f'        "{NAME}": {NAME}.materialise,\n{FIRST}', 1)
        text = text.replace(IMPORTED, f"from pipelines.families.{NAME} import steps as {NAME}\n{IMPORTED}", 1)
        table.write_text(text, encoding="utf-8")

    def lines(self) -> dict[str, int]:
        """Return how many lines of YAML and Python the family has, by file."""
        found = {
            file.relative_to(self.root / FOLDER).as_posix(): len(file.read_text("utf-8").splitlines())
            for file in sorted((self.root / FOLDER).rglob("*"))
            if file.suffix in {".yaml", ".py"}
        }
        return {**found, TABLE.as_posix(): self.changed()[TABLE.as_posix()][0]}

    def changed(self) -> dict[str, tuple[int, int]]:
        """Return the lines added to and taken from each file outside the family's folder."""
        told = self.call("git", "diff", "--numstat", "HEAD").splitlines()
        parts = [line.split("\t") for line in told]
        return {name: (int(added), int(taken)) for added, taken, name in parts}


def kansas(file: Path) -> bytes:
    """Return the rows of Kansas that have a place, and the columns that are published."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [
            row for row in csv.DictReader(stream) if row["state_province"] == "Kansas" and row["longitude"]
        ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

"""Make the faulty editions from 2026-09 by rule: `python -m pipelines.families.ks_airports.samples.make`."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

FROM = "2026-09"
WIDE, HIGH = 1000, 500
WEST, SOUTH, EAST, NORTH = -102.06, 36.98, -94.58, 40.01
Row = dict[str, str]


def _header_only(rows: list[Row]) -> list[Row]:
    return rows[:0]


def _swapped(rows: list[Row]) -> list[Row]:
    return [{**row, "lat": row["lon"], "lon": row["lat"]} for row in rows]


def _halved(rows: list[Row]) -> list[Row]:
    return rows[::2]


def _duplicates(rows: list[Row]) -> list[Row]:
    return [again for n, row in enumerate(rows) for again in ([row, row] if n % 20 == 0 else [row])]


def _pixels(rows: list[Row]) -> list[Row]:
    return [{**row, "lon": _across(row["lon"]), "lat": _down(row["lat"])} for row in rows]


def _across(degrees: str) -> str:
    return f"{(float(degrees) - WEST) / (EAST - WEST) * WIDE:.1f}"


def _down(degrees: str) -> str:
    return f"{(NORTH - float(degrees)) / (NORTH - SOUTH) * HIGH:.1f}"


RULES: Mapping[str, Callable[[list[Row]], list[Row]]] = {
    "header-only": _header_only,
    "swapped": _swapped,
    "halved": _halved,
    "duplicates": _duplicates,
    "pixels": _pixels,
}


def made(original: str, rule: str) -> str:
    """Return the text of one faulty edition."""
    reader = csv.DictReader(io.StringIO(original, newline=""))
    rows = RULES[rule](list(reader))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(reader.fieldnames or ()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write every faulty edition beside the real one."""
    here = Path(__file__).parent
    original = (here / f"{FROM}.csv").read_text(encoding="utf-8")
    for rule in RULES:
        (here / f"{FROM}-{rule}.csv").write_text(made(original, rule), encoding="utf-8")


if __name__ == "__main__":
    main()

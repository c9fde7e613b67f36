"""Make every edition by rule: `python -m pipelines.families.ks_sites.samples.make`; no site is a real one."""

import csv
import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path

COLUMNS = ("id", "name", "kind", "period", "note", "lon", "lat")
KINDS = ("camp", "village", "mound", "quarry", "trail")
PERIODS = ("Archaic", "Woodland", "Central Plains", "Great Bend", "Historic")
NOTE = "SYNTHETIC – made by rule, no real place"
SEED, COUNT, ADDED, REMOVED, MOVED = 20260505, 420, 14, 5, 6
# Where made-up people liked to live: middles, and how far around them, in degrees.
MIDDLES = ((-96.6, 39.1), (-98.2, 38.4), (-97.3, 37.3), (-99.6, 39.3), (-95.4, 38.9), (-100.4, 37.8))
SPREAD = 0.55
WEST, SOUTH, EAST, NORTH = -101.9, 37.05, -94.75, 39.95
Row = dict[str, str]


def _first(chance: random.Random, count: int, *, start: int = 1) -> list[Row]:
    return [_site(chance, number) for number in range(start, start + count)]


def _site(chance: random.Random, number: int) -> Row:
    west, south = chance.choice(MIDDLES)
    lon = min(EAST, max(WEST, west + chance.uniform(-SPREAD, SPREAD) * 1.6))
    lat = min(NORTH, max(SOUTH, south + chance.uniform(-SPREAD, SPREAD)))
    said = (
        f"SYN{number:04d}",
        f"Synthetic site {number}",
        chance.choice(KINDS),
        chance.choice(PERIODS),
        NOTE,
    )
    return dict(zip(COLUMNS, (*said, f"{lon:.5f}", f"{lat:.5f}"), strict=True))


def oldest() -> list[Row]:
    """Return the sites of the first edition."""
    return _first(random.Random(SEED), COUNT)  # noqa: S311  # the same places each time are what is wanted


def newest() -> list[Row]:
    """Return the sites of the second edition: some found, some struck out, some measured again."""
    chance = random.Random(SEED + 1)  # noqa: S311  # the same places each time are what is wanted
    kept = oldest()[REMOVED:]
    for row in kept[::70][:MOVED]:
        row["lon"], row["lat"] = f"{float(row['lon']) + 0.01:.5f}", f"{float(row['lat']) - 0.008:.5f}"
    return [*kept, *_first(chance, ADDED, start=COUNT + 1)]


def twice() -> list[Row]:
    """Return the second edition with every fortieth site standing twice."""
    return [again for n, row in enumerate(newest()) for again in ([row, row] if n % 40 == 0 else [row])]


RULES: Mapping[str, Callable[[], list[Row]]] = {
    "2025-05": oldest,
    "2026-05": newest,
    "2026-05-duplicates": twice,
}


def made(edition: str) -> str:
    """Return the text of one edition."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(RULES[edition]())
    return text.getvalue()


def main() -> None:
    """Write every edition, here and where the same sites are counted by county."""
    here = Path(__file__).parent
    for folder in (here, here.parents[1] / "ks_sites_by_county" / "samples"):
        for edition in RULES:
            (folder / f"{edition}.csv").write_text(made(edition), encoding="utf-8")


if __name__ == "__main__":
    main()

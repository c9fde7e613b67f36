"""What the proof of gates may ask for: tables that are printed at the end, and kept where one says."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TABLES = pytest.StashKey["dict[str, Table]"]()
WIDEST = 100


@dataclass(slots=True)
class Table:
    """What was seen, line by line, and a sum below."""

    heading: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Write one line."""
        self.rows.append(tuple(cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…" for cell in cells))

    def lines(self) -> Iterator[str]:
        """Yield the table, drawn."""
        every: Sequence[tuple[str, ...]] = (self.heading, *self.rows)
        widths = [max(map(len, column)) for column in zip(*every, strict=True)]
        for row in (self.heading, tuple("-" * width for width in widths), *self.rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield from self.below


def pytest_configure(config: pytest.Config) -> None:
    """Lay out the tables."""
    config.stash[TABLES] = {
        "sensitivity": Table(
            ("gate", "family", "smallest defect caught", "not caught at", "outcome", "rule")
        ),
        "specificity": Table(("family", "gate", "asked", "PASS", "REVIEW", "FAIL, ERROR", "why")),
    }


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tables, also when all went well; `KFM_PROOF` names a folder to keep them in."""
    for name, table in config.stash[TABLES].items():
        if not table.rows:
            continue
        lines = list(table.lines())
        terminalreporter.section(f"{name} of the gates")
        for line in lines:
            terminalreporter.write_line(line)
        if folder := os.environ.get("KFM_PROOF"):
            Path(folder, f"{name}.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


@pytest.fixture(scope="session")
def tables(request: pytest.FixtureRequest) -> dict[str, Table]:
    return request.config.stash[TABLES]

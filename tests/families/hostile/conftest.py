"""What tests of hostile files may ask for: a table to write into what each came to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

HEADING = ("file", "bytes", "outcome", "rule", "where", "what to do", "rows", "time", "memory")
WIDEST = 46
TABLE = pytest.StashKey["Table"]()


@dataclass(slots=True)
class Table:
    """What every file came to."""

    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Write one line."""
        self.rows.append(tuple(cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…" for cell in cells))

    def lines(self) -> Iterator[str]:
        """Yield the table, drawn."""
        widths = [max(map(len, column)) for column in zip(HEADING, *self.rows, strict=True)]
        for row in (HEADING, tuple("-" * width for width in widths), *self.rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield f"{len(self.rows)} files."


def pytest_configure(config: pytest.Config) -> None:
    """Lay out the table."""
    config.stash[TABLE] = Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, also when all went well."""
    table = config.stash[TABLE]
    if table.rows:
        terminalreporter.section("hostile and broken files")
        for line in table.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Table:
    return request.config.stash[TABLE]

"""What every test of faults may ask for: one house for all, and a table to write into what was seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults import editions, invariants
from tests.faults.house import House
from tests.stack import stack

HEADING = ("broken", "when", "of", "healed in", "what was seen")
TABLE = pytest.StashKey["Table"]()


@dataclass(slots=True)
class Table:
    """What was done to the house, and how it took it."""

    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    unfinished: int = 0  # files in the store whose writers were killed; nobody reads them

    def add(self, victim: str, moment: str, *, seen: str, seconds: float, family: str = "") -> None:
        """Write one line."""
        self.rows.append((victim, moment, family, f"{seconds:5.1f} s", seen))

    def lines(self) -> Iterator[str]:
        """Yield the table, drawn."""
        widths = [max(map(len, column)) for column in zip(HEADING, *self.rows, strict=True)]
        for row in (HEADING, tuple("-" * width for width in widths), *self.rows):
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield f"{len(self.rows)} cases; {self.unfinished} unfinished files are left in landing places."


def pytest_configure(config: pytest.Config) -> None:
    """Lay out the table."""
    config.stash[TABLE] = Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, also when all went well."""
    table = config.stash[TABLE]
    if table.rows:
        terminalreporter.section("faults")
        for line in table.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Table:
    return request.config.stash[TABLE]


@pytest.fixture(scope="session")
def standing(table: Table) -> Iterator[House]:
    """Start a house with short patience, and have a first edition published in it."""
    with stack(durable=True, KFM_HEARTBEAT_S="0.3", KFM_LEASE_S="6", KFM_SWEEP_S="0.5") as running:
        house = House(running)
        for family in editions.OPEN:
            house.approve(house.reviewed(family))
        house.until_quiet()
        yield house
        table.unfinished = len(invariants.leftovers(house.store))


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    """Give out the house at rest, and see that it is sound again afterwards."""
    standing.running.mend()
    standing.until_answers()
    standing.until_quiet()
    yield standing
    standing.running.parts.check()
    assert invariants.broken(standing) == []

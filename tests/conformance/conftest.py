"""What tests against published standards may ask for: a place to count what was judged."""

from collections import Counter
from pathlib import Path

import pytest

from tests.conformance.published import Release, releases

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"
COUNTS = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin at nought."""
    config.stash[COUNTS] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how much of each standard's material was judged."""
    counts = config.stash[COUNTS]
    if counts:
        terminalreporter.section("judged")
        for name, count in sorted(counts.items()):
            terminalreporter.write_line(f"{count:>6}  {name}")


@pytest.fixture
def judged(request: pytest.FixtureRequest) -> Counter[str]:
    """Count what was judged, by the name of the material."""
    return request.config.stash[COUNTS]


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, ...]:
    """Carry out one edition of every family."""
    return releases(tmp_path_factory.mktemp("store"))

"""What tests of people's side may ask for: real results, and a journey of one's own to put them on."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.kfm_review.journey import Journey, Results


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Carry out editions in one store, each once."""
    return Results(tmp_path_factory.mktemp("results"))


@pytest.fixture
def journey(results: Results, tmp_path: Path, settings: Settings, db: None) -> Journey:  # noqa: ARG001  # rows are made
    """Begin with three people, an empty store and an empty database."""
    settings.STORE_URL = (tmp_path / "store").as_uri()
    return Journey(results, tmp_path / "store")

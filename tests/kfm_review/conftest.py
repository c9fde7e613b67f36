"""What tests of people's side may ask for: real results, and a journey of one's own to put them on."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.kfm_review.journey import Journey, Results
from tests.kfm_review.signing.governed import Governed


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Carry out editions in one store, each once."""
    return Results(tmp_path_factory.mktemp("results"))


@pytest.fixture
def journey(results: Results, tmp_path: Path, settings: Settings, db: None) -> Journey:  # noqa: ARG001  # rows are made
    """Begin with three people, an empty store and an empty database."""
    settings.STORE_URL = (tmp_path / "store").as_uri()
    return Journey(results, tmp_path / "store")


@pytest.fixture
def governed(db: None, settings: Settings) -> Governed:  # noqa: ARG001  # rows are made
    """Begin with people of governance, their passkeys and roster 1, whose root is pinned."""
    settings.KFM_ROOT = ""
    made = Governed()
    settings.KFM_ROOT = made.root_key
    return made

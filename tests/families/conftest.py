"""What tests of the families may ask for."""

import pytest

from tests.pipelines.runs import Runs


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Carry out editions in one store, each once."""
    return Runs(tmp_path_factory.mktemp("store"))

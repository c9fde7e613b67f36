"""What tests of labels may ask for: a run of each label."""

import pytest

from tests.pipelines import labelled, made


@pytest.fixture(scope="session")
def public() -> made.Whole:
    return made.whole()


@pytest.fixture(scope="session")
def restricted() -> made.Whole:
    return made.whole(labels=labelled.RESTRICTED)


@pytest.fixture(scope="session")
def coarser(tmp_path_factory: pytest.TempPathFactory) -> labelled.Left:
    return labelled.counted(tmp_path_factory.mktemp("coarser"))

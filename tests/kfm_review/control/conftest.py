"""What control's tests need: the real broker with empty queues, and a broker that is away."""

from collections.abc import Iterator

import pytest
from celery import Celery

from kfm_review.celery import app
from tests.kfm_review.control.lying import Lying


@pytest.fixture
def lying() -> Iterator[Lying]:
    """Return what lies in the broker's queues, empty at first and left empty."""
    app.set_current()
    with app.connection_for_read() as connection:
        found = Lying(connection.default_channel)
        found.empty()
        yield found
        found.empty()


@pytest.fixture
def broker_away(lying: Lying) -> Iterator[None]:  # noqa: ARG001  # goes first
    """Let whatever control sends go to a broker that does not answer."""
    gone = Celery("gone", broker="redis+socket:///nonexistent/socket?virtual_host=0", set_as_current=False)
    gone.set_current()
    yield
    app.set_current()

"""A broker that was named and does not answer is told before anything leans on it."""

import pytest

from kfm_review.local.refusal import NotStarted
from kfm_review.local.services import check_broker


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "post://127.0.0.1", "redis+socket:///nowhere"])
def test_a_broker_that_does_not_answer_is_refused(url: str) -> None:
    with pytest.raises(NotStarted, match="mend BROKER_URL"):
        check_broker(url)

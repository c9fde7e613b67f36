"""What tests of releases may ask for: machines with keys on a roster, where all must be signed."""

import pytest

from kfm_review.signing import machines
from tests.kfm_review.keyring import Keyring


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """Let a roster stand, so that what machines say counts only when it is signed."""
    made = Keyring()
    monkeypatch.setattr(machines, "current", lambda: made.roster)
    return made

"""The root of a demo's roster: where it lies on this machine, it signs the first keys of people."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from kfm_review.errors import NotPossible
from kfm_review.people import rosters
from kfm_review.signing import statements
from pipelines.proof import sshsig
from pipelines.proof.roster import Roster

DEMO_ONLY = ("local", "test")


def sign(digest: str, *, now: datetime) -> Roster:
    """Sign one proposed version with the demo's root, while nobody else can."""
    file = os.environ.get("KFM_ROOT_KEY_FILE", "")
    if settings.KFM_ENV not in DEMO_ONLY or not file:
        raise NotPossible(
            "The root key is not on this machine.",
            next_step="Whoever holds it runs `manage.py roster sign`, then `roster adopt` is run here.",
        )
    private = sshsig.load(Path(file).read_bytes())
    return rosters.sign_as_root(statement=statements.find(digest), private=private, now=now)

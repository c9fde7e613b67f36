"""The standing approval: what it must say, in which namespace it is signed, and when its time is."""

from datetime import datetime

from pipelines.model import Json
from pipelines.proof.roster import moment

PREDICATE = "urn:kfm:predicate:standing-approval:1"
NAMESPACE = "release@kfm-review"
FIELDS = frozenset(
    (
        *("asset", "family", "labels", "outcome", "expires_at", "reason", "requested_by"),
        *("id", "nonce", "issued_at"),
    )
)


def live(told: Json, *, at: datetime) -> bool:
    """Answer whether a standing approval had been issued at a moment, and had not expired."""
    return moment(told.get("issued_at")) <= at < moment(told.get("expires_at"))

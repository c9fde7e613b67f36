"""Lines of the audit as a bundle holds them: each is read whole, or refused by its name."""

import re
from collections.abc import Mapping

from pipelines import digest
from pipelines.errors import NotProved, Stopped
from pipelines.model import Json
from pipelines.proof.roster import moment

SCHEMA = "kfm/event/1"
OF_EVENT = frozenset(("schema", "at", "actor", "action", "target", "family", "why", "details"))
TEXTS = ("at", "action", "target", "family", "why")
NUMBERED = re.compile(r"audit/events/(\d{12})\.json")
NAME = re.compile(r"[0-9a-f]{64}")
PLAIN = (str, int, float, bool, list, type(None))

OF_STATEMENT = {"manifest": str, "statement": str}
DETAILS: Mapping[str, Mapping[str, type]] = {
    "review.opened": {"manifest": str, "run": str, "pool": str},
    "review.decided": {"manifest": str, "verdict": str, "role": str, "n": int},
    "promotion.verified": {"manifest": str, "verification": str},
    "release.published": {"manifest": str, "number": int, "promotion": int, "documents": list},
    "exception.granted": {**OF_STATEMENT, "signed_by": list},
    "exception.denied": OF_STATEMENT,
    "exception.revoked": OF_STATEMENT,
    "exception.voided": OF_STATEMENT,
    "exception.expired": OF_STATEMENT,
    "standing-approval.signed": {"statement": str},
    "standing-approval.used": {**OF_STATEMENT, "review": int, "signed_by": str},
    "standing-approval.ended": {"statement": str},
    "roster.adopted": {"statement": str, "signed_by": str},
}


def number(name: str) -> int:
    """Return which line a file is said to be."""
    found = NUMBERED.fullmatch(name)
    if found is None:
        raise NotProved(f"{name[:80]} does not say which line of the audit it is.")
    return int(found[1])


def read(name: str, content: bytes) -> Json:
    """Return a line; what the checks look for in it is there, and of the kind it must be.

    Raises:
        NotProved: it is no line of the audit, or says less than a line of its kind.
    """
    try:
        said = digest.read_json(content)
        if digest.canonical(said) != content:
            raise NotProved("it is not in canonical form")
        _check(said)
    except Stopped as cause:
        raise NotProved(f"{name} is no line of the audit: {cause}") from cause
    found: Json = said
    return found


def _check(said: object) -> None:
    if not isinstance(said, dict) or set(said) != OF_EVENT or said["schema"] != SCHEMA:
        raise NotProved("it says less or more than a line")
    if not all(isinstance(said[one], str) for one in TEXTS) or not isinstance(said["actor"], str | None):
        raise NotProved("its words are no words")
    moment(said["at"])
    _check_details(str(said["action"]), said["details"])


def _check_details(action: str, details: object) -> None:
    if not isinstance(details, dict) or not all(isinstance(one, PLAIN) for one in details.values()):
        raise NotProved("its details are none")
    for one in details.values():
        if isinstance(one, list) and not all(isinstance(word, str) for word in one):
            raise NotProved("a list in its details is not of words")
    for name, kind in DETAILS.get(action, {}).items():
        if type(details.get(name)) is not kind:
            raise NotProved(f"{action} does not say its {name}")
    for name in ("manifest", "statement", "verification"):
        if name in DETAILS.get(action, {}) and not NAME.fullmatch(details[name]):
            raise NotProved(f"{action} does not name its {name} by a digest")

"""What may be asked of machines, which of their words count, and when a result says nothing new."""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kfm_review.errors import Invalid, NotPossible
from kfm_review.runs.states import ACTIVE, Status
from pipelines import digest
from pipelines.family import Edition, Partitions
from pipelines.model import Outcome

MOST_STEPS = 1000
EDITION = re.compile(
    r"(?=.{4,120}\Z)[1-9][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?(?:-[a-z][a-z0-9]*)*"
)  # a year, month or day, and words: the catalog says of which time it speaks
ORDER = (Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.ERROR, Outcome.NOT_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands already: the current release, or an open review, and what its gates said."""

    name: str
    input_hash: str | None
    content_digest: str | None
    spec_hash: str | None
    outcomes: Mapping[str, str]


def check_edition(edition: str, *, known: Collection[str], delivered: bool) -> None:
    """Refuse an edition that neither comes with the family nor is delivered now."""
    if delivered and not EDITION.fullmatch(edition):
        raise Invalid(
            "The edition needs a name that begins with its time.",
            cause=f"{edition[:80]!r} is none." if edition else "None was given.",
            next_step="Write a year, month or day, and words after it if need be: 2026-09-corrected.",
        )
    if not delivered and edition not in known:
        raise Invalid(
            f"There is no edition {edition[:80]!r}.",
            cause="It does not come with the family, and no file was delivered.",
            next_step=f"Choose one of {', '.join(known)}, or deliver a file.",
        )


def check_partition(partition: str | None, *, partitions: Partitions, of: Edition | None = None) -> None:
    """Refuse a partition the family does not have, or another than an edition that is here belongs to."""
    if not partitions.has(partition):
        raise Invalid(
            f"There is no partition {partition[:80]!r}." if partition else "The partition is missing.",
            cause=f"The partitions of this family are {partitions.told}.",
            next_step="Say to which the file belongs.",
        )
    if of is not None and of.partition != partition:
        raise Invalid(
            f"Edition {of.edition} does not belong to {partition}.",
            cause=f"It belongs to {of.partition}.",
            next_step="Leave the partition out, or deliver a file for it.",
        )


def check_uploads(delivered: Mapping[str, int], *, inputs: Mapping[str, int]) -> None:
    """Refuse files that no input asks for, that are too large, or that are only some of those needed."""
    if not delivered:
        return
    if set(delivered) != set(inputs):
        raise Invalid(
            "The files are not the ones this family reads.",
            cause=f"It reads {', '.join(sorted(inputs))}; delivered were {', '.join(sorted(delivered))}.",
            next_step="Deliver one file for each input.",
        )
    for name, size in delivered.items():
        if size > inputs[name]:
            raise Invalid(
                f"The file for {name} is too large.",
                cause=f"It has {size:,} bytes; the family reads at most {inputs[name]:,}.",
                next_step="Deliver a smaller file.",
            )


def check_counts(*, status: Status, number: int, latest: int) -> None:
    """Refuse what an attempt says that is not the one at work."""
    if number != latest:
        raise NotPossible(f"Attempt {number} is over: attempt {latest} took its place.")
    if status not in ACTIVE:
        raise NotPossible(f"The run is {status}: it takes no more words from attempt {number}.")


def step_of(message: Mapping[str, object]) -> tuple[int, int]:
    """Return which step of how many a message speaks of; what is no such number is 0."""
    said = (message.get("n"), message.get("of"))
    n, of = (value if type(value) is int and 0 <= value <= MOST_STEPS else 0 for value in said)
    return n, of


def same_secret(secret: str, *, hashed: str) -> bool:
    """Answer whether this is the secret whose hash is kept."""
    return hmac.compare_digest(digest.of(secret.encode()), hashed)


def unchanged(now: Standing, *, outcome: Outcome, than: Standing) -> str:
    """Say why a result brings nothing beyond what stands; "" when it does bring something.

    An ERROR never counts as done, and a gate that says worse than before is news.
    """
    if outcome is Outcome.ERROR or _worse(now.outcomes, than.outcomes):
        return ""
    if now.spec_hash is not None and now.spec_hash == than.spec_hash:
        return f"{than.name} looks at exactly this already."
    if now.input_hash is not None and now.input_hash == than.input_hash:
        return f"The same inputs, code and rules made {than.name}."
    if now.content_digest is not None and now.content_digest == than.content_digest:
        return f"The content is the same as in {than.name}."
    return ""


def _worse(now: Mapping[str, str], then: Mapping[str, str]) -> bool:
    """Answer whether any gate says worse than it did; a new gate is measured against PASS."""
    return any(
        ORDER.index(Outcome(outcome)) > ORDER.index(Outcome(then.get(gate, Outcome.PASS)))
        for gate, outcome in now.items()
    )

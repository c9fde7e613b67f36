"""The reasons why a machine stops, each with a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


class Stopped(Exception):
    """Say in one sentence what is wrong and what to do."""


class ArtifactMissing(Stopped):
    """The store has no bytes of that digest."""


class ArtifactDamaged(Stopped):
    """The bytes in the store are not the ones their name says."""


class TooLarge(Stopped):
    """Something is larger than its stated bound."""


class NotADigest(Stopped):
    """A name is not 64 lowercase hexadecimal digits."""


class OutsidePlace(Stopped):
    """A path leaves the folder it belongs to."""


class NotStrict(Stopped):
    """A document is not the strict JSON or YAML that digests need."""


class CodeUnknown(Stopped):
    """The files that say which code runs cannot be found."""


class InputMissing(Stopped):
    """An input cannot be had."""


class EditionUnknown(Stopped):
    """The family has no such edition and none was delivered."""


class AssetUnknown(Stopped):
    """A family makes no such asset."""


class FamilyUnknown(Stopped):
    """No family has that name."""


class PolicyMissing(Stopped):
    """Policy numbers are absent, so nothing may pass."""


class PolicyBroken(Stopped):
    """Policy could not be asked, or did not answer as it must: nothing may pass."""


class ManifestInvalid(Stopped):
    """A manifest does not say what its schema demands."""


class JobInvalid(Stopped):
    """A job does not say what its schema demands."""


class StepsMissing(Stopped):
    """A family is declared, but nothing says how it is made."""


class NotMade(Stopped):
    """Something is asked for that this run has not made."""


class KeysNotUnique(Stopped):
    """A key is missing or stands twice, so that rows cannot be paired."""


class NotComparable(Stopped):
    """Two editions cannot be compared as they are."""


class TilerFailed(Stopped):
    """The tiler made no archive."""


class ArchiveUnreadable(Stopped):
    """A tile archive or one of its tiles is not what its format says."""


class PreviewRefused(Stopped):
    """A map holds something the desk does not draw."""


class DocumentInvalid(Stopped):
    """A catalog document does not say what its standard demands."""


class NotProved(Stopped):
    """A signature, a key, a proof or what it stands on does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing wrong in a family's folder: where, what, and what would be right."""

    file: str
    path: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path or '(whole file)'}: {self.wrong}; allowed: {self.allowed}"


class FamilyInvalid(Stopped):
    """A family's folder has mistakes; `mistakes` names each."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in mistakes))

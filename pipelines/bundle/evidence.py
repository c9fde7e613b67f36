"""A bundle's documents as they are read for checking; each is read once, and none is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pipelines import digest, manifest
from pipelines.bundle import contents, lines
from pipelines.errors import NotProved
from pipelines.manifest import Manifest
from pipelines.model import Json
from pipelines.proof import chain
from pipelines.proof.roster import Roster, moment

ADOPTED = "roster.adopted"


@dataclass(frozen=True, kw_only=True)  # no slots: what is read is kept
class Evidence:
    """The files of a bundle, and the fingerprint of the root key that whoever checks has pinned."""

    files: Mapping[str, bytes]
    root: str

    def file(self, name: str) -> bytes:
        """Return a file, or say that it is missing."""
        if name not in self.files:
            raise NotProved(f"The bundle lacks {name}.")
        return self.files[name]

    def json(self, name: str) -> Json:
        """Return a canonical JSON document."""
        content = self.file(name)
        said = digest.read_json(content)
        if digest.canonical(said) != content:
            raise NotProved(f"{name} is not in canonical form.")
        if not isinstance(said, dict):
            raise NotProved(f"{name} is no object.")
        return said

    @cached_property
    def about(self) -> Json:
        return contents.about(self.files)

    @property
    def of_release(self) -> bool:
        return bool(self.about["kind"] == contents.RELEASE)

    @cached_property
    def manifest(self) -> Manifest:
        """Return the manifest that all of it is about."""
        content = self.file(contents.MANIFEST)
        if digest.of(content) != self.about["manifest"]:
            raise NotProved("The manifest is not the one that the bundle says it is about.")
        return manifest.parse(content)

    @cached_property
    def rosters(self) -> tuple[Roster, ...]:
        """Return every version of the roster, verified from the pinned root on, by when the audit took it."""
        named = list(contents.below(self.files, "roster/"))
        if [name for name, _ in named] != [f"roster/{n:05d}.json" for n in range(1, len(named) + 1)]:
            raise NotProved("A version of the roster is missing.")
        return chain.verify_chain([content for _, content in named], root=self.root, kept=self.adopted)

    @property
    def adopted(self) -> Mapping[str, datetime]:
        """Return when each version was adopted, the first time it was."""
        found = [said for said in self.events.values() if said["action"] == ADOPTED]
        told = sorted(((moment(said["at"]), said["details"]["statement"]) for said in found), reverse=True)
        return {name: at for at, name in told}

    def roster_at(self, at: datetime) -> Roster:
        """Return the version that counted at a moment."""
        earlier = [one for one in self.rosters if one.counts_from <= at]
        if not earlier:
            raise NotProved(f"At {at.isoformat()} there was no roster: nobody's key counted.")
        return earlier[-1]

    @cached_property
    def events(self) -> Mapping[int, Json]:
        """Return the enclosed lines of the audit by number; that they are in the tree, its check says."""
        found: dict[int, Json] = {}
        for name, content in contents.below(self.files, "audit/events/"):
            number = lines.number(name)
            found[number] = lines.read(name, content)
        if not found:
            raise NotProved("The bundle holds no line of the audit.")
        return found

    def event(self, action: str, **details: object) -> Json:
        """Return the one line that says that this was done to exactly this manifest."""
        wanted = {"manifest": self.about["manifest"], **details}
        found = [
            said
            for said in self.events.values()
            if said["action"] == action
            and all(said["details"].get(name) == value for name, value in wanted.items())
        ]
        if not found:
            raise NotProved(f"No line of the audit says {action} of this manifest.")
        return found[0]

    def told(self, action: str, *, statement: str) -> Json:
        """Return the one line that says that this was done by a statement, whatever manifest it is about."""
        for said in self.events.values():
            if said["action"] == action and said["details"].get("statement") == statement:
                return said
        raise NotProved(f"No line of the audit says {action} of the statement {statement[:8]}.")

    @property
    def published_at(self) -> datetime:
        """Return when the release was published, by the audit."""
        return moment(self.event("release.published", number=self.about["release"])["at"])

    @cached_property
    def moment(self) -> datetime:
        """Return when the last thing happened that the bundle is evidence of."""
        return max(moment(said["at"]) for said in self.events.values())

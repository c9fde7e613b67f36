"""Whether a checkpoint continues the log that is known, and the cosignature if it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.errors import NotProved
from pipelines.proof import merkle, note
from pipelines.witness import request
from pipelines.witness.memory import Memory, Page, Seen
from pipelines.witness.request import Asked

SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the witness says, in the words of HTTP."""

    status: HTTPStatus
    words: str
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Whose key cosigns under which name, the keys of the logs it knows, and what it remembers."""

    name: str
    private: Ed25519PrivateKey
    logs: Callable[[], Sequence[note.Verifier]]
    memory: Memory

    def add_checkpoint(self, body: bytes, *, at: int) -> Answer:
        """Cosign a checkpoint that continues the last one of its log."""
        try:
            asked = request.read(body)
        except NotProved as why:
            return _refused(HTTPStatus.BAD_REQUEST, str(why))
        keys = [key for key in self.logs() if key.name == asked.said.origin]
        if not keys:
            return _refused(HTTPStatus.NOT_FOUND, "This log is not one that is witnessed here.")
        if not any(_signed(asked.told, by=key) for key in keys):
            return _refused(HTTPStatus.FORBIDDEN, "No key of this log signed the checkpoint.")
        if asked.old > asked.said.size:
            return _refused(HTTPStatus.BAD_REQUEST, "The old size is larger than the new one.")
        with self.memory.of(asked.said.origin) as page:
            return self._continued(page, asked, at=at)

    def _continued(self, page: Page, asked: Asked, *, at: int) -> Answer:
        """Cosign what continues what is known; write down first what is cosigned."""
        known = page.seen() or Seen(size=0, root=merkle.EMPTY)
        if asked.old != known.size:
            return Answer(status=HTTPStatus.CONFLICT, words=f"{known.size}\n", media_type=SIZE)
        try:
            _check_continues(known, asked)
        except NotProved as why:
            return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(why))
        page.keep(Seen(size=asked.said.size, root=asked.said.root), note=asked.told.text)
        line = note.cosign(asked.told.text, name=self.name, private=self.private, at=at)
        return Answer(status=HTTPStatus.OK, words=line)


def _check_continues(known: Seen, asked: Asked) -> None:
    """Refuse a tree that does not begin with the one that is known."""
    if known.size == 0:
        if asked.proof:
            raise NotProved("Nothing is known of this log: no proof is needed.")
        if asked.said.size == 0 and asked.said.root != merkle.EMPTY:
            raise NotProved("The root of an empty tree is the hash of nothing.")
        return
    merkle.check_consistency(
        first=known.size,
        second=asked.said.size,
        first_root=known.root,
        second_root=asked.said.root,
        proof=asked.proof,
    )


def _signed(told: note.Note, *, by: note.Verifier) -> bool:
    try:
        note.verify(told, by=by)
    except NotProved:
        return False
    return True


def _refused(status: HTTPStatus, why: str) -> Answer:
    return Answer(status=status, words=f"{why}\n")

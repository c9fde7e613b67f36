"""What a log says as texts: signed notes, checkpoints, cosignatures, proofs.

Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.errors import NotProved

ED25519, COSIGNATURE = 0x01, 0x04  # the types of keys that we know
DASH = "\u2014 "
LONGEST = 64 * 1024
MOST_SIGNATURES = 32
PROOF = "c2sp.org/tlog-proof@v1"
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A name and a key that a note's signature line is held against; `kind` is the key's type."""

    name: str
    public: Ed25519PublicKey
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the first four bytes of SHA-256 over name, newline, type and key."""
        raw = bytes([self.kind]) + self.public.public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]

    @property
    def text(self) -> str:
        """Return the verifier key as a text: `name+hash+base64`."""
        raw = bytes([self.kind]) + self.public.public_bytes_raw()
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(raw).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One signature line: `blob` is what follows the four bytes of the key's id."""

    name: str
    key_id: bytes
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves it has, and their root of 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def verifier(text: str) -> Verifier:
    """Return the verifier of a text `name+hash+base64`; refuse one whose hash is another's."""
    name, _, rest = text.partition("+")
    hashed, _, encoded = rest.partition("+")
    raw = _bytes(encoded)
    if not _is_name(name) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):  # noqa: PLR2004
        raise NotProved("This is no verifier key: `name+hash+base64` is expected.")
    found = Verifier(name=name, public=Ed25519PublicKey.from_public_bytes(raw[1:]), kind=raw[0])
    if found.key_id.hex() != hashed:
        raise NotProved(f"The verifier key of {name} has another hash than it says.")
    return found


def sign(text: str, *, name: str, private: Ed25519PrivateKey) -> str:
    """Return the signature line of a note."""
    key = Verifier(name=name, public=private.public_key())
    return _line(name, key.key_id + private.sign(_checked(text).encode()))


def cosign(text: str, *, name: str, private: Ed25519PrivateKey, at: int) -> str:
    """Return the line by which a witness says when, in seconds of POSIX time, it saw this checkpoint."""
    key = Verifier(name=name, public=private.public_key(), kind=COSIGNATURE)
    blob = at.to_bytes(8, "big") + private.sign(_cosigned(_checked(text), at))
    return _line(name, key.key_id + blob)


def written(text: str, lines: Sequence[str]) -> str:
    """Return the whole note: text, an empty line, signature lines."""
    return f"{_checked(text)}\n{''.join(lines)}"


def read(content: str) -> Note:
    """Return a note's text and signature lines, unverified.

    Raises:
        NotProved: it is none, or has no signature.
    """
    text, blank, signed = content.rpartition("\n\n")
    if not blank or len(content.encode()) > LONGEST or not signed.endswith("\n"):
        raise NotProved("This is no signed note: a text, an empty line and signatures are expected.")
    rows = signed.removesuffix("\n").split("\n")
    if len(rows) > MOST_SIGNATURES:
        raise NotProved(f"The note has {len(rows)} signatures; at most {MOST_SIGNATURES} are read.")
    return Note(text=_checked(text + "\n"), lines=tuple(map(_read_line, rows)))


def verify(note: Note, *, by: Verifier) -> None:
    """Refuse a note that this key has not signed."""
    blob = _blob(note, by)
    try:
        by.public.verify(blob, note.text.encode())
    except InvalidSignature as cause:
        raise NotProved(f"The signature of {by.name} is not of this note.") from cause


def cosigned_at(note: Note, *, by: Verifier) -> datetime:
    """Return when a witness saw this checkpoint; refuse a note that it has not cosigned."""
    blob = _blob(note, by)
    if by.kind != COSIGNATURE or len(blob) != 72:  # noqa: PLR2004  # 8 of time, 64 of signature
        raise NotProved(f"The line of {by.name} is no cosignature.")
    at = int.from_bytes(blob[:8], "big")
    try:
        by.public.verify(blob[8:], _cosigned(note.text, at))
    except InvalidSignature as cause:
        raise NotProved(f"The cosignature of {by.name} is not of this checkpoint.") from cause
    return seen_at(blob)


def seen_at(cosignature: bytes) -> datetime:
    """Return when a witness says that it saw a checkpoint, as the blob of its line has it; unverified."""
    try:
        return datetime.fromtimestamp(int.from_bytes(cosignature[:8], "big"), tz=UTC)
    except (OverflowError, ValueError, OSError) as cause:
        raise NotProved("The witness says that it saw the checkpoint at a time that there is not.") from cause


def checkpoint(text: str) -> Checkpoint:
    """Return what a checkpoint's text says; lines after the third are the log's own and not read."""
    origin, size, root, *_ = (*text.split("\n"), "", "", "")
    if not origin or not NUMBER.fullmatch(size):
        raise NotProved("This is no checkpoint: a name, a size and a root are expected.")
    found = _bytes(root)
    if len(found) != hashlib.sha256().digest_size or int(size) >= 2**63:
        raise NotProved("The checkpoint's root is not of 32 bytes, or its size is no size.")
    return Checkpoint(origin=origin, size=int(size), root=found)


def proof(*, index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the proof of one line as a text: its number, the hashes upwards, and the signed checkpoint."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in path)
    return f"{PROOF}\nindex {index}\n{hashes}\n{checkpoint}"


def read_proof(content: str) -> tuple[int, tuple[bytes, ...], str]:
    """Return a proof's index, hashes and signed checkpoint; nothing is verified yet."""
    head, blank, signed = content.partition("\n\n")
    rows = head.split("\n")
    if not blank or len(content) > LONGEST or rows[0] != PROOF or len(rows) < 2:  # noqa: PLR2004
        raise NotProved(f"This is no proof: {PROOF} is expected.")
    word, _, number = rows[1].partition(" ")
    if word != "index" or not NUMBER.fullmatch(number):
        raise NotProved("The proof does not say which line it is of.")
    return int(number), tuple(map(_bytes, rows[2:])), signed


def _blob(note: Note, by: Verifier) -> bytes:
    found = [line.blob for line in note.lines if (line.name, line.key_id) == (by.name, by.key_id)]
    if len(found) != 1:
        raise NotProved(f"The note has {len(found)} signatures of {by.name}, not one.")
    return found[0]


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _line(name: str, blob: bytes) -> str:
    if not _is_name(name):
        raise NotProved("A signer's name has neither blanks nor +.")
    return f"{DASH}{name} {base64.b64encode(blob).decode()}\n"


def _read_line(row: str) -> Line:
    name, blank, encoded = row.removeprefix(DASH).partition(" ")
    blob = _bytes(encoded) if blank else b""
    if not row.startswith(DASH) or not _is_name(name) or len(blob) <= 4:  # noqa: PLR2004  # the key's id
        raise NotProved("A signature line of the note is damaged.")
    return Line(name=name, key_id=blob[:4], blob=blob[4:])


def _checked(text: str) -> str:
    """Return a note's text; refuse control signs, and one that does not end its last line."""
    if not text.endswith("\n") or any(ord(sign) < 32 and sign != "\n" for sign in text):  # noqa: PLR2004
        raise NotProved("A note's text consists of whole lines without control signs.")
    return text


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _bytes(encoded: str) -> bytes:
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise NotProved("The base64 of the note is damaged.") from cause
    if base64.b64encode(found).decode() != encoded:
        raise NotProved("The base64 of the note is not in its one form.")
    return found

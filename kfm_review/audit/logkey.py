"""The sequencer's key: it signs checkpoints under the name of the log."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.proof import keys, note, sshsig
from pipelines.witness.request import ORIGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """Signs what the log comes to."""

    private: Ed25519PrivateKey

    @property
    def fingerprint(self) -> str:
        """Return what rosters call it by."""
        return keys.ed25519(self.private.public_key()).fingerprint

    def sign(self, *, size: int, root: bytes) -> str:
        """Return the signed checkpoint."""
        text = note.Checkpoint(origin=ORIGIN, size=size, root=root).text
        return note.written(text, [note.sign(text, name=ORIGIN, private=self.private)])


def load(file: Path) -> LogKey:
    """Return the key in an OpenSSH file.

    Raises:
        NotProved: it is no Ed25519 key without a passphrase.
    """
    return LogKey(private=sshsig.load(file.read_bytes()))

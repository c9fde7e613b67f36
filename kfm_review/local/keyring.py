"""The keys of machines on one machine: a file for each, made the first time, read by its process alone."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfm_review.local.place import Place, write_private
from pipelines.proof import keys, sshsig
from pipelines.proof.keys import PublicKey

ROOT = "root"  # of the demo's roster
MACHINES = ("worker", "verify", "promoter", "control", "witness")
HOLDERS = (ROOT, *MACHINES)


def prepare(place: Place) -> None:
    """Make the key of every machine that has none."""
    (place.folder / "keys").mkdir(mode=0o700, exist_ok=True)
    for holder in HOLDERS:
        if not file(place, holder).is_file():
            private = Ed25519PrivateKey.generate()
            write_private(file(place, holder), sshsig.saved(private).decode())
            line = keys.ed25519(private.public_key()).line
            public_file(place, holder).write_text(f"{line} {holder}\n", encoding="utf-8")


def file(place: Place, holder: str) -> Path:
    """Return where a machine's private key lies."""
    return place.folder / "keys" / holder


def public_file(place: Place, holder: str) -> Path:
    """Return where its public half lies, for others to know it by."""
    return place.folder / "keys" / f"{holder}.pub"


def public(place: Place, holder: str) -> PublicKey:
    """Return a machine's public key."""
    prepare(place)
    return keys.read_line(public_file(place, holder).read_text(encoding="utf-8"))

"""Machines with keys of their own, and a roster that says what each of them may sign."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.proof import keys
from pipelines.proof.roster import Key, Roster
from tests.kfm_review.world import NOON

ROLES: Mapping[str, tuple[str, ...]] = {
    "worker": ("pool:light", "pool:geo", "pool:raster"),
    "elsewhere": ("pool:elsewhere",),
    "verify": ("verify",),
    "promoter": ("promoter",),
}


class Keyring:
    """Private keys by machine, and the roster of their public halves."""

    def __init__(self, *, since: datetime = NOON - timedelta(days=1)) -> None:
        self.private = {name: Ed25519PrivateKey.generate() for name in ROLES}
        self.stranger = Ed25519PrivateKey.generate()
        root = keys.ed25519(self.stranger.public_key()).fingerprint
        self.roster = Roster(
            version=1,
            previous=None,
            root=root,
            issued_at=since,
            origins=(),
            rp_ids=(),
            keys=tuple(self._key(name, since) for name in ROLES),
        )

    def _key(self, name: str, since: datetime) -> Key:
        return Key(
            public=keys.ed25519(self.private[name].public_key()),
            holder=f"machine:{name}",
            name=name,
            kind="machine",
            roles=ROLES[name],
            since=since,
            until=None,
        )

    def without(self, name: str, *, at: datetime) -> Roster:
        """Return the roster after one machine's key was retired."""
        fingerprint = keys.ed25519(self.private[name].public_key()).fingerprint
        changed = tuple(
            replace(one, retired_at=at, retired_why="It was stolen.")
            if one.fingerprint == fingerprint
            else one
            for one in self.roster.keys
        )
        return replace(self.roster, version=2, keys=changed)

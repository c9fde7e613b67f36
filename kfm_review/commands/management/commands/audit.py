"""`manage.py audit verify`: derive the whole audit record again, and name the first thing that is wrong."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kfm_review.audit import verifying
from kfm_review.audit.verifying import Wrong
from kfm_review.signing import rosters
from pipelines.errors import NotProved
from pipelines.proof import keys, roster
from pipelines.proof.keys import PublicKey
from pipelines.proof.roster import SEQUENCER, WITNESS, Roster

GIVEN = {SEQUENCER: "log_key", WITNESS: "witness_key"}


class Command(BaseCommand):
    help = "Derive every line, number, tile, checkpoint and cosignature again from the bytes that are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("deed", choices=["verify"])
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            type=Path,
            help="a signed note that was kept elsewhere",
        )
        parser.add_argument("--log-key", type=Path, help="the log's public key, where there is no roster")
        parser.add_argument("--witness-key", type=Path, help="the witness's public key, likewise")

    def handle(self, *_: Any, **options: Any) -> None:
        """Say how much was derived again; or, with exit code 1, what is wrong first."""
        known = _Known(options)
        copies = [_read(file) for file in options["checkpoint"]]
        try:
            found = verifying.verify(known.key, outside=copies, outsiders=known.of(SEQUENCER))
        except (Wrong, NotProved) as wrong:
            raise CommandError(f"The audit record is not whole. {wrong}") from wrong
        self.stdout.write(
            f"The audit record is whole: {found.lines} lines, {found.waiting} waiting for a number, "
            f"{found.tiles} tiles, {found.checkpoints} checkpoints, {found.cosignatures} cosignatures, "
            f"{found.outside} copies from outside."
        )


class _Known:
    """The keys that count: those of the roster, or those that were given."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._given = {
            role: keys.read_line(_read(options[name]).strip())
            for role, name in GIVEN.items()
            if options[name]
        }
        kept = rosters.kept()
        self._roster: Roster | None = kept[-1] if kept else None
        self._began = kept[0].issued_at if kept else None

    def key(self, fingerprint: str, role: str, at: datetime) -> PublicKey:
        """Return the key that counted in a role at a moment."""
        given = self._given.get(role)
        if given is not None and given.fingerprint == fingerprint:
            return given
        if self._roster is None:
            raise NotProved(f"there is no roster, and the key {fingerprint} was not given for the {role}.")
        at = max(at, self._began) if self._began else at  # signed before anybody's key could be listed
        return roster.key_at(self._roster, fingerprint, at=at, role=role).public

    def of(self, role: str) -> list[PublicKey]:
        """Return every key that has a role, or ever had it."""
        listed = self._roster.keys if self._roster else ()
        given = [self._given[role]] if role in self._given else []
        return given + [key.public for key in listed if role in key.roles]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise CommandError(f"{file} cannot be read: {cause}") from cause

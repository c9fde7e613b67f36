"""`manage.py roster`: make version 1 with a root key, adopt, sign and show versions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kfm_review.commands import rosters as made
from kfm_review.errors import Refused
from kfm_review.people import rosters as people
from kfm_review.signing import rosters, rules
from pipelines import spec
from pipelines.errors import Stopped
from pipelines.proof import envelope, keys, roster, sshsig

DEMO_ONLY = ("local", "test")


class Command(BaseCommand):
    help = "The signed list of whose keys count: make, adopt, sign and show it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name what can be done."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        init = deeds.add_parser("init", help="write version 1, signed by the root; needs no database")
        init.add_argument("--root", type=Path, required=True, help="the root's private key, Ed25519")
        init.add_argument("--machine", action="append", default=[], help="NAME=PUBLIC-KEY-FILE=ROLE,ROLE")
        init.add_argument("--origin", action="append", required=True, help="where passkeys sign")
        init.add_argument("--rp-id", action="append", required=True, help="what passkeys are made for")
        init.add_argument("--out", type=Path, required=True, help="the folder to write to")
        later = deeds.add_parser(
            "next", help="write the next version, signed by the root: machines come or go"
        )
        later.add_argument("--root", type=Path, required=True)
        later.add_argument("--machine", action="append", default=[], help="NAME=PUBLIC-KEY-FILE=ROLE,ROLE")
        later.add_argument("--retire", action="append", default=[], help="the fingerprint of a key")
        later.add_argument("--why", default="", help="why it is retired")
        later.add_argument("--out", type=Path, required=True, help="the file to write, for `adopt`")
        later.add_argument("chain", type=Path, help="all versions, as the roster's page gives them")
        adopt = deeds.add_parser("adopt", help="keep a signed version that was made elsewhere")
        adopt.add_argument("file", type=Path)
        sign = deeds.add_parser("sign", help="sign a proposed version with the root; needs no database")
        sign.add_argument("--root", type=Path, required=True)
        sign.add_argument("--out", type=Path, required=True, help="the file to write, for `adopt`")
        sign.add_argument("statement", type=Path, help="the .pae file that the statement's page gives")
        deeds.add_parser("show", help="whose keys count now")
        deeds.add_parser("allowed-signers", help="the same as `ssh-keygen -Y verify` reads it")
        demo = deeds.add_parser("demo", help="what `manage.py up` needs on one machine")
        demo.add_argument("--keys", type=Path, required=True)
        demo.add_argument("--origin", required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        """Do what was asked, or say in a sentence why not."""
        try:
            getattr(self, "_" + options["deed"].replace("-", "_"))(options)
        except (Refused, Stopped, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _init(self, asked: dict[str, Any]) -> None:
        root = sshsig.load(asked["root"].read_bytes())
        signed = made.first(
            [made.machine(words) for words in asked["machine"]],
            root=root,
            origins=asked["origin"],
            rp_ids=asked["rp_id"],
            now=timezone.now(),
        )
        asked["out"].mkdir(parents=True, exist_ok=True)
        (asked["out"] / "roster-1.json").write_bytes(signed)
        listed = roster.parse(envelope.read(signed).payload)
        (asked["out"] / "allowed_signers").write_text(
            roster.allowed_signers(listed, namespaces=rules.SPACES), encoding="utf-8"
        )
        fingerprint = keys.ed25519(root.public_key()).fingerprint
        self.stdout.write(f"{asked['out'] / 'roster-1.json'} is signed by the root {fingerprint}.")
        self.stdout.write("Pin this fingerprint (KFM_ROOT), keep the root offline, and run `roster adopt`.")

    def _next(self, asked: dict[str, Any]) -> None:
        root = sshsig.load(asked["root"].read_bytes())
        signed = made.changed(
            made.read_chain(asked["chain"].read_bytes(), root=root),
            machines=[made.machine(words) for words in asked["machine"]],
            retired=asked["retire"],
            why=asked["why"],
            root=root,
            now=timezone.now(),
        )
        asked["out"].write_bytes(signed)
        self.stdout.write(f"{asked['out']} is signed by the root: `roster adopt` it on the server.")

    def _adopt(self, asked: dict[str, Any]) -> None:
        found = people.bring(asked["file"].read_bytes(), now=timezone.now())
        self.stdout.write(f"Roster {found.version} is adopted: {len(found.keys)} keys.")

    def _sign(self, asked: dict[str, Any]) -> None:
        root = sshsig.load(asked["root"].read_bytes())
        asked["out"].write_bytes(made.by_root(asked["statement"].read_bytes(), root=root))
        self.stdout.write(f"{asked['out']} is signed by the root: `roster adopt` it on the server.")

    def _show(self, _: dict[str, Any]) -> None:
        now = timezone.now()
        for version in rosters.kept()[-1:]:
            self.stdout.write(f"Roster {version.version}, root {version.root}, signed by {version.signed_by}")
            for key in version.keys:
                state = "counts" if key.live(now) else "does not count"
                words = f"{key.holder:<24} {key.kind:<8} {','.join(key.roles):<28} {state}"
                self.stdout.write(f"  {words}  {key.fingerprint}")
        for one in rosters.strays():
            self.stdout.write(f"NO ROSTER: version {one.version}, sha256:{one.digest[:64]}: {one.why}")

    def _allowed_signers(self, _: dict[str, Any]) -> None:
        current = rosters.current()
        self.stdout.write(
            roster.allowed_signers(current, namespaces=rules.SPACES) if current else "", ending=""
        )

    def _demo(self, asked: dict[str, Any]) -> None:
        """List this machine's own keys, by a root that lies beside them: for one machine only."""
        if settings.KFM_ENV not in DEMO_ONLY:
            raise CommandError(
                f"A demo roster is refused with KFM_ENV={settings.KFM_ENV}: make one by `init`."
            )
        root, now = sshsig.load((asked["keys"] / "root").read_bytes()), timezone.now()
        pools = sorted({family.pool for family in spec.families()})
        machines = [
            made.machine(f"{name}={asked['keys'] / f'{name}.pub'}={','.join(roles)}")
            for name, roles in made.roles(pools).items()
        ]
        current = rosters.current()
        if current is None:
            signed: bytes | None = made.first(
                machines, root=root, origins=[asked["origin"]], rp_ids=["localhost"], now=now
            )
        else:
            signed = made.followed(current, machines, root=root, origin=asked["origin"], now=now)
        if signed is not None:
            found = people.bring(signed, now=now)
            self.stdout.write(f"Roster {found.version} lists {len(found.keys)} keys.")

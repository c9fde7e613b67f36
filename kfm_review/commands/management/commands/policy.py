"""`manage.py policy`: compile the policies into their bundle, or judge past runs by another one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kfm_review.reviews import replaying
from kfm_review.runs import reading
from pipelines import compiling
from pipelines.errors import PolicyBroken
from pipelines.rego import BUNDLE, Engine

LAST = 500
WORDS = {
    "fails": "newly fails",
    "passes": "newly passes",
    "broken": "cannot be judged",
    "without": "no judgement",
}


class Command(BaseCommand):
    help = "Compile the policies into the bundle that is committed; judge past runs by another bundle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name what can be done."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        build = deeds.add_parser("build", help="compile pipelines/policies by opa")
        build.add_argument("--to", type=Path, default=BUNDLE, help="the folder to write to")
        again = deeds.add_parser("replay", help="which past runs would newly pass or fail")
        again.add_argument("--bundle", type=Path, required=True, help="the folder of a compiled bundle")
        again.add_argument("--last", type=int, default=LAST, help="how many of the newest runs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do what was asked, or say in a sentence why not."""
        try:
            self._build(options["to"]) if options["deed"] == "build" else self._replay(options)
        except PolicyBroken as broken:
            raise CommandError(str(broken)) from broken

    def _build(self, folder: Path) -> None:
        self.stdout.write(f"The policy bundle is sha256:{compiling.build(to=folder)}.")

    def _replay(self, options: dict[str, Any]) -> None:
        if options["last"] < 1:
            raise CommandError("--last must be at least 1: nothing would be judged.")
        engine = Engine(options["bundle"])
        kept = replaying.replay(
            engine=engine, last=options["last"], store=reading.candidates(), now=timezone.now()
        )
        for one in kept.changed:
            people = ", ".join(f"{said['verdict']} by {said['by']}" for said in one["decisions"])
            why = ", ".join(one["rules"]) or one["why"]
            self.stdout.write(
                f"{WORDS[one['turn']]:<17}{one['asset']} {one['edition']} sha256:{one['manifest'][:8]}"
                f" – {why} – {people or 'nobody decided'}"
            )
        counted = ", ".join(f"{number} {turn}" for turn, number in kept.counts.items()) or "none"
        self.stdout.write(f"Replay {kept.pk}: {kept.asked} runs by sha256:{engine.digest[:8]}: {counted}.")

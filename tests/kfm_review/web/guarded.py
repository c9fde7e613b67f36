"""A house with guarded runs, whose every word and byte can be told from all others, and its visitors."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from kfm_review.accounts.models import Clearance, User
from kfm_review.audit import sequence
from kfm_review.audit.record import record
from kfm_review.releases.models import Hold, Promotion, Release
from kfm_review.reviews import actions
from kfm_review.reviews.models import Decision, Replay, Review
from kfm_review.runs.models import Artifact, Document, Finding, GateResult, Manifest
from kfm_review.waivers.models import Request
from pipelines.store import FileStore
from tests.kfm_review import world
from tests.kfm_review.world import person

PLACES = (
    "38.123457",
    "-97.765432",
    "KS-0147",
    "beside the old mill",
)  # keys, coordinates, what names a place
FIGURES = ("7171717", "7,171,717", "8282828", "8,282,828", "7.3 MB", "said at the hearth")
VISITORS = (
    *("nobody", "elsewhere", "steward", "reviewer", "publisher", "auditor", "admin"),
    *("expired", "ended", "cleared", "revealed"),
)
CLEARED = ("cleared", "revealed")
ROLES = {"nobody": (), "cleared": ("reviewer", "auditor"), "revealed": ("reviewer", "auditor")}
PLACE, WORD, FIGURE = "KS-0147 at 38.123457, -97.765432 beside the old mill", "said at the hearth", "8282828"
BYTES = f'{{"features": ["{PLACE}"]}}'.encode()
ROLES_OF_BYTES = (
    *("data", "tiles", "diff", "changes", "pages", "change-tiles", "preview", "input-preview", "log-tail"),
    "judgement",
)


class Seal:
    """Signs nothing, so that proofs are there without keys."""

    fingerprint = "SHA256:none"

    def sign(self, *, size: int, root: bytes) -> str:
        return f"{size} {root.hex()}\n"


class House:
    """An open review, a released one and a returned one, all guarded; a public one beside them."""

    def __init__(
        self,
        store: FileStore,
        *,
        label: str = "restricted",
        cleared_for: str = "restricted",
        authorities: tuple[str, ...] = (),
    ) -> None:
        self.authorities = authorities
        self.store, self.label, self.cleared_for, self.now = store, label, cleared_for, timezone.now()
        self.author = person("anna", "steward")
        self.public = world.review(self.author, edition="2024-01")
        self.open = self._review("2026-09", outcome="FAIL")
        self.returned = self._review("2026-08")
        self.released = self._review("2026-07", outcome="PASS")
        self._decide(self.open, "abstain")
        self._decide(self.returned, "return")
        Review.objects.filter(pk=self.returned.pk).update(status="returned", settled_at=self.now)
        self.release: Release = world.release(self.released, number=1)
        said = {"why": WORD, "at": self.now}
        Hold.objects.create(asset=self.open.asset, set_by=self.author, **said)
        again = Promotion.objects.create(
            release=self.release, asset=self.open.asset, channel="public", kind="rollback", **said
        )
        checks = [{"id": "artifacts", "title": "artifacts re-hashed", "proved": False, "evidence": FIGURE}]
        _past_triggers(
            (
                "UPDATE releases_promotion SET status = 'failed', failure = %s, checks = %s WHERE id = %s",
                WORD,
                json.dumps(checks),
                again.pk,
            ),
            ("UPDATE releases_promotion SET why = %s, checks = %s", WORD, json.dumps(checks)),
        )
        about = {"actor": None, "at": self.now, "why": WORD, "family": "ks_airports", "told": WORD}
        for target in (f"review:{self.open.pk}", f"run:{self.open.run_id}", "asset:ks_airports"):
            self.event = record("some.deed", target, **about)  # type: ignore[arg-type]  # plain words
        self.checkpoint = sequence.checkpoint(now=self.now, signer=Seal()).pk
        self.asked = self._ask_exception()
        self.replay = self._replay()
        self._publish(store.root.parent / "restricted")
        self.running = world.run(
            self.open.asset, self.author, edition="2026-10", at=self.now, status="running"
        )
        self.digests = self._digests()
        self.kept = [sha256 for sha256 in self.digests if store.has(sha256)]

    def visitor(self, name: str) -> Client:
        """Return the browser of one of those who come."""
        client = Client(raise_request_exception=False)
        if name != "nobody":
            client.force_login(self._person(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _person(self, name: str) -> User:
        family = "ks_counties" if name == "elsewhere" else ""
        somebody = person(
            name, *ROLES.get(name, (name if name in ROLE_NAMES else "reviewer",)), family=family
        )
        today = self.now.date()
        until = {"expired": today - timedelta(days=1), "ended": today}.get(name, today)
        if name in (*CLEARED, "expired", "ended"):
            ended = self.now if name == "ended" else None
            Clearance.objects.create(
                user=somebody, label=self.cleared_for, until=until, granted_at=self.now, ended_at=ended
            )
        if name == "revealed":
            for review in (self.open, self.returned, self.released):
                actions.reveal(
                    review_id=review.pk,
                    manifest=review.manifest_id,
                    why="To look.",
                    actor=somebody,
                    now=timezone.now(),
                )
        return somebody

    def _review(self, edition: str, *, outcome: str = "REVIEW") -> Review:
        made = world.review(
            self.author, edition=edition, label=self.label, outcome=outcome, authorities=self.authorities
        )
        _past_triggers(
            (
                "UPDATE runs_diff SET added = 7171717, after_rows = 7171717 WHERE manifest_id = %s",
                made.manifest_id,
            ),
            ("UPDATE runs_run SET why = %s, failure = %s WHERE id = %s", WORD, PLACE, made.run_id),
            ("UPDATE runs_attempt SET why = %s WHERE run_id = %s", PLACE, made.run_id),
            (
                "UPDATE runs_gateresult SET measured = %s, evidence = %s WHERE manifest_id = %s",
                FIGURE,
                PLACE,
                made.manifest_id,
            ),
        )
        finding = {"rule": "keys", "message": PLACE, "remedy": PLACE, "where": PLACES[2]}
        told = [{"gate": "keys", "outcome": outcome, "measured": FIGURE, "limit": "0", "findings": [finding]}]
        _past_triggers(
            (
                "UPDATE runs_manifest SET body = jsonb_set(body, '{gates}', %s::jsonb) WHERE digest = %s",
                json.dumps(told),
                made.manifest_id,
            )
        )
        gate = GateResult.objects.filter(manifest=made.manifest, gate="keys").get()
        Finding.objects.create(
            result=gate, position=0, rule="keys", message=PLACE, remedy=PLACE, where=PLACES[2]
        )
        reasons = [{"gate": "keys", "outcome": outcome, "measured": FIGURE, "limit": "0", "rule": ""}]
        reasons += [{**reasons[0], "gate": "run", "outcome": "ERROR", "measured": PLACE}]
        _past_triggers(("UPDATE reviews_review SET reasons = %s WHERE id = %s", json.dumps(reasons), made.pk))
        for role in ROLES_OF_BYTES:
            self._artifact(made.manifest, role)
        for kind in ("stac", "dcat"):
            sha256 = self.store.put(BYTES + f"{kind} of {edition}".encode())
            Document.objects.create(
                manifest=made.manifest, run=made.run, attempt=1, kind=kind, sha256=sha256, size=7_272_727
            )
        return Review.objects.select_related("manifest", "run", "asset").get(pk=made.pk)

    def _ask_exception(self) -> Request:
        """Let somebody ask that what failed may stand, in words that name the place."""
        gate = {"gate": "keys", "outcome": "FAIL", "measured": FIGURE, "limit": "0", "rules": ["keys"]}
        body = {
            "excuses": [gate],
            "justification": PLACE,
            "scope": {"reach": "manifest", "keys": [PLACES[2]]},
            "expires_at": "2027-01-01T00:00:00Z",
        }
        return Request.objects.create(
            manifest=self.open.manifest,
            asset=self.open.asset,
            kind="QUALITY_THRESHOLD",
            body=body,
            requested_by=self.author,
            author=self.author,
            at=self.now,
        )

    def _replay(self) -> Replay:
        """Let another policy have been tried on what is guarded, and turn on the place."""
        told = {"manifest": self.open.manifest_id, "asset": "ks_airports", "edition": "2026-09"}
        turned = {**told, "outcome": "FAIL", "turn": "broken", "rules": [], "why": FIGURE, "decisions": []}
        return Replay.objects.create(
            bundle="0" * 64, asked=1, counts={"broken": 1}, changed=[turned], at=self.now
        )

    def _publish(self, place: Path) -> None:
        """Let the release stand in the restricted channel, and its files in that channel's place."""
        for table in ("releases_release", "releases_promotion", "runs_current"):
            _past_triggers((f"UPDATE {table} SET channel = 'restricted'",))  # noqa: S608  # three of ours
        for name in (
            "catalog.json",
            "ks_airports/collection.json",
            "ks_airports/one/item.json",
            "ks_counties/x.json",
        ):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(f'{{"rows": "{FIGURE}"}}')
        self.object = FileStore(place / "objects").put(
            BYTES + f"data of {self.released.manifest_id}".encode()
        )

    def _artifact(self, manifest: Manifest, role: str) -> None:
        media_type = "text/csv" if role == "diff" else "application/json"
        sha256 = self.store.put(BYTES + f"{role} of {manifest.pk}".encode())
        Artifact.objects.create(
            manifest=manifest, role=role, media_type=media_type, sha256=sha256, size=7_272_727
        )

    def _decide(self, review: Review, verdict: str) -> None:
        by = person(f"decider-{verdict}", "reviewer")
        said = {"n": 1, "verdict": verdict, "role": "reviewer", "reason": WORD, "at": self.now}
        Decision.objects.create(review=review, manifest=review.manifest, by=by, **said)

    def _digests(self) -> list[str]:
        guarded = [review.manifest_id for review in (self.open, self.returned, self.released)]
        artifacts = (
            Artifact.objects.filter(manifest__in=guarded)
            .exclude(role__startswith="generalized-")
            .order_by("pk")
        )
        documents = Document.objects.filter(manifest__in=guarded).order_by("pk")
        named = [*artifacts.values_list("sha256", flat=True), *documents.values_list("sha256", flat=True)]
        return [*named, *guarded]


ROLE_NAMES = ("steward", "reviewer", "publisher", "auditor", "admin")


def _past_triggers(*statements: tuple[str | int | UUID, ...]) -> None:
    """Change rows that no process may change."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement, *values in statements:
            cursor.execute(str(statement), values)
        cursor.execute("RESET session_replication_role")

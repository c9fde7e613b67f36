"""The table of every address: where it leads in a guarded house, and what each visitor is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.kfm_review.web.guarded import CLEARED, VISITORS, House

Answers = Mapping[str, int]
NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Addresses behind one name, and what each visitor is answered there when he asks."""

    at: Callable[[House], list[str]]
    answers: Answers


def answers(others: int, **some: int) -> Answers:
    """Return the answer to everybody, but for some."""
    return {visitor: some.get(visitor, others) for visitor in VISITORS}


SIGNED_IN = answers(200, nobody=302)
KNOWN = answers(200, nobody=302, elsewhere=404)  # an outline to whoever looks at the family
POSTED = answers(405, nobody=302)
NOT_THERE = answers(404, nobody=302)
AUDITORS = answers(403, nobody=302, auditor=200, admin=200, cleared=200, revealed=200)
JUDGES = answers(200, nobody=302, steward=403, publisher=403)
EXACT = answers(404, nobody=302, revealed=200)
LEAF = answers(403, nobody=302, cleared=200, revealed=200)
CLEARED_ONLY = answers(404, nobody=302, cleared=200, revealed=200)
API_LIST = answers(200, nobody=403)
API_CLEARED = answers(404, nobody=403, **dict.fromkeys(CLEARED, 200))
API_EXACT = answers(404, nobody=403, revealed=200)
EVERYBODY = answers(200)


def fixed(*addresses: str) -> Callable[[House], list[str]]:
    return lambda _: list(addresses)


def reviews(house: House) -> list[str]:
    return [f"/reviews/{review.pk}/" for review in (house.open, house.returned, house.released)]


def runs(house: House) -> list[str]:
    return [f"/runs/{review.run_id}/" for review in (house.open, house.returned, house.released)]


def queue(house: House) -> list[str]:
    asked = ("", "q=ks_airports", f"q={house.open.manifest_id}", "gate=keys", "gate=run", "outcome=FAIL")
    return [f"/queue/?{query}" for query in (*asked, "q=KS-0147", "q=38.123457", "turn=barred")]


def lists(address: str) -> Callable[[House], list[str]]:
    return fixed(address, f"{address}?asset=ks_airports", f"{address}?family=ks_airports&size=200")


def bytes_at(address: str, *queries: str) -> Callable[[House], list[str]]:
    return lambda house: [
        *(f"{address}{sha256}/" for sha256 in house.kept),
        *(f"{address}{sha256}/{query}" for sha256 in house.kept[:4] for query in queries),
    ]


def proof(name: str) -> Callable[[House], list[str]]:
    return lambda house: [f"/audit/{house.event.pk}/{name}"]


def objects(house: House) -> list[str]:
    return [f"/catalog/restricted/objects/sha256/{house.object[:2]}/{house.object}"]


DEEDS_OF_KEYS = {
    "enrol-passkey": "passkey",
    "enrol-ssh": "ssh",
    "retire-key": "1/retire",
    "propose-roster": "roster/propose",
    "ask-root": "roster/root",
}
DOORS: dict[str, Door] = {
    "home": Door(at=fixed("/"), answers=answers(302)),
    "sign-in": Door(at=fixed("/sign-in/"), answers=EVERYBODY),
    "sign-out": Door(at=fixed("/sign-out/"), answers=POSTED),
    "queue": Door(at=queue, answers=SIGNED_IN),
    "desk": Door(at=reviews, answers=KNOWN),
    "decide": Door(at=lambda house: [f"{reviews(house)[0]}decisions/"], answers=POSTED),
    "reveal": Door(at=lambda house: [f"{reviews(house)[0]}reveal/"], answers=POSTED),
    "ask-exception": Door(at=lambda house: [f"{reviews(house)[0]}exception/"], answers=KNOWN),
    "exceptions": Door(at=fixed("/exceptions/"), answers=SIGNED_IN),
    "exception": Door(at=lambda house: [f"/exceptions/{house.asked.pk}/"], answers=KNOWN),
    "answer-exception": Door(at=lambda house: [f"/exceptions/{house.asked.pk}/answer/"], answers=POSTED),
    "revoke-exception": Door(at=lambda house: [f"/exceptions/{house.asked.pk}/revoke/"], answers=POSTED),
    "runs": Door(at=fixed("/runs/", "/runs/?asset=ks_airports", "/runs/?outcome=FAIL"), answers=SIGNED_IN),
    "run-new": Door(at=lambda house: [f"/runs/new/?answers={house.returned.pk}"], answers=KNOWN),
    "run": Door(at=runs, answers=KNOWN),
    "run-progress": Door(at=lambda house: [f"{run}progress/" for run in runs(house)], answers=KNOWN),
    "run-cancel": Door(at=lambda house: [f"{runs(house)[0]}cancel/"], answers=POSTED),
    "run-retry": Door(at=lambda house: [f"{runs(house)[0]}retry/"], answers=POSTED),
    "release-evidence": Door(
        at=lambda house: [f"/releases/ks_airports/{house.release.number}/evidence.zip?channel=restricted"],
        answers=answers(404, nobody=302, revealed=500),
    ),
    "review-evidence": Door(
        at=lambda house: [f"/reviews/{house.returned.pk}/evidence.zip"],
        answers=answers(404, nobody=302, revealed=500),  # the house has no manifest's bytes
    ),
    "releases": Door(at=fixed("/releases/"), answers=answers(302, elsewhere=200)),
    "asset": Door(at=fixed("/releases/ks_airports/"), answers=KNOWN),
    **{name: Door(at=fixed(f"/releases/ks_airports/{name}/"), answers=POSTED) for name in ("hold", "lift")},
    **{
        name: Door(at=fixed(f"/releases/ks_airports/{name}/"), answers=POSTED)
        for name in ("roll-back", "promote", "withdraw")
    },
    **{
        name: Door(at=fixed(f"/releases/ks_airports/{path}/"), answers=POSTED)
        for name, path in (("ask-standing", "standing"), ("end-standing", "standing/end"))
    },
    "people": Door(at=fixed("/people/"), answers=SIGNED_IN),
    "me": Door(at=fixed("/people/me/"), answers=SIGNED_IN),
    "clearances": Door(at=fixed("/people/clearances/"), answers=SIGNED_IN),
    "invite": Door(at=fixed("/people/invite/"), answers=POSTED),
    "end-clearance": Door(at=fixed("/people/clearances/1/end/"), answers=POSTED),
    "grant": Door(at=fixed("/people/1/roles/"), answers=POSTED),
    "clear": Door(at=fixed("/people/1/clearances/"), answers=POSTED),
    "deactivate": Door(at=fixed("/people/1/deactivate/"), answers=POSTED),
    "end-grant": Door(at=fixed("/people/roles/1/end/"), answers=POSTED),
    "policy": Door(at=fixed("/policy/"), answers=JUDGES),
    "replay": Door(at=lambda house: [f"/policy/{house.replay.pk}/"], answers=JUDGES),
    "audit": Door(at=fixed("/audit/", "/audit/?target=review", "/audit/?what=some"), answers=AUDITORS),
    "audit-csv": Door(at=fixed("/audit/events.csv"), answers=AUDITORS),
    "audit-jsonl": Door(at=fixed("/audit/events.jsonl"), answers=AUDITORS),
    "proof": Door(at=proof(""), answers=AUDITORS),
    "proof-text": Door(at=proof("proof.txt"), answers=AUDITORS),
    "proof-leaf": Door(at=proof("leaf.json"), answers=LEAF),
    "checkpoints": Door(at=fixed("/audit/checkpoints/"), answers=AUDITORS),
    "checkpoint-note": Door(
        at=lambda house: [f"/audit/checkpoints/{house.checkpoint}.txt"], answers=AUDITORS
    ),
    "checkpoint-consistency": Door(
        at=lambda house: [f"/audit/checkpoints/{house.checkpoint}-{house.checkpoint}.txt"], answers=AUDITORS
    ),
    "keys": Door(at=fixed("/keys/"), answers=SIGNED_IN),
    "roster": Door(at=fixed("/keys/roster/"), answers=SIGNED_IN),
    "allowed-signers": Door(at=fixed("/keys/roster/allowed_signers"), answers=SIGNED_IN),
    "roster-chain": Door(at=fixed("/keys/roster/rosters.json"), answers=SIGNED_IN),
    **{name: Door(at=fixed(f"/keys/{path}/"), answers=POSTED) for name, path in DEEDS_OF_KEYS.items()},
    "statement": Door(at=fixed(f"/statements/{NO_DIGEST}/"), answers=NOT_THERE),
    "sign": Door(at=fixed(f"/statements/{NO_DIGEST}/sign/"), answers=POSTED),
    "upload-signature": Door(at=fixed(f"/statements/{NO_DIGEST}/upload/"), answers=POSTED),
    "statement-pae": Door(at=fixed(f"/statements/{NO_DIGEST}/statement.pae"), answers=NOT_THERE),
    "statement-envelope": Door(at=fixed(f"/statements/{NO_DIGEST}/envelope.json"), answers=NOT_THERE),
    "artifact": Door(at=bytes_at("/artifacts/", "?inline", "?spreadsheet"), answers=EXACT),
    "catalog-root": Door(at=fixed("/catalog/"), answers=answers(404)),
    "catalog": Door(
        at=fixed("/catalog/ks_airports/collection.json", "/catalog/../candidates/x", "/catalog/objects/x"),
        answers=answers(404),
    ),
    "restricted-root": Door(at=fixed("/catalog/restricted/"), answers=CLEARED_ONLY),
    "restricted": Door(
        at=fixed(
            "/catalog/restricted/ks_airports/collection.json",
            "/catalog/restricted/ks_airports/one/item.json",
            "/catalog/restricted/ks_counties/x.json",
        ),
        answers=CLEARED_ONLY,
    ),
    "restricted/objects": Door(at=objects, answers=EXACT),
    "restricted/elsewhere": Door(
        at=fixed("/catalog/restricted/ks_airports/../../candidates/x", "/catalog/restricted/objects/x"),
        answers=NOT_THERE,
    ),
    "healthz": Door(at=fixed("/healthz"), answers=EVERYBODY),
    "readyz": Door(at=fixed("/readyz"), answers=answers(503)),
    "api-schema": Door(at=fixed("/api/schema/"), answers=EVERYBODY),
    "api-runs": Door(at=lists("/api/runs/"), answers=API_LIST),
    "api-run": Door(at=lambda house: [f"/api{run}" for run in runs(house)], answers=API_CLEARED),
    "api-reviews": Door(at=lists("/api/reviews/"), answers=API_LIST),
    "api-review": Door(at=lambda house: [f"/api{review}" for review in reviews(house)], answers=API_CLEARED),
    "api-releases": Door(at=lists("/api/releases/"), answers=API_LIST),
    "api-release": Door(at=lambda house: [f"/api/releases/{house.release.pk}/"], answers=API_CLEARED),
    "api-artifact": Door(at=bytes_at("/api/artifacts/"), answers=API_EXACT),
}

"""A whole release's evidence, made here from keys of its own, for tests to take apart."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import attestation, digest, judging, policy, rego
from pipelines.bundle import contents, verifying, writing
from pipelines.catalog import names, prov, publish
from pipelines.catalog.publish import PublicationFacts
from pipelines.model import Finding, Outcome, ReviewTerms
from pipelines.proof import envelope, merkle, note
from tests.pipelines import made
from tests.pipelines.bundle.signers import (
    LOG,
    NOON,
    ROOT_FINGERPRINT,
    SEQUENCER,
    VERIFY,
    WITNESS,
    WORKER,
    rosters,
)

Json = dict[str, Any]
Files = dict[str, bytes]
RUN, REVIEW, PROMOTION, RELEASE = made.ATTEMPT.run, 7, 3, 2


@lru_cache(maxsize=1)
def run() -> made.Whole:
    """Return a run of airports that names the policy of this checkout, and asks for one approval."""
    whole = made.whole(count=12)
    terms = ReviewTerms(approvals=1, roles=("reviewer",), promote="at_once")
    manifest = replace(whole.manifest, policy_digest=policy.bundle(), review=terms)
    return replace(whole, manifest=manifest, prov=prov.document(manifest, attempt=made.ATTEMPT))


@lru_cache(maxsize=4)
def failing(*, findings: int = 0, bound: float | None = None) -> made.Whole:
    """Return the same run with a failing gate that found so much, and measured 1 against a bound."""
    whole = run()
    lost = (Finding(rule="tiles.lost", message="K1 is in no tile.", remedy="", where="K1"),) * findings
    gates = tuple(
        judging.bounded(replace(one, outcome=Outcome.FAIL, findings=lost, bound=bound))
        if one.gate == "tiles"
        else one
        for one in whole.manifest.gates
    )
    manifest = replace(whole.manifest, gates=gates, outcome=Outcome.FAIL)
    return replace(whole, manifest=manifest, prov=prov.document(manifest, attempt=made.ATTEMPT))


def event(
    action: str, target: str, *, minute: int, actor: str | None = None, why: str = "", **details: object
) -> Json:
    at = (NOON + timedelta(minutes=minute)).isoformat(timespec="microseconds")
    return {
        "schema": "kfm/event/1",
        "at": at,
        "actor": actor,
        "action": action,
        "target": target,
        "family": "ks_airports",
        "why": why,
        "details": details,
    }


def audited(
    events: Sequence[Json], *, log: Ed25519PrivateKey = SEQUENCER, witness: Ed25519PrivateKey = WITNESS
) -> Files:
    """Return the lines among others in a tree, with proofs and a checkpoint that a witness saw."""
    bodies = [digest.canonical(one) for one in events]
    leaves = [merkle.leaf_hash(b"another line %d" % n) for n in range(5)]
    leaves += [merkle.leaf_hash(body) for body in bodies] + [merkle.leaf_hash(b"and one more")]
    head = note.Checkpoint(origin=LOG, size=len(leaves), root=merkle.root(leaves))
    lines = (
        note.sign(head.text, name=LOG, private=log),
        note.cosign(head.text, name="kfm-review/witness", private=witness, at=int(NOON.timestamp()) + 3600),
    )
    signed = note.written(head.text, lines)
    files: Files = {contents.CHECKPOINT: signed.encode()}
    for n, body in enumerate(bodies, start=5):
        path = merkle.inclusion(leaves, index=n)
        files[f"audit/events/{n:012d}.json"] = body
        files[f"audit/proofs/{n:012d}.txt"] = note.proof(index=n, path=path, checkpoint=signed).encode()
    return files


def release(
    *,
    events: Sequence[Json] | None = None,
    of: made.Whole | None = None,
    exceptions: Sequence[Json] = (),
) -> Files:
    """Return the documents of a release, of a clean run unless another is given."""
    whole = of or run()
    name = whole.manifest.digest
    facts = PublicationFacts(
        family="ks_airports",
        release=RELEASE,
        published="2026-11-24T12:06:00.000000Z",
        predecessor=None,
        successor=None,
        latest=whole.item_id,
        deprecated=False,
        exceptions=exceptions,
    )
    files: Files = {
        contents.MANIFEST: whole.manifest.content,
        contents.STAC: whole.stac,
        contents.DCAT: whole.dcat,
        contents.PROV: whole.prov,
        contents.FACTS: digest.canonical(asdict(facts)),
        contents.PUBLISHED_STAC: publish.item(whole.stac, facts),
        contents.PUBLISHED_DCAT: publish.dataset(whole.dcat, facts),
        contents.PUBLISHED_PROV: whole.prov,
        "prov/promotion.jsonld": b"{}",
        contents.ABOUT: digest.canonical(about(name)),
        **policies(),
        **{f"roster/{n:05d}.json": one for n, one in enumerate(rosters(), start=1)},
        **machines(whole),
    }
    told = lines(name, files) if events is None else events
    files |= audited(told)
    files[contents.DECISIONS] = decided(told)
    return files


def policies() -> Files:
    compiled = (rego.BUNDLE / part for part in (rego.MANIFEST, rego.DATA, rego.WASM))
    files = (*policy.DATA.glob("*.yaml"), *compiled)
    return {f"policy/{file.parent.name}/{file.name}": file.read_bytes() for file in files}


def about(name: str) -> Json:
    return {
        "schema": contents.SCHEMA,
        "kind": "release",
        "asset": "ks_airports",
        "channel": "public",
        "release": RELEASE,
        "promotion": PROMOTION,
        "review": REVIEW,
        "run": RUN,
        "manifest": name,
    }


def machines(whole: made.Whole) -> Files:
    name, code = whole.manifest.digest, "2" * 64
    attempt = attestation.statement(
        attestation.ATTEMPT,
        subjects={"manifest": name, "prov": digest.of(whole.prov)},
        predicate={"run": RUN, "attempt": 1, "pool": "light", "family": "ks_airports", "code_digest": code},
    )
    verification = attestation.statement(
        attestation.VERIFICATION,
        subjects={"manifest": name},
        predicate={
            "promotion": PROMOTION,
            "nonce": "3" * 32,
            "reproduced": True,
            "replayed": False,
            "code_differs": [],
            "differences": [],
            "gates": 6,
            "code_digest": code,
        },
    )
    return {
        contents.ATTEMPT: attestation.sealed(attempt, key=WORKER),
        contents.VERIFICATION: attestation.sealed(verification, key=VERIFY),
    }


def lines(name: str, files: Mapping[str, bytes]) -> list[Json]:
    """Return what the audit says of the release."""
    published = {
        names.STAC: contents.PUBLISHED_STAC,
        names.DCAT: contents.PUBLISHED_DCAT,
        names.PROV: contents.PUBLISHED_PROV,
        f"prov-promotion-{PROMOTION}.jsonld": "prov/promotion.jsonld",
    }
    documents = sorted(f"{outside} sha256:{digest.of(files[one])}" for outside, one in published.items())
    return [
        event("review.opened", f"review:{REVIEW}", minute=1, manifest=name, run=RUN, pool="light"),
        event(
            "review.decided",
            f"review:{REVIEW}",
            minute=4,
            actor="rae",
            why="It agrees with the source.",
            verdict="approve",
            role="reviewer",
            n=1,
            manifest=name,
        ),
        event(
            "promotion.verified",
            f"promotion:{PROMOTION}",
            minute=5,
            manifest=name,
            verification=digest.of(files[contents.VERIFICATION]),
            replayed=False,
            code_differs=[],
        ),
        event(
            "release.published",
            "asset:ks_airports",
            minute=6,
            actor="pia",
            number=RELEASE,
            manifest=name,
            promotion=PROMOTION,
            documents=documents,
        ),
        adopted(),
    ]


def adopted(*, minute: int = -180) -> Json:
    """Return the line that says when the roster that ann signed was adopted."""
    second = envelope.read(rosters()[1])
    by = second.signatures[0].keyid
    return event(
        "roster.adopted", "roster:2", minute=minute, statement=digest.of(second.payload), signed_by=by
    )


def decided(events: Sequence[Json]) -> bytes:
    listed = [
        {
            "by": one["actor"],
            "at": one["at"],
            "reason": one["why"],
            **{field: one["details"][field] for field in ("n", "verdict", "role", "manifest")},
        }
        for one in events
        if one["action"] == "review.decided"
    ]
    return digest.canonical({"decisions": listed})


def failed(content: bytes, *, root: str = ROOT_FINGERPRINT) -> set[str]:
    """Return the checks of a bundle that do not hold."""
    return {check.id for check in verifying.verify(content, root=root) if not check.holds}


def said(files: Files, check: str) -> str:
    """Write what was spoiled as a bundle of its own, and return what one check says against it."""
    checks = {one.id: one for one in verifying.verify(writing.write(files), root=ROOT_FINGERPRINT)}
    assert not checks[check].holds
    return checks[check].said

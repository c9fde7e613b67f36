"""Decisions, audit and documents in a bundle: each is about exactly this release, or the check fails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import digest
from pipelines.bundle import contents, verifying, writing
from tests.pipelines.bundle import made, signers, statements
from tests.pipelines.bundle.made import Files, failed, said

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)


def test_nothing_may_be_added() -> None:
    assert "no bundle does" in said(made.release() | {"notes.txt": b""}, "contents")
    assert "no artifact" in said(made.release() | {f"artifacts/{'0' * 64}": b""}, "labels")
    for free in ("judgements/promotion.json", "prov/anything.jsonld"):
        assert "no bundle does" in said(made.release() | {free: b"{}"}, "contents")
    alone = {f"prov/exception-{'0' * 64}.jsonld": b"{}"}
    assert "no exception that is enclosed" in said(made.release() | alone, "exceptions")


def test_another_manifest_under_the_same_signatures_is_refused() -> None:
    other = statements.excusing(made.failing())
    spoilt = made.release() | {contents.MANIFEST: other[contents.MANIFEST]}
    assert "not the one" in said(spoilt, "manifest")
    named = digest.of(other[contents.MANIFEST])
    spoilt |= {contents.ABOUT: digest.canonical(made.about(named))}
    assert {"attempt", "verification", "decisions", "catalogs", "exceptions"} <= failed(writing.write(spoilt))


def retold(**changes: object) -> Files:
    """Return the release with its decision told otherwise in audit and bundle alike."""
    told = made.lines(made.run().manifest.digest, made.release())
    told[1] = {**told[1], "details": {**told[1]["details"], **changes}}
    return made.release(events=told)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (retold(verdict="reject"), "0 approve"),
        (retold(role="steward"), "0 approve"),
        (retold(manifest="0" * 64), "another manifest"),
        (made.release() | {contents.DECISIONS: digest.canonical({"decisions": []})}, "another number"),
    ],
)
def test_a_release_needs_decisions_on_exactly_its_manifest(files: Files, why: str) -> None:
    assert why in said(files, "decisions")


def test_a_line_that_is_not_in_the_tree_is_refused() -> None:
    files = made.release()
    name = min(one for one in files if one.startswith("audit/events/"))
    told = digest.read_json(files[name]) | {"why": "something else"}
    assert "does not lead" in said(files | {name: digest.canonical(told)}, "audit")


@pytest.mark.parametrize(
    "keys", [{"log": EVE}, {"witness": EVE}, {"log": signers.WITNESS}, {"witness": signers.SEQUENCER}]
)
def test_a_tree_that_others_signed_is_refused(keys: dict[str, Ed25519PrivateKey]) -> None:
    told = made.lines(made.run().manifest.digest, made.release())
    files = made.release() | made.audited(told, **keys)
    assert said(files, "checkpoint")


def test_published_documents_follow_from_the_approved_ones() -> None:
    files = made.release()
    other = digest.read_json(files[contents.PUBLISHED_STAC])
    other["properties"]["title"] = "Something else"
    spoilt = files | {contents.PUBLISHED_STAC: digest.canonical(other)}
    spoilt |= made.audited(told := made.lines(made.run().manifest.digest, spoilt))
    assert "fixed additions" in said(spoilt | {contents.DECISIONS: made.decided(told)}, "published")


def test_data_are_named_by_digest_only() -> None:
    whole = made.run()
    data = whole.manifest.artifacts[0]
    inside = {f"artifacts/{data.sha256}": whole.store.read(data.sha256)}
    assert "by digest only" in said(made.release() | inside, "labels")


def test_the_policy_is_the_one_that_judged() -> None:
    assert "not those" in said(made.release() | {"policy/data/rights.yaml": b"x: 1\n"}, "policy")
    assert "not those" in said(made.release() | {"policy/data/more.yaml": b"x: 1\n"}, "policy")
    assert "not the one" in said(made.release() | {"policy/bundle/manifest.json": b"{}"}, "policy")
    assert "not the one" in said(made.release() | {"policy/bundle/policy.wasm": b"\0asm"}, "policy")


def test_a_clean_run_may_be_approved_in_advance() -> None:
    assert failed(writing.write(statements.standing())) == set()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"asset": "ks_counties"}, "another asset"),
        ({"expires_at": "2026-11-24T12:03:00+00:00"}, "did not count"),
        ({"labels": ["generalized"]}, "this label"),
        ({"expires_at": "2026-11-24T12:05:00+00:00"}, "had expired"),  # used at 12:04, published at 12:06
        ({"signed": 5}, "before the audit says that it was signed"),
        ({"ended": 3}, "was ended before"),
        ({"ended": 5}, "was ended before"),
        ({"issued_at": "2026-11-24T12:05:00+00:00"}, "did not count"),
    ],
)
def test_a_standing_approval_covers_no_more_than_it_says(more: dict[str, Any], why: str) -> None:
    assert why in said(statements.standing(**more), "decisions")


def test_a_standing_approval_that_ended_afterwards_stood_then() -> None:
    assert failed(writing.write(statements.standing(ended=7))) == set()


@pytest.mark.parametrize(
    "minutes", [-100, 5]
)  # before the audit says that she signed; before it was published
def test_a_standing_approval_counts_as_long_as_its_key(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gia = replace(signers.PEOPLE[1], until=signers.NOON + timedelta(minutes=minutes))
    monkeypatch.setattr(signers, "PEOPLE", (signers.PEOPLE[0], gia))
    files = statements.standing()
    assert "is not valid at" in said(files, "decisions")
    assert ("exceptions" in failed(writing.write(files))) == (minutes < 0)


def test_a_standing_approval_that_the_audit_does_not_know_is_refused() -> None:
    files = statements.standing()
    told = [digest.read_json(one) for name, one in sorted(files.items()) if name.startswith("audit/events/")]
    less = [one for one in told if one["action"] != "standing-approval.signed"]
    kept = {name: one for name, one in files.items() if not name.startswith("audit/")}
    assert "No line of the audit says standing-approval.signed" in said(
        kept | made.audited(less), "exceptions"
    )


LIES: list[made.Json] = [
    {"details": None},
    {"details": []},
    {"details": "manifest"},
    {"details": {"manifest": {"sha256": "0" * 64}}},
    {"details": {"x": [1]}},
    {"details": {"x": [["y"]]}},
    {"action": ["review.decided"]},
    {"action": None},
    {"actor": 7},
    {"actor": {}},
    {"target": 7},
    {"why": None},
    {"family": 1},
    {"at": "yesterday"},
    {"at": 5},
    {"at": "2026-11-24T12:00:00"},
    {"schema": "kfm/event/2"},
    {"more": 1},
    {"action": "exception.revoked", "details": {"manifest": "0" * 64}},
    {"action": "exception.revoked", "details": {"manifest": "0" * 64, "statement": "x"}},
    {
        "action": "exception.granted",
        "details": {"manifest": "0" * 64, "statement": "0" * 64, "signed_by": "gia"},
    },
    {
        "action": "review.decided",
        "details": {"n": True, "verdict": "reject", "role": "x", "manifest": "0" * 64},
    },
    {"action": "release.published", "details": {"manifest": "0" * 64}},
    {"action": "standing-approval.ended", "details": {}},
    {"action": "roster.adopted", "details": {"statement": "0" * 64}},
]


@pytest.mark.parametrize("lie", LIES)
def test_a_line_that_is_poison_is_named_and_never_passed_over(lie: made.Json) -> None:
    told = made.lines(made.run().manifest.digest, made.release())
    files = made.release() | made.audited([*told, told[-1] | lie])
    checks = {one.id: one for one in verifying.verify(writing.write(files), root=signers.ROOT_FINGERPRINT)}
    for name in ("audit", "decisions", "attempt", "verification", "published", "roster"):
        assert checks[name].said.startswith("audit/events/000000000010.json is no line of the audit: ")
        assert not checks[name].holds


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"null", b"[" * 100, b'{"a":1,"a":2}', b"{} "])
def test_a_line_that_is_nothing_is_named(content: bytes) -> None:
    assert "audit/events/000000000006.json" in said(
        made.release() | {"audit/events/000000000006.json": content}, "decisions"
    )


@pytest.mark.parametrize("name", ["x", "1", "0000000000001", "000000000001.json"])
def test_a_line_without_a_number_is_named(name: str) -> None:
    files = made.release() | {f"audit/events/{name}.json": b"{}"}
    assert "which line of the audit it is" in said(files, "audit")


@pytest.mark.parametrize("one", [1, None, [], {}, {"n": 1}])
def test_a_decision_that_is_none_is_refused_in_words(one: object) -> None:
    files = made.release() | {contents.DECISIONS: digest.canonical({"decisions": [one]})}
    assert "less or more than a decision" in said(files, "decisions")


def test_a_standing_approval_is_enclosed() -> None:
    files = {name: one for name, one in statements.standing().items() if not name.startswith("exceptions/")}
    assert "not enclosed" in said(files, "decisions")

"""Decisions, audit and documents in a bundle: each is about exactly this release, or the check fails."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import digest
from pipelines.bundle import contents, writing
from tests.pipelines.bundle import made, signers, statements
from tests.pipelines.bundle.made import Files, failed, said

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)


def test_nothing_may_be_added() -> None:
    assert "no bundle does" in said(made.release() | {"notes.txt": b""}, "contents")
    assert "no artifact" in said(made.release() | {f"artifacts/{'0' * 64}": b""}, "labels")


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
    ],
)
def test_a_standing_approval_covers_no_more_than_it_says(more: dict[str, object], why: str) -> None:
    assert why in said(statements.standing(**more), "decisions")


def test_a_standing_approval_is_enclosed() -> None:
    files = {name: one for name, one in statements.standing().items() if not name.startswith("exceptions/")}
    assert "not enclosed" in said(files, "decisions")

"""Signatures in a bundle: whoever may not sign, signed something else, or elsewhere, proves nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import attestation, digest
from pipelines.bundle import contents, writing
from pipelines.proof import envelope
from tests.pipelines.bundle import made, signers, statements
from tests.pipelines.bundle.made import Files, Json, failed, said

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
SPACE = "exception@kfm-review"


def test_a_failing_gate_needs_its_exception() -> None:
    files = statements.excusing(made.failing())
    (name,) = [one for one in files if one.startswith("exceptions/")]
    del files[name]
    assert "no exception excuses it" in said(files, "exceptions")


@pytest.mark.parametrize(
    ("sign", "why"),
    [
        (lambda told: signers.by_passkey(told, namespace=SPACE, flags=1), "did not verify"),
        (lambda told: signers.by_passkey(told, namespace=SPACE, flags=4), "did not verify"),
        (
            lambda told: signers.by_passkey(told, namespace=SPACE, origin="http://e"),
            "not on the roster",
        ),
        (lambda told: signers.by_passkey(told, namespace=SPACE, crossOrigin=True), "within another"),
        (
            lambda told: signers.by_passkey(told, namespace=SPACE, type="webauthn.create"),
            "another type",
        ),
        (lambda told: signers.by_passkey(told, namespace="release@kfm-review"), "not for"),
        (lambda told: signers.enveloped(told, EVE, namespace=SPACE), "not on roster"),
        (lambda told: signers.enveloped(told, signers.WORKER, namespace=SPACE), "has not the role"),
        (lambda told: signers.enveloped(told, signers.ROOT, namespace=SPACE), "not on roster"),
    ],
)
def test_an_exception_that_does_not_count_is_refused(sign: Callable[[bytes], bytes], why: str) -> None:
    assert why in said(statements.excusing(made.failing(), sign=sign), "exceptions")


ANOTHER = [
    {
        "gate": "score",
        "outcome": "FAIL",
        "rules": ["x"],
        "measured": "",
        "limit": "",
        "value": None,
        "bound": None,
    }
]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"decision": "deny"}, "exception.denied"),
        ({"excuses": ANOTHER}, "other gate results"),
        ({"class": "SOVEREIGNTY"}, "2 signers"),
        ({"approver": {"name": "gia", "role": "governance", "signers": 2}}, "needs 1 signers"),
        ({"approver": {"name": "ann", "role": "governance", "signers": 1}}, "did not sign"),
        ({"requester": "gia"}, "may not sign"),
        ({"author": "gia"}, "may not sign"),
        ({"expires_at": "2027-11-24T12:00:00+00:00"}, "90 days"),
        ({"expires_at": "2026-11-24T12:05:00+00:00"}, "was over"),
        ({"not_before": "2026-11-24T12:30:00+00:00"}, "not come"),
        ({"justification": ""}, "does not say what one must"),
        ({"more": 1}, "does not say what one must"),
    ],
)
def test_an_exception_about_something_else_is_refused(more: dict[str, object], why: str) -> None:
    assert why in said(statements.excusing(made.failing(), said=more), "exceptions")


@pytest.mark.parametrize(
    ("exceptions", "why"),
    [
        ([], "does not name"),
        ([{"gates": ["score"], "statement": "0" * 64}], "does not name"),
        ([{"gates": ["tiles"], "statement": "0" * 64}], "not enclosed"),
    ],
)
def test_what_is_published_names_the_exceptions_it_stands_by(exceptions: list[Json], why: str) -> None:
    files = statements.excusing(made.failing())
    (kept,) = [one for one in files if one.startswith("exceptions/")]
    files |= made.release(of=made.failing(), exceptions=exceptions) | {kept: files[kept]}
    assert why in said(files, "published")


def test_findings_that_no_list_shows_are_counted() -> None:
    whole = made.failing(findings=250)
    for most in (101, 249):
        within = statements.bounds("tiles.lost", findings_max=most)
        assert f"250 findings, and {most}" in said(statements.excusing(whole, said=within), "exceptions")
    within = statements.bounds("tiles.lost", findings_max=250)
    assert made.failed(writing.write(statements.excusing(whole, said=within))) == set()


def test_a_worst_value_that_nothing_can_be_held_against_covers_nothing() -> None:
    within = statements.bounds(value_worst="5.0")
    assert "worse than what is excused" in said(
        statements.excusing(made.failing(), said=within), "exceptions"
    )


@pytest.mark.parametrize(
    ("worst", "holds"), [("0.9", True), ("1.1", False), ("2.5", False), ("1e999", False)]
)
def test_a_worst_value_on_the_good_side_of_its_bound_covers_nothing(worst: str, *, holds: bool) -> None:
    files = statements.excusing(made.failing(bound=2.0), said=statements.measured("2.0", worst=worst))
    assert ("exceptions" not in made.failed(writing.write(files))) is holds


def test_an_area_without_keys_covers_nothing() -> None:
    within = statements.bounds(area=[-98.0, 37.0, -97.5, 37.4])
    assert "names no feature" in said(statements.excusing(made.failing(), said=within), "exceptions")


@pytest.mark.parametrize("ended", ["exception.revoked", "exception.voided", "exception.expired"])
def test_an_exception_that_ended_before_lets_nothing_pass(ended: str) -> None:
    assert "no exception excuses" in said(statements.excusing(made.failing(), ended=ended), "exceptions")


def test_who_decides_does_not_excuse() -> None:
    whole = made.failing()
    files = statements.excusing(whole)
    told = made.lines(whole.manifest.digest, files)
    told[1] = {**told[1], "actor": "gia"}
    (name,) = [one for one in files if one.startswith("exceptions/")]
    payload = envelope.read(files[name]).payload
    told.insert(1, statements.granted(payload, name=whole.manifest.digest))
    files |= made.audited(told) | {contents.DECISIONS: made.decided(told)}
    assert "decided on what he excused" in said(files, "exceptions")


def test_an_exception_of_another_result_of_the_gate_is_refused() -> None:
    whole = made.failing()
    files = statements.excusing(whole)
    (name,) = [one for one in files if one.startswith("exceptions/")]
    told = envelope.parse_statement(envelope.read(files[name]).payload)
    other = envelope.statement(
        subjects={**told.subjects, "gate:tiles": "0" * 64},
        predicate_type=told.predicate_type,
        predicate=told.predicate,
    )
    files[f"exceptions/{digest.of(other)}.json"] = statements.signed_for_exceptions(other)
    assert "No line of the audit" in said(files, "exceptions")


def test_a_worker_signs_for_its_own_pool_only() -> None:
    whole = made.run()
    about = {"manifest": whole.manifest.digest, "prov": digest.of(whole.prov)}
    told = {"run": made.RUN, "attempt": 1, "pool": "raster", "family": "ks_airports", "code_digest": "2" * 64}
    forged = attestation.statement(attestation.ATTEMPT, subjects=about, predicate=told)
    sealed = attestation.sealed(forged, key=signers.WORKER)
    assert "has not the role pool:raster" in said(made.release() | {contents.ATTEMPT: sealed}, "attempt")
    sealed = attestation.sealed(forged, key=EVE)
    assert "not on roster" in said(made.release() | {contents.ATTEMPT: sealed}, "attempt")
    assert "one machine" in said(made.release() | {contents.ATTEMPT: forged}, "attempt")


def of_pool(pool: str, *, asked: str = "light") -> Files:
    """Return a release whose worker signed for a pool, and whose run was asked of one."""
    whole = made.run()
    about = {"manifest": whole.manifest.digest, "prov": digest.of(whole.prov)}
    told = {"run": made.RUN, "attempt": 1, "pool": pool, "family": "ks_airports", "code_digest": "2" * 64}
    said_ = attestation.statement(attestation.ATTEMPT, subjects=about, predicate=told)
    files = made.release() | {contents.ATTEMPT: attestation.sealed(said_, key=signers.WORKER)}
    events = made.lines(whole.manifest.digest, files)
    events[0]["details"]["pool"] = asked
    return files | made.audited(events)


def test_a_worker_of_two_pools_signs_for_the_one_that_was_asked() -> None:
    assert "was not asked for this run" in said(of_pool("geo"), "attempt")
    assert failed(writing.write(of_pool("geo", asked="geo"))) == set()


def retold(*adopted: made.Json) -> Files:
    """Return a release in which the audit tells otherwise of the roster that ann signed."""
    events = made.lines(made.run().manifest.digest, made.release())[:-1]
    return made.release(events=[*events, *adopted])


def test_a_roster_counts_from_when_the_audit_says_that_it_was_adopted() -> None:
    assert "when roster 2 was adopted" in said(retold(), "roster")
    assert "yet to come" in said(retold(made.adopted(minute=-186)), "roster")
    assert "more than 7 days" in said(retold(made.adopted(minute=8 * 24 * 60)), "roster")
    again = (made.adopted(minute=8 * 24 * 60), made.adopted())
    assert failed(writing.write(retold(*again))) == set()  # the first time counts


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """Let ann's key end an hour after roster 2 was issued."""
    ann = replace(signers.PEOPLE[0], until=signers.MORNING + timedelta(hours=2))
    monkeypatch.setattr(signers, "PEOPLE", (ann, signers.PEOPLE[1]))
    return timedelta(hours=2)


@pytest.mark.usefixtures("ended")
def test_a_key_that_ended_brings_no_roster_by_an_earlier_day() -> None:
    assert "is not valid at" in said(retold(made.adopted(minute=-100)), "roster")
    assert failed(writing.write(retold(made.adopted(minute=-150)))) == set()


def test_the_worker_cannot_vouch_for_itself() -> None:
    files = made.release()
    payload = attestation.opened(files[contents.VERIFICATION]).statement.content
    sealed = attestation.sealed(payload, key=signers.WORKER)
    files[contents.VERIFICATION] = sealed
    assert "No line of the audit" in said(files, "verification")
    files |= made.audited(told := made.lines(made.run().manifest.digest, files))
    files[contents.DECISIONS] = made.decided(told)
    assert "has not the role verify" in said(files, "verification")

"""Signatures in a bundle: whoever may not sign, signed something else, or elsewhere, proves nothing."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import attestation, digest
from pipelines.bundle import contents
from tests.pipelines.bundle import made, signers
from tests.pipelines.bundle.made import Files, said

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
SPACE = "exception@kfm-review"


def test_a_failing_gate_needs_its_exception() -> None:
    files = made.release(excused=True)
    (name,) = [one for one in files if one.startswith("exceptions/")]
    del files[name]
    assert "no exception excuses it" in said(files, "exceptions")


def resigned(sign: Callable[[bytes], bytes], **more: object) -> Files:
    """Return the release with its exception signed, or worded, otherwise."""
    files = {
        name: one for name, one in made.release(excused=True).items() if not name.startswith("exceptions/")
    }
    payload = made.exception(made.failing().manifest.digest, **more)
    return files | {f"exceptions/{digest.of(payload)}.json": sign(payload)}


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
    assert why in said(resigned(sign), "exceptions")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"decision": "deny"}, "no exception excuses"),
        ({"gates": ["score"]}, "no exception excuses"),
        ({"class": "SOVEREIGNTY"}, "two signers"),
        ({"issued_at": "2026-11-24T07:00:00+00:00"}, "no roster"),
        ({"issued_at": "2026-11-24T08:30:00+00:00"}, "not on roster 1"),
        ({"issued_at": "2026-11-24T12:00:00"}, "offset"),
    ],
)
def test_an_exception_about_something_else_is_refused(more: dict[str, object], why: str) -> None:
    files = resigned(lambda told: signers.by_passkey(told, namespace=SPACE), **more)
    assert why in said(files, "exceptions")


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


def test_the_worker_cannot_vouch_for_itself() -> None:
    files = made.release()
    payload = attestation.opened(files[contents.VERIFICATION]).statement.content
    sealed = attestation.sealed(payload, key=signers.WORKER)
    files[contents.VERIFICATION] = sealed
    assert "No line of the audit" in said(files, "verification")
    files |= made.audited(told := made.lines(made.run().manifest.digest, files))
    files[contents.DECISIONS] = made.decided(told)
    assert "has not the role verify" in said(files, "verification")

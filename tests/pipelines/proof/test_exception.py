"""The signed exception: who must have signed, within which terms, and what it then covers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.errors import NotProved
from pipelines.proof import envelope, exception, keys, sshsig
from pipelines.proof.exception import Terms
from pipelines.proof.roster import Key, Roster

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ANN, BEN, EVE = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(2, 5))
MANIFEST = "a" * 64
AREA = [-98.0, 37.0, -97.5, 37.4]
GATE: dict[str, Any] = {
    "gate": "drift",
    "outcome": "FAIL",
    "measured": "51 % removed",
    "limit": "8 %",
    "value": 0.51,
    "bound": 0.08,
    "findings": [{"rule": "drift.removed", "where": "KS1", "message": "m", "remedy": "r"}],
}
TERMS: Mapping[str, Terms] = {
    "QUALITY_THRESHOLD": Terms(max_days=90, reach=("manifest", "asset"), signers=1, never=("rights",)),
    "SOVEREIGNTY": Terms(max_days=30, reach=("manifest",), signers=2, never=()),
}


def told(**more: Any) -> dict[str, Any]:
    """Return what an exception says that ann is to sign."""
    said: dict[str, Any] = {
        "id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
        "nonce": "0" * 32,
        "issued_at": NOON.isoformat(),
        "decision": "approve",
        "class": "QUALITY_THRESHOLD",
        "reason_code": "MINOR_DEFECT",
        "justification": "It is small.",
        "asset": "ks_airports",
        "edition": "2026-09",
        "excuses": [
            {
                "gate": "drift",
                "outcome": "FAIL",
                "rules": ["drift.removed"],
                "measured": "51 % removed",
                "limit": "8 %",
                "value": "0.51",
                "bound": "0.08",
            }
        ],
        "requester": "stella",
        "author": "stella",
        "approver": {"name": "ann", "role": "governance", "signers": 1},
        "scope": {"reach": "manifest", "keys": None, "area": None, "findings_max": 1, "value_worst": "0.51"},
        "not_before": NOON.isoformat(),
        "expires_at": (NOON + timedelta(days=30)).isoformat(),
        "obligations": [],
        "displayed": "b" * 64,
    }
    return said | more


def scope(**more: Any) -> dict[str, Any]:
    return {"scope": told()["scope"] | more}


def key(private: Ed25519PrivateKey, holder: str, **more: Any) -> Key:
    facts: dict[str, Any] = {"roles": ("governance",), "kind": "ssh", "since": NOON - timedelta(days=9)}
    facts |= {"until": None, "name": "laptop"} | more
    return Key(public=keys.ed25519(private.public_key()), holder=holder, **facts)


def roster(*listed: Key) -> tuple[Roster, ...]:
    listed = listed or (key(ANN, "person:ann"), key(BEN, "person:ben"), key(EVE, "person:stella"))
    made = Roster(
        version=1,
        previous=None,
        root="SHA256:" + "A" * 43,
        issued_at=NOON - timedelta(days=9),
        origins=(),
        rp_ids=(),
        keys=listed,
    )
    return (made,)


def signed(
    said: dict[str, Any], *by: Ed25519PrivateKey, namespace: str = exception.NAMESPACE, **more: Any
) -> bytes:
    """Return an exception in its envelope."""
    subjects = exception.subjects(MANIFEST, [GATE]) | more.get("subjects", {})
    content = envelope.statement(
        subjects=subjects, predicate_type=more.get("kind", exception.PREDICATE), predicate=said
    )
    whole = envelope.Envelope(payload=content, signatures=())
    made = tuple(
        envelope.Signature(
            keyid=keys.ed25519(one.public_key()).fingerprint,
            sig=sshsig.sign(whole.signed, namespace=namespace, private=one),
        )
        for one in (by or (ANN,))
    )
    return envelope.write(replace(whole, signatures=made))


def check(
    content: bytes, *, at: datetime = NOON, rosters: tuple[Roster, ...] | None = None
) -> envelope.Statement:
    return exception.check(content, rosters=rosters or roster(), terms=TERMS, at=at)


def test_a_sound_exception_counts() -> None:
    said = check(signed(told()))
    assert said.predicate["class"] == "QUALITY_THRESHOLD"
    assert exception.uncovered(said.predicate, GATE) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"requester": "ann"}, "asked for it or made"),
        ({"author": "ann"}, "asked for it or made"),
        ({"approver": {"name": "ben", "role": "governance", "signers": 1}}, "did not sign"),
        ({"approver": {"name": "ann", "role": "governance", "signers": 2}}, "needs 1 signers"),
        ({"class": "TIME_SENSITIVE_CORRECTION"}, "knows no exception"),
        ({"expires_at": (NOON + timedelta(days=91)).isoformat()}, "days at most"),
        ({"expires_at": NOON.isoformat()}, "days at most"),
        ({"class": "SOVEREIGNTY", **scope(reach="asset")}, "may not reach"),
        ({"decision": "perhaps"}, "does not say"),
        ({"excuses": []}, "does not say"),
        ({"nonce": "short"}, "does not say"),
        ({"more": 1}, "does not say"),
        (scope(value_worst="nan"), "does not say"),
        (scope(value_worst="much"), "does not say"),
        (scope(area=AREA[:3]), "does not say"),
        (scope(area=[-181, *AREA[1:]]), "does not say"),
    ],
)
def test_what_breaks_a_rule_does_not_count(change: dict[str, Any], why: str) -> None:
    with pytest.raises(NotProved, match=why):
        check(signed(told(**change)))


def test_two_people_sign_for_sovereignty() -> None:
    said = told(**{"class": "SOVEREIGNTY", "approver": {"name": "ann", "role": "governance", "signers": 2}})
    with pytest.raises(NotProved, match="needs 2 signers"):
        check(signed(said))
    assert check(signed(said, ANN, BEN))
    twice = roster(key(ANN, "person:ann"), key(BEN, "person:ann"))
    with pytest.raises(NotProved, match="twice, with two keys"):
        check(signed(said, ANN, BEN), rosters=twice)


@pytest.mark.parametrize(
    "listed",
    [
        key(ANN, "person:ann", roles=("publisher",)),
        key(ANN, "person:ann", until=NOON),
        key(ANN, "person:ann", since=NOON + timedelta(days=1)),
        key(ANN, "person:ann", retired_at=NOON - timedelta(days=1), retired_why="left"),
        key(ANN, "machine:ann", kind="machine"),
        key(BEN, "person:ann"),
    ],
)
def test_a_key_that_does_not_count_then_signs_nothing(listed: Key) -> None:
    with pytest.raises(NotProved):
        check(signed(told()), rosters=roster(listed))


def test_a_machine_signs_no_exception() -> None:
    with pytest.raises(NotProved, match="Only people sign"):
        check(signed(told()), rosters=roster(key(ANN, "machine:ann", kind="machine")))


def test_one_person_is_enough_to_deny() -> None:
    said = told(**{"class": "SOVEREIGNTY", "approver": {"name": "ann", "role": "governance", "signers": 2}})
    assert check(signed(said | {"decision": "deny"})).predicate["decision"] == "deny"


def test_what_a_class_never_excuses_does_not_count() -> None:
    excuse = told()["excuses"][0] | {"gate": "rights"}
    with pytest.raises(NotProved, match="never excuses rights"):
        check(signed(told(excuses=[excuse])))


def test_nothing_is_signed_before_it_is_issued() -> None:
    with pytest.raises(NotProved, match="before it was issued"):
        check(signed(told()), at=NOON - timedelta(minutes=1))


def test_a_signature_for_something_else_does_not_count() -> None:
    with pytest.raises(NotProved, match="not for"):
        check(signed(told(), namespace="release@kfm-review"))
    with pytest.raises(NotProved, match="no exception"):
        check(signed(told(), kind="urn:kfm:predicate:roster:1"))
    with pytest.raises(NotProved, match="other gate results"):
        check(signed(told(), subjects={"gate:rows": "c" * 64}))
    with pytest.raises(NotProved, match="no roster when"):
        check(signed(told()), at=NOON - timedelta(days=10))


def test_no_byte_of_an_exception_can_be_changed() -> None:
    sound = signed(told())
    for at in range(0, len(sound), 11):
        with pytest.raises(NotProved):
            check(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])


def test_it_lives_from_its_beginning_to_its_end() -> None:
    for days, lives in ((-1, False), (0, True), (29, True), (30, False)):
        assert exception.live(told(), at=NOON + timedelta(days=days)) is lives


def test_it_reaches_one_manifest_or_its_asset() -> None:
    said = check(signed(told()))
    assert exception.reaches(said, manifest=MANIFEST, asset="ks_airports")
    assert not exception.reaches(said, manifest="d" * 64, asset="ks_airports")
    wide = check(signed(told(**scope(reach="asset"))))
    assert exception.reaches(wide, manifest="d" * 64, asset="ks_airports")
    assert not exception.reaches(wide, manifest=MANIFEST, asset="ks_counties")


@pytest.mark.parametrize(
    ("said", "gate", "covered"),
    [
        ({}, {}, True),
        ({"decision": "deny"}, {}, False),
        ({}, {"gate": "rows"}, False),
        ({}, {"outcome": "ERROR"}, False),
        ({}, {"findings": [*GATE["findings"], {"rule": "drift.moved", "where": "KS1"}]}, False),
        ({}, {"findings": [{"rule": "drift.moved", "where": "KS1"}]}, False),
        ({}, {"findings": GATE["findings"] * 2}, False),
        (scope(findings_max=2), {"findings": GATE["findings"] * 2}, True),
        (scope(keys=["KS1"]), {}, True),
        (scope(keys=["KS2"]), {}, False),
        (scope(keys=["KS1"], area=AREA), {}, True),
        (scope(keys=["KS2"], area=AREA), {}, False),
        (scope(area=AREA), {}, False),
        (scope(keys=["KS1"], area=AREA), {"findings": []}, False),
        ({}, {"value": 0.52}, False),
        ({}, {"value": 0.2}, True),
        (scope(value_worst=None), {"value": 0.9}, True),
    ],
)
def test_it_covers_what_it_names_and_no_more(
    said: dict[str, Any],
    gate: dict[str, Any],
    covered: bool,  # noqa: FBT001  # a column of the table
) -> None:
    assert (exception.uncovered(told(**said), GATE | gate) == ()) is covered


def test_below_a_bound_less_is_worse() -> None:
    excuse = told()["excuses"][0] | {"value": "0.7", "bound": "0.8"}
    said = told(excuses=[excuse], **scope(value_worst="0.7"))
    assert exception.uncovered(said, GATE | {"value": 0.75, "bound": 0.8}) == ()
    assert exception.uncovered(said, GATE | {"value": 0.65, "bound": 0.8})


@pytest.mark.parametrize(
    ("value", "bound", "worst"),
    [("0.7", "0.8", "0.85"), ("0.7", "0.8", "0.8"), ("0.51", "0.08", "0.01"), ("0.51", "0.08", "1e999")],
)
def test_a_worst_value_on_the_good_side_of_the_bound_lets_nothing_stand(
    value: str, bound: str, worst: str
) -> None:
    excuse = told()["excuses"][0] | {"value": value, "bound": bound}
    said = told(excuses=[excuse], **scope(value_worst=worst))
    assert exception.uncovered(said, GATE | {"value": float(value), "bound": float(bound)})


@pytest.mark.parametrize(("worst", "covered"), [("0.8", ()), ("0.9", None)])
def test_what_fails_at_the_very_bound_is_covered_no_further(
    worst: str, covered: tuple[str, ...] | None
) -> None:
    excuse = told()["excuses"][0] | {"value": "0.8", "bound": "0.8"}
    said = told(excuses=[excuse], **scope(value_worst=worst))
    assert exception.uncovered(said, GATE | {"value": 0.8, "bound": 0.8}) == ()
    assert (exception.uncovered(said, GATE | {"value": 0.85, "bound": 0.8}) == ()) is (covered is None)
    assert exception.uncovered(said, GATE | {"value": 0.95, "bound": 0.8})


def test_too_few_excuses_no_too_many() -> None:
    excuse = told()["excuses"][0] | {"value": "5.0", "bound": "10.0"}
    said = told(excuses=[excuse], **scope(value_worst="5.0"))
    assert exception.uncovered(said, GATE | {"value": 7.0, "bound": 10.0}) == ()
    assert exception.uncovered(said, GATE | {"value": 500.0, "bound": 100.0})

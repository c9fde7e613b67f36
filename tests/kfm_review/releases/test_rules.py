"""What must be proved before anything is published, and that silence never proves it."""

from dataclasses import asdict, replace

import pytest

from kfm_review.errors import NotPossible
from kfm_review.releases import closures, rules
from kfm_review.releases.rules import REQUIRED, Check, Facts, NothingRequired, Proof
from kfm_review.releases.states import Kind

FACTS = Facts(
    kind=Kind.PROMOTE,
    manifest="a" * 64,
    review_status="approved",
    review_manifest="a" * 64,
    approved_by=("rita",),
    needed=1,
    outcome="REVIEW",
    gates={
        **dict.fromkeys(("crs", "rows", "labels", "rights", "catalogs", "links"), "PASS"),
        "keys": "REVIEW",
    },
    base="b" * 64,
    current="b" * 64,
    held_by="",
    label="public",
    sovereignty_assessed=True,
    channel="public",
    embargo="",
    today="2026-11-27",
    excused={},
    older=0,
    withdrawn=False,
    published=False,
)
GATES = FACTS.gates
ALL = {name: Proof(holds=True, evidence="seen") for name in REQUIRED}


def test_what_is_as_it_should_be_is_proved_with_its_evidence() -> None:
    found = rules.recorded(FACTS)
    assert all(proof.holds and proof.evidence for proof in found.values())
    assert found["review"].evidence == "sha256:aaaaaaaa, approved by rita"
    assert found["outcomes"].evidence == "7 gates, 1 of them looked at by people"


@pytest.mark.parametrize(
    ("check", "wrong", "said"),
    [
        ("review", {"review_status": "open"}, "The review is open."),
        ("review", {"review_status": ""}, "The review is ."),
        ("review", {"review_manifest": "c" * 64}, "Nobody approved exactly this manifest."),
        ("review", {"approved_by": ()}, "Nobody approved exactly this manifest."),
        ("review", {"needed": 2}, "It needs 2 approvals and has that of rita."),
        ("review", {"needed": 0}, "It needs 0 approvals"),
        ("outcomes", {"gates": {**GATES, "rows": "FAIL"}}, "rows is FAIL"),
        ("outcomes", {"gates": {**GATES, "rows": "ERROR"}}, "rows is ERROR"),
        ("outcomes", {"gates": {**GATES, "rows": "ERROR"}, "excused": {"rows": "e1"}}, "rows is ERROR"),
        ("outcomes", {"gates": {**GATES, "rows": "NOT_RUN"}}, "rows is NOT_RUN"),
        ("outcomes", {"gates": {**GATES, "rows": "pass"}}, "rows is pass"),
        ("place", {"gates": {one: said for one, said in GATES.items() if one != "crs"}}, "crs has no word"),
        ("rights", {"gates": {one: said for one, said in GATES.items() if one != "rights"}}, "rights has no"),
        ("catalogs", {"gates": {one: said for one, said in GATES.items() if one != "links"}}, "links has no"),
        ("back", {"withdrawn": True}, "never comes back"),
        ("outcomes", {"outcome": "FAIL"}, "the run is FAIL"),
        ("outcomes", {"outcome": ""}, "the run is without an outcome"),
        ("base", {"current": "none"}, "Another release overtook its base"),
        ("base", {"base": "none"}, "Another release overtook its base"),
        ("hold", {"held_by": "Pia"}, "Held by Pia"),
        ("label", {"label": "restricted"}, "in the channel restricted, not in public"),
        ("label", {"label": "quarantine"}, "It is labelled quarantine."),
        ("label", {"channel": "restricted"}, "in the channel public, not in restricted"),
        ("label", {"embargo": "2026-11-28"}, "under embargo until 2026-11-28"),
        ("label", {"label": ""}, "It is labelled nothing."),
        ("label", {"sovereignty_assessed": False}, "Sovereignty was not assessed."),
    ],
)
def test_one_wrong_fact_breaks_exactly_its_own_check(check: str, wrong: dict[str, object], said: str) -> None:
    found = rules.recorded(replace(FACTS, **wrong))  # type: ignore[arg-type]  # one field of the table above
    assert {name for name, proof in found.items() if not proof.holds} == {check}
    assert said in found[check].evidence


def test_no_gate_at_all_proves_nothing() -> None:
    found = rules.recorded(replace(FACTS, gates={}))
    assert {"outcomes", "place", "rights", "catalogs"} == {
        name for name, proof in found.items() if not proof.holds
    }


def test_a_failing_gate_stands_only_by_its_own_live_exception() -> None:
    failing = replace(FACTS, outcome="FAIL", gates={**GATES, "rows": "FAIL"})
    assert not rules.recorded(failing)["outcomes"].holds
    assert not rules.recorded(replace(failing, excused={"keys": "e1"}))["outcomes"].holds
    assert rules.recorded(replace(failing, excused={"rows": "e1"}))["outcomes"].evidence.endswith(
        "rows passed by exception e1"
    )


def test_every_check_belongs_to_one_of_seven_closures_in_order() -> None:
    listed = [check for _, checks in closures.CLOSURES.values() for check in checks]
    assert (listed, len(closures.CLOSURES)) == (list(REQUIRED), 7)


def test_a_closure_is_proved_when_all_its_checks_are() -> None:
    made = [asdict(check) for check in rules.checks(ALL)]
    assert [one.proved for one in closures.of(made)] == [True] * 7
    assert [one.id for one in closures.of(made[1:]) if not one.proved] == ["identity"]
    assert closures.of([]) == ()


def test_the_first_release_is_compared_with_nothing() -> None:
    found = rules.recorded(replace(FACTS, base="none", current="none"))["base"]
    assert found == Proof(holds=True, evidence="nothing was published before")


def test_rolling_back_asks_neither_for_the_base_nor_for_the_hold_it_sets_itself() -> None:
    rolled = replace(FACTS, kind=Kind.ROLLBACK, published=True, current="c" * 64, held_by="Pia")
    assert all(proof.holds for proof in rules.recorded(rolled).values())


def test_there_is_no_way_back_to_what_was_never_published() -> None:
    back = rules.recorded(replace(FACTS, kind=Kind.ROLLBACK))["back"]
    assert not back.holds
    assert "never published" in back.evidence


def test_the_whole_list_proved_leaves_nothing_against() -> None:
    assert rules.unproved(rules.checks(ALL)) == ()


@pytest.mark.parametrize("name", REQUIRED)
def test_a_check_that_nobody_made_is_not_proved(name: str) -> None:
    made = rules.checks({other: proof for other, proof in ALL.items() if other != name})
    [against] = rules.unproved(made)
    assert (against.id, against.title, against.evidence) == (name, REQUIRED[name], "It was not checked.")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_check_that_says_almost_true_is_not_proved(name: str) -> None:
    almost = Proof(holds="yes", evidence="")  # type: ignore[arg-type]  # what a careless writer might return
    [against] = rules.unproved(rules.checks({**ALL, name: almost}))
    assert against.id == name


def test_an_unknown_check_proves_nothing() -> None:
    made = rules.checks({"artefacts": Proof(holds=True, evidence="misspelt")})
    assert len(rules.unproved(made)) == len(REQUIRED)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_check_taken_out_of_the_list_made_is_noticed(name: str) -> None:
    left = [check for check in rules.checks(ALL) if check.id != name]
    with pytest.raises(NothingRequired):
        rules.unproved(left)


def test_checks_made_up_or_twice_or_none_at_all_are_noticed() -> None:
    made = rules.checks(ALL)
    more = Check(id="extra", title="", proved=True, evidence="")
    for wrong in ((), (*made, more), (*made, made[0]), made[::-1]):
        with pytest.raises(NothingRequired):
            rules.unproved(wrong)


def test_an_empty_list_of_checks_lets_nothing_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "REQUIRED", {})
    with pytest.raises(NothingRequired):
        rules.checks(ALL)


@pytest.mark.parametrize(
    ("number", "current", "was_published", "said"),
    [
        (1, 2, True, ""),
        (3, 2, True, ""),
        (2, 2, True, "is current already"),
        (1, 2, False, "was never published"),
        (1, None, True, "was never published"),
        (1, None, False, "was never published"),
    ],
)
def test_one_goes_back_only_to_what_was_current_once(
    number: int, current: int | None, *, was_published: bool, said: str
) -> None:
    if said:
        with pytest.raises(NotPossible, match=said):
            rules.check_goes_back(
                number=number, current=current, was_published=was_published, withdrawn=False
            )
    else:
        rules.check_goes_back(number=number, current=current, was_published=was_published, withdrawn=False)

"""What each label asks for, and what a clearance opens: every label against every clearance."""

import pytest

from kfm_review.people import clearance
from kfm_review.people.clearance import Marked

HELD: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "restricted": ("restricted",),
    "quarantine": ("quarantine",),
    "an authority": ("authority:Osage Nation",),
    "restricted of the authority": ("restricted", "authority:Osage Nation"),
    "quarantine of another": ("quarantine", "authority:Kaw Nation"),
}
OSAGE = frozenset({"Osage Nation"})


def may(held: str, label: str, authorities: frozenset[str] | None = frozenset()) -> bool:
    given = HELD[held]
    marked = Marked(label=label, authorities=authorities)
    opened = {"labels": clearance.labels(given), "authorities": clearance.authorities(given)}
    return not clearance.lacking(marked, **opened)


@pytest.mark.parametrize(
    ("label", "opens"),
    [
        ("public", set(HELD)),
        ("generalized", set(HELD)),
        ("restricted", {name for name in HELD if name not in ("nothing", "an authority")}),
        *((label, {"quarantine", "quarantine of another"}) for label in ("quarantine", "", "secret")),
    ],
)
def test_each_label_opens_to_who_is_cleared_as_high(label: str, opens: set[str]) -> None:
    assert {held for held in HELD if may(held, label)} == opens


@pytest.mark.parametrize("label", [*clearance.ORDER, ""])
def test_what_names_an_authority_takes_its_clearance_too(label: str) -> None:
    for held, given in HELD.items():
        cleared = may(held, label) and "authority:Osage Nation" in given
        assert may(held, label, OSAGE) is cleared


def test_what_nobody_assessed_is_as_strict_as_the_strictest() -> None:
    assert {held for held in HELD if may(held, "public", None)} == {"quarantine", "quarantine of another"}


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"sensitivity": "public"},
        {"sensitivity": "public", "sovereignty": None},
        {"sensitivity": "public", "sovereignty": {}},
        {"sensitivity": None, "sovereignty": []},
        {"sensitivity": 1, "sovereignty": []},
    ],
)
def test_labels_that_say_too_little_open_nothing(told: dict[str, object] | None) -> None:
    assert clearance.marked(told).asks == ("quarantine",)


@pytest.mark.parametrize("entry", ["Osage Nation", {"id": "x"}, {"authority": ""}, {"authority": 7}, None])
def test_an_entry_that_names_nobody_opens_to_nobody(entry: object) -> None:
    asks = clearance.marked({"sensitivity": "public", "sovereignty": [entry]}).asks
    assert asks == ("authority:",)
    assert "" not in clearance.authorities(["quarantine", "restricted"])


def test_labels_are_read_as_manifests_have_them() -> None:
    told = {"sensitivity": "restricted", "sovereignty": [{"authority": "Osage Nation", "kind": "NOTICE"}]}
    assert clearance.marked(told).asks == ("restricted", "authority:Osage Nation")
    assert clearance.marked({"sensitivity": "generalized", "sovereignty": []}).asks == ()

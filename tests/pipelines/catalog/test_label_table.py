"""The table of labels, row by row and in both directions: one thing changed breaks the rule it should."""

import pytest

from pipelines.catalog import names
from tests.pipelines import made
from tests.pipelines.closed import Json, Spoil, changed, changed_prov, check, node
from tests.pipelines.labelled import Left


def asset(item: Json) -> Json:
    found: Json = item["assets"]["data"]
    return found


def distribution(told: Json) -> Json:
    found: Json = told["dcat:distribution"][0]
    return found


def test_all_three_are_closed_as_they_were_left(
    public: made.Whole, restricted: made.Whole, coarser: Left
) -> None:
    for run in (public, restricted, coarser):
        assert check(run, run.manifest, run.prov) == ()


def shrink(item: Json) -> None:
    west, south = item["bbox"][:2]
    item["bbox"] = [west, south, west + 0.01, south + 0.01]
    item["geometry"]["coordinates"] = [
        [
            [west, south],
            [west + 0.01, south],
            [west + 0.01, south + 0.01],
            [west, south + 0.01],
            [west, south],
        ]
    ]


# Row by row: which run, which document, what is done to it, and the rules that have to be broken.
ROWS: dict[str, tuple[str, str, Spoil, set[str]]] = {
    "public, item says restricted": (
        *("public", "stac", lambda item: item["properties"].update({"kfm:sensitivity": "restricted"})),
        {"labels.sensitivity", "labels.looser"},
    ),
    "restricted, item says public": (
        *("restricted", "stac", lambda item: item["properties"].update({"kfm:sensitivity": "public"})),
        {"labels.sensitivity"},
    ),
    "restricted, asset looser": (
        *("restricted", "stac", lambda item: asset(item).update({"kfm:sensitivity": "generalized"})),
        {"labels.sensitivity", "labels.looser"},
    ),
    "restricted, href without authorisation": (
        *("restricted", "stac", lambda item: asset(item).pop("kfm:authorisation")),
        {"labels.authorisation"},
    ),
    "public, href asks for authorisation": (
        *("public", "stac", lambda item: asset(item).update({"kfm:authorisation": "clearance:restricted"})),
        {"labels.authorisation"},
    ),
    "restricted, another clearance": (
        *("restricted", "stac", lambda item: asset(item).update({"kfm:authorisation": "clearance:public"})),
        {"labels.authorisation"},
    ),
    "restricted, dataset says public": (
        *("restricted", "dcat", lambda told: told.update({"kfm:sensitivity": "public"})),
        {"labels.sensitivity"},
    ),
    "restricted, access PUBLIC": (
        *(
            "restricted",
            "dcat",
            lambda told: told.update({"dct:accessRights": names.ACCESS_RIGHTS["public"]}),
        ),
        {"labels.access"},
    ),
    "restricted, distribution PUBLIC": (
        "restricted",
        "dcat",
        lambda told: distribution(told).update({"dct:accessRights": names.ACCESS_RIGHTS["public"]}),
        {"labels.access"},
    ),
    "public, access RESTRICTED": (
        *(
            "public",
            "dcat",
            lambda told: told.update({"dct:accessRights": names.ACCESS_RIGHTS["restricted"]}),
        ),
        {"labels.access"},
    ),
    "restricted, claim lost in STAC": (
        *("restricted", "stac", lambda item: item["properties"].update({"kfm:sovereignty": []})),
        {"labels.sovereignty"},
    ),
    "restricted, claim lost in DCAT": (
        *("restricted", "dcat", lambda told: told.update({"kfm:sovereignty": []})),
        {"labels.sovereignty"},
    ),
    "restricted, obligation lost": (
        "restricted",
        "stac",
        lambda item: asset(item)["kfm:sovereignty"][0].update({"obligations": []}),
        {"labels.sovereignty"},
    ),
    "restricted, reason lost in STAC": (
        *("restricted", "stac", lambda item: item["properties"].pop("kfm:sensitivity_reason")),
        {"labels.reason"},
    ),
    "restricted, reason lost in DCAT": (
        *("restricted", "dcat", lambda told: told.pop("kfm:sensitivity_reason")),
        {"labels.reason"},
    ),
    "generalized, item does not say how": (
        *("coarser", "stac", lambda item: item["properties"].pop("kfm:generalization")),
        {"labels.generalization"},
    ),
    "generalized, finer than it was": (
        "coarser",
        "stac",
        lambda item: asset(item)["kfm:generalization"].update({"size_m": 10}),
        {"labels.generalization"},
    ),
    "generalized, dataset does not say how": (
        *("coarser", "dcat", lambda told: told.pop("kfm:generalization")),
        {"labels.generalization"},
    ),
    "generalized, source forgotten": (
        *("coarser", "dcat", lambda told: told.pop("prov:wasDerivedFrom")),
        {"labels.source"},
    ),
    "generalized, source PUBLIC": (
        "coarser",
        "dcat",
        lambda told: told["prov:wasDerivedFrom"][0].update(
            {"dct:accessRights": names.ACCESS_RIGHTS["public"]}
        ),
        {"labels.source"},
    ),
    "generalized, source said to be public": (
        *(
            "coarser",
            "dcat",
            lambda told: told["prov:wasDerivedFrom"][0].update({"kfm:sensitivity": "public"}),
        ),
        {"labels.source"},
    ),
    "generalized, box as fine as a place": (
        *("coarser", "stac", shrink),
        {"labels.extent"},
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_is_a_rule(row: str, request: pytest.FixtureRequest) -> None:
    which, kind, spoil, expected = ROWS[row]
    assert changed(request.getfixturevalue(which), kind, spoil) == expected


def source(told: Json) -> Json:
    return node(told, next(one["@id"] for one in told["@graph"] if one.get("kfm:role") == "input:sites"))


def say(told: Json, kind: str, **said: object) -> None:
    node(told, kind).update({f"kfm:{name}": value for name, value in said.items()})


PROV_ROWS: dict[str, tuple[str, Spoil, set[str]]] = {
    "an activity of restricted data says public": (
        *("restricted", lambda told: say(told, "kfm:RunAttempt", sensitivity="public")),
        {"labels.sensitivity"},
    ),
    "an entity of restricted data says public": (
        *("restricted", lambda told: say(told, "kfm:Bytes", sensitivity="public")),
        {"labels.sensitivity"},
    ),
    "an entity of public data says restricted": (
        *("public", lambda told: say(told, "kfm:Bytes", sensitivity="restricted")),
        {"labels.sensitivity"},
    ),
    "what was generalised said to be generalized": (
        *("coarser", lambda told: source(told).update({"kfm:sensitivity": "generalized"})),
        {"labels.sensitivity"},
    ),
    "more told of what was generalised than its digest": (
        *("coarser", lambda told: source(told).update({"kfm:asset": "ks_sites"})),
        {"labels.redaction"},
    ),
    "another receipt": (
        *("coarser", lambda told: say(told, "kfm:Redaction", receipt="0" * 64)),
        {"labels.redaction"},
    ),
    "a place in a text": (
        *("restricted", lambda told: say(told, "kfm:RunAttempt", why="Look at -98.12345, 38.54321.")),
        {"labels.telemetry"},
    ),
}


@pytest.mark.parametrize("row", PROV_ROWS)
def test_each_row_is_a_rule_of_prov(row: str, request: pytest.FixtureRequest) -> None:
    which, spoil, expected = PROV_ROWS[row]
    assert changed_prov(request.getfixturevalue(which), spoil) == expected


def test_a_place_in_a_text_of_public_data_is_nobody_s_secret(public: made.Whole) -> None:
    told: Spoil = lambda read: say(read, "kfm:RunAttempt", why="Look at -98.12345, 38.54321.")  # noqa: E731
    assert changed_prov(public, told) == set()


def test_a_redaction_left_out_is_missed(coarser: Left) -> None:
    def forget(told: Json) -> None:
        gone = ("kfm:Redaction", "kfm:RedactionRecord")
        told["@graph"] = [one for one in told["@graph"] if not set(gone) & set(one["@type"])]

    assert changed_prov(coarser, forget) == {"labels.redaction"}


def test_data_not_derived_from_what_was_generalised_are_found(coarser: Left) -> None:
    def forget(told: Json) -> None:
        next(one for one in told["@graph"] if one.get("kfm:role") == "data").pop("prov:wasDerivedFrom")

    assert "labels.redaction" in changed_prov(coarser, forget)

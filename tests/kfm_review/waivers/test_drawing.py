"""An exception within a drawn area, on real records: its statement names the keys, and covers them alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from kfm_review.errors import Invalid, NotPossible
from kfm_review.runs.models import Artifact
from kfm_review.signing import statements
from kfm_review.waivers import actions, areas, queries, rules
from pipelines import digest
from pipelines.proof import exception
from tests.kfm_review.waivers.conftest import Excusable

pytestmark = pytest.mark.django_db
KANSAS = (-102.1, 36.9, -94.5, 40.1)
SPACE = 0.05


def around(excusable: Excusable) -> tuple[float, ...]:
    """Return a box around what failed."""
    drawn = Artifact.objects.get(manifest=excusable.review.manifest, role="preview")
    known = areas.features(digest.read_json(excusable.journey.store.read(drawn.sha256)))
    gates = [one for one in excusable.review.manifest.body["gates"] if one["outcome"] == "FAIL"]
    edges = [known[said["where"]] for gate in gates for said in gate["findings"]]
    west, south, east, north = zip(*edges, strict=True)
    return min(west) - SPACE, min(south) - SPACE, max(east) + SPACE, max(north) + SPACE


def send(excusable: Excusable, **more: Any) -> HttpResponse:
    """Send the form as a steward does."""
    client = Client()
    client.force_login(excusable.journey.steward)
    typed = {
        "manifest": excusable.review.manifest_id,
        "kind": "QUALITY_THRESHOLD",
        "gates": excusable.failing,
        "reason_code": "MINOR_DEFECT",
        "justification": "Both rows are the same field.",
        "reach": "manifest",
        "expires": f"{excusable.now() + timedelta(days=20):%Y-%m-%d}",
    }
    return client.post(f"/reviews/{excusable.review.pk}/exception/", typed | more)  # type: ignore[return-value]  # the test's own kind of it


def edges(area: tuple[float, ...]) -> dict[str, str]:
    return {name: str(edge) for name, edge in zip(areas.NAMES, area, strict=True)}


def test_what_is_signed_names_the_area_and_the_keys_in_it(excusable: Excusable) -> None:
    area = around(excusable)
    waiver = excusable.granted(area=area).waiver
    told = statements.read(waiver.statement).predicate
    assert told["scope"]["area"] == [round(edge, areas.DECIMALS) for edge in area]
    gates = [one for one in excusable.review.manifest.body["gates"] if one["outcome"] == "FAIL"]
    named = {said["where"] for gate in gates for said in gate["findings"]}
    assert named <= set(told["scope"]["keys"])
    assert set(queries.excused(excusable.review.manifest, at=excusable.now()).by) == set(excusable.failing)
    elsewhere = {**gates[0], "findings": [{**gates[0]["findings"][0], "where": "ZZZZ"}]}
    assert "ZZZZ is outside" in exception.uncovered(told, elsewhere)[0]


def test_an_area_beside_what_failed_is_refused(excusable: Excusable) -> None:
    west, south, east, north = around(excusable)
    with pytest.raises(Invalid, match="would still fail"):
        excusable.request(area=(west, south, (west + east) / 2, north))


def test_of_a_guarded_run_no_area_is_told(excusable: Excusable) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE runs_manifest SET label = 'restricted'")
        cursor.execute("RESET session_replication_role")
    excusable.review.manifest.refresh_from_db()
    with pytest.raises(NotPossible, match="It would tell where things are"):
        actions.request(
            manifest=excusable.review.manifest,
            author=None,
            asked=excusable.asked(area=KANSAS),
            actor=excusable.journey.steward,
            now=excusable.now(),
        )


def test_a_map_that_is_not_there_bounds_nothing(excusable: Excusable) -> None:
    drawn = Artifact.objects.get(manifest=excusable.review.manifest, role="preview")
    excusable.journey.store.path(drawn.sha256).unlink()
    with pytest.raises(NotPossible, match="No area can be drawn here"):
        excusable.request(area=KANSAS)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"north": ""}, "North is missing"),
        ({"north": "36"}, "is not south of its north"),
        ({"north": "nan"}, "North: Enter a number"),
        ({"north": "91"}, "beyond the edge of the map"),
        ({"keys": "ICT"}, "not both"),
    ],
)
def test_a_draft_is_kept_when_its_area_is_refused(
    excusable: Excusable, more: dict[str, str], why: str
) -> None:
    typed = edges(KANSAS) | more
    answer = send(excusable, **typed)
    said = answer.content.decode()
    assert (answer.status_code, why in said) == (422, True)
    for name in areas.NAMES:
        assert f'name="{name}" value="{typed[name]}"' in said
    assert "Both rows are the same field." in said


def test_pages_tell_the_area_in_words(excusable: Excusable) -> None:
    answer = send(excusable, **edges(around(excusable)))
    assert answer.status_code == 302
    request = queries.about(excusable.review.manifest)[0]
    words = areas.words(request.body["scope"])
    assert words.endswith(f"({len(request.body['scope']['keys'])} features)")
    waiver = excusable.answer(request).waiver
    client = Client()
    client.force_login(excusable.governed.user("ann"))
    for address in (
        f"/exceptions/{request.pk}/",
        f"/statements/{waiver.statement_id}/",
        "/exceptions/",
    ):
        assert words in client.get(address).content.decode(), address


def test_features_that_are_too_many_are_refused_and_not_left_out(excusable: Excusable) -> None:
    refused = send(excusable, keys="\n".join(f"K{n}" for n in range(rules.MOST_KEYS + 1)))
    assert "features can be named" in refused.content.decode()

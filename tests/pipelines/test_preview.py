"""The preview map: pure, allowed, deterministic, and it shows where things went."""

import json
from typing import Any

import pytest
from leafmap.maplibregl import Map

from pipelines import preview
from pipelines.diff import vector
from pipelines.errors import PreviewRefused
from pipelines.preview import edition
from tests.pipelines import made

Json = dict[str, Any]


@pytest.fixture(scope="module")
def autumn() -> Json:
    before, after = made.airports("2025-09"), made.airports("2026-09")
    diff = vector.compare(before, after, key="icao", title="name")
    changes = vector.changes(diff, findings={"99KS": "keys.reused"})
    drawn = preview.style(changes, before=before, after=after, key="icao", title="name")
    assert drawn == preview.style(changes, before=before, after=after, key="icao", title="name")
    return dict(json.loads(drawn))


def features(style: Json, source: str) -> list[Json]:
    return list(style["sources"][source]["data"]["features"])


def test_every_feature_is_drawn_once_and_what_is_no_longer_as_it_was_on_its_other_side_too(
    autumn: Json,
) -> None:
    assert len(features(autumn, "after")) == 334
    kinds = [feature["properties"]["kind"] for feature in features(autumn, "before")]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"removed": 13, "changed": 299, "moved": 12}
    (same,) = (layer for layer in autumn["layers"] if layer["id"] == "same-before")
    assert (same["source"], same["filter"]) == ("after", ["==", ["get", "kind"], "same"])


def test_what_changed_is_drawn_once_and_what_moved_has_a_line(autumn: Json) -> None:
    kinds = [feature["properties"]["kind"] for feature in features(autumn, "changes")]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "added": 19,
        "removed": 13,
        "changed": 299,
        "moved": 12,
    }
    assert len(features(autumn, "moves")) == 12


def test_the_reused_code_says_what_was_found_and_how_far_it_went(autumn: Json) -> None:
    (line,) = (one for one in features(autumn, "moves") if one["properties"]["key"] == "99KS")
    assert line["geometry"]["coordinates"] == [[-98.64796, 37.40921], [-97.765548, 38.603703]]
    assert line["properties"]["finding"] == "keys.reused"
    assert line["properties"]["distance_m"] == 153682.2


def test_each_layer_says_its_kind_and_its_side(autumn: Json) -> None:
    told = {
        layer["id"]: (layer["metadata"]["kfm:kind"], layer["metadata"]["kfm:side"])
        for layer in autumn["layers"]
    }
    assert told["added-point"] == ("added", "after")
    assert told["removed-point"] == ("removed", "before")
    assert all(name.startswith(f"{kind}-") for name, (kind, _) in told.items())


def test_nothing_in_the_map_can_be_fetched(autumn: Json) -> None:
    assert set(autumn) == {"version", "metadata", "center", "zoom", "sources", "layers"}
    assert "http" not in json.dumps(autumn["layers"])


def test_a_first_edition_is_drawn_alone() -> None:
    drawn = json.loads(preview.style(None, before=None, after=made.points(5), key="icao", title="name"))
    assert [feature["properties"]["kind"] for feature in features(drawn, "after")] == ["same"] * 5
    assert features(drawn, "before") == features(drawn, "changes") == []


def test_of_a_large_edition_only_the_changes_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "DRAWN_AT_MOST", 10)
    after = made.points(19)
    before = after[:18]
    changes = vector.changes(vector.compare(before, after, key="icao"))
    drawn = json.loads(preview.style(changes, before=before, after=after, key="icao", title="name"))
    assert [one["properties"]["key"] for one in features(drawn, "after")] == ["K00018"]
    assert features(drawn, "before") == []


def spot(x: float, y: float) -> preview.Spot:
    return preview.Spot(key="K1", title="One", x=x, y=y)


def test_swapped_axes_are_drawn_where_they_went_and_where_they_belong() -> None:
    drawn = json.loads(preview.input_style([spot(38.5, -98.25)], swapped=True))
    assert features(drawn, "as_read")[0]["geometry"]["coordinates"] == [38.5, -85]
    assert features(drawn, "belongs")[0]["geometry"]["coordinates"] == [-98.25, 38.5]
    assert features(drawn, "lines")[0]["geometry"]["coordinates"] == [[38.5, -85], [-98.25, 38.5]]
    assert features(drawn, "as_read")[0]["properties"]["read"] == "38.500000, -98.250000"


def test_places_that_are_not_on_earth_are_counted_not_drawn() -> None:
    drawn = json.loads(
        preview.input_style([spot(512, 300), spot(-98, 38), spot(float("nan"), 1)], swapped=False)
    )
    assert (drawn["metadata"]["kfm:read"], drawn["metadata"]["kfm:not_drawn"]) == (3, 2)
    assert len(features(drawn, "as_read")) == 1
    assert features(drawn, "belongs") == []


def test_a_call_that_the_desk_does_not_know_is_refused() -> None:
    drawing = Map(style={"version": 8, "sources": {}, "layers": []}, controls={}, use_message_queue=True)
    drawing.add_call("addPopup", "layer", "<b>x</b>", None)
    with pytest.raises(PreviewRefused, match="addPopup"):
        preview.pure(drawing.to_dict())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda style: style.update(glyphs="https://x.invalid/{fontstack}/{range}.pbf"),
        lambda style: style.update(sprite="https://x.invalid/sprite"),
        lambda style: style["sources"].update(far={"type": "vector", "url": "https://x.invalid"}),
        lambda style: style["sources"].update(far={"type": "vector", "tiles": ["https://x.invalid/{z}"]}),
        lambda style: style["sources"].update(far={"type": "raster", "url": "kfm:../tiles"}),
        lambda style: style["sources"].update(far={"type": "image", "url": "kfm:tiles"}),
        lambda style: style["layers"].append(
            {"id": "x", "type": "fill", "source": "after", "paint": {"fill-pattern": "x"}}
        ),
        lambda style: style["layers"].append({"id": "x", "type": "raster", "source": "after"}),
        lambda style: style["sources"]["after"].update(data="https://x.invalid/a.json"),
        lambda style: style["layers"].append({"id": "x", "type": "symbol", "source": "after"}),
        lambda style: style["layers"][0]["paint"].update({"circle-pattern": "x"}),
        lambda style: style["layers"][0].update(source="elsewhere"),
        lambda style: style["layers"][0].update({"layout": {"icon-image": "https://x.invalid/i.png"}}),
        lambda style: style["layers"][0].update({"source-layer": "x"}),
        lambda style: style["sources"]["after"]["data"].update(url="https://x.invalid/a.json"),
        lambda style: style["sources"]["after"].update(promoteId="x"),
        lambda style: style.update(terrain={"source": "after"}),
        lambda style: style.update(imports=[{"id": "x", "url": "https://x.invalid/style.json"}]),
    ],
)
def test_what_is_not_on_the_list_is_refused(spoil: Any, autumn: Json) -> None:
    style = json.loads(json.dumps(autumn))
    spoil(style)
    with pytest.raises(PreviewRefused):
        preview.check(style)

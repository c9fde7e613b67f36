"""An attempt's PROV that leaves out or adds what the manifest says is found."""

import pytest

from tests.pipelines import made
from tests.pipelines.closed import Json, Spoil, changed_prov, node


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def forget_gate(told: Json) -> None:
    """Take one gate's activity and result out of the document, as if it had never been asked."""
    gone = {f"{made.ATTEMPT.id}:gate:tiles", node(told, "kfm:GateResult")["@id"].replace("schema", "tiles")}
    told["@graph"] = [one for one in told["@graph"] if one["@id"] not in gone]


PROV_LIES: dict[str, tuple[str, Spoil]] = {
    "a gate left out": ("prov.gates", forget_gate),
    "a gate's outcome": (
        "prov.gates",
        lambda told: node(told, "kfm:GateResult").update({"kfm:outcome": "FAIL"}),
    ),
    "a gate's phase": (
        "prov.gates",
        lambda told: node(told, "kfm:GateResult").update({"kfm:phase": "policy"}),
    ),
    "a gate of nobody": ("prov.gates", lambda told: node(told, "kfm:GateEvaluation").pop("dct:isPartOf")),
    "other inputs": (
        "prov.inputs",
        lambda told: node(told, "kfm:RunAttempt").update({"prov:used": [], "prov:qualifiedUsage": []}),
    ),
}


@pytest.mark.parametrize("name", PROV_LIES)
def test_an_attempt_that_leaves_gates_or_inputs_out_is_found(name: str, run: made.Whole) -> None:
    rule, spoil = PROV_LIES[name]
    assert changed_prov(run, spoil) == {rule}

"""Each gate catches defects that are put into good data, in every family that lists it, from a size on."""

import pytest

from pipelines import spec
from pipelines.gates import GATES
from tests.families.proof import case, on_cells, on_files, on_inputs, on_layers, on_products
from tests.families.proof.case import Case
from tests.families.proof.conftest import Table
from tests.families.proof.defect import found

pytestmark = pytest.mark.slow

DEFECTS = (
    *on_files.DEFECTS,
    *on_inputs.DEFECTS,
    *on_layers.DEFECTS,
    *on_cells.DEFECTS,
    *on_products.DEFECTS,
)
LISTED = [(gate, family.name) for gate in GATES for family in spec.families() if gate in family.gates.listed]


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Run the good edition of every family once."""
    return {
        family.name: case.good(family, tmp_path_factory.mktemp(family.name)) for family in spec.families()
    }


def test_every_gate_of_the_table_is_listed_by_a_family() -> None:
    assert {gate for gate, _ in LISTED} == set(GATES)


@pytest.mark.parametrize(("gate", "family"), LISTED)
def test_a_gate_catches_what_is_put_into_good_data(
    gate: str, family: str, cases: dict[str, Case], tables: dict[str, Table]
) -> None:
    good = cases[family]
    made = [found(one, good) for one in DEFECTS if one.gate == gate and one.applies(good)]
    for one in made:
        tables["sensitivity"].add(gate, family, *one.cells)
    assert [one for one in made if one.smallest is not None], f"{gate} catches nothing in {family}"

"""No family is left out when the house is broken: each has files that nobody has delivered yet."""

import pytest

from pipelines import spec
from tests.faults import editions

FAMILIES = {name: spec.family(name) for name in editions.OPEN}


def test_every_family_has_its_newest_edition_and_a_way_to_change_it() -> None:
    assert set(editions.NEWEST) == set(FAMILIES)
    assert {family.main.media_type for family in FAMILIES.values()} <= set(editions.CHANGED)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_each_number_makes_another_file(name: str) -> None:
    made = [editions.fresh(name, number) for number in (1, 2, 96)]
    edition = FAMILIES[name].edition(editions.NEWEST[name])
    assert edition is not None
    sample = (FAMILIES[name].folder / edition.sample).read_bytes()
    assert len({sample, *(one.file for one in made)}) == len(made) + 1
    assert {one.partition for one in made} == {edition.partition or ""}

"""What every family promises: it is sound, it runs, it says where its samples come from."""

import json
from pathlib import Path

import pytest

from pipelines import spec
from pipelines.families import STEPS
from pipelines.family import Edition, Family
from pipelines.formats.reading import READERS
from pipelines.gates import GATES
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS

FAMILIES = pytest.mark.parametrize("family", spec.families(), ids=lambda family: family.name)


def test_folders_and_steps_name_the_same_families() -> None:
    assert set(spec.names()) == set(STEPS)


@FAMILIES
def test_every_listed_gate_is_one_of_its_phase(family: Family) -> None:
    for phase in ("before", "after", "policy"):
        assert {GATES[name].phase for name in getattr(family.gates, phase)} == {phase}


def read(family: Family, edition: Edition) -> Inputs:
    """Return an edition's inputs as a run reads them."""
    of = [(family, edition)] + [
        (spec.family(to.family), spec.family(to.family).edition(to.edition))
        for to in (source.reference for source in family.inputs)
        if to is not None
    ]
    contents = [(one.folder / found.sample).read_bytes() for one, found in of if found is not None]
    return Inputs(
        sources=family.inputs,
        all={
            source.name: READERS[source.media_type](content)
            for source, content in zip(family.inputs, contents, strict=True)
        },
    )


@FAMILIES
def test_each_edition_that_is_no_fault_becomes_the_layer_its_schema_promises(family: Family) -> None:
    for edition in (one for one in family.editions if not one.synthetic):
        layer = STEPS[family.name](read(family, edition))
        KINDS[family.output.kind].check(layer, family.output)


@FAMILIES
def test_its_page_names_source_licence_and_every_edition(family: Family) -> None:
    page = (family.folder / "README.md").read_text(encoding="utf-8")
    assert family.licence.spdx in page
    for edition in family.editions:
        assert f"`{edition.edition}`" in page


@FAMILIES
def test_editions_made_by_rule_say_so(family: Family) -> None:
    for edition in (one for one in family.editions if one.synthetic):
        assert edition.note.startswith("Made by rule from ")


@FAMILIES
def test_nothing_in_its_folder_is_left_lying_about(family: Family) -> None:
    used = {edition.sample for edition in family.editions}
    samples = {
        path.relative_to(family.folder).as_posix()
        for path in (family.folder / "samples").iterdir()
        if path.is_file() and path.suffix != ".py"
    }
    assert samples == used


@FAMILIES
def test_schemas_are_written_so_that_a_difference_is_one_line(family: Family) -> None:
    for file in sorted(Path(family.folder / "schemas").glob("*.json")):
        properties = json.loads(file.read_text(encoding="utf-8"))["properties"]
        lines = file.read_text(encoding="utf-8").splitlines()
        assert all(sum(f'"{name}": {{' in line for line in lines) == 1 for name in properties)

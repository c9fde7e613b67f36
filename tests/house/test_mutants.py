"""The mutants fit the code as it stands: each changes one place, and names a test that exists."""

from pathlib import Path

import pytest

from tests.house import tree
from tests.house.mutants.mutant import Mutant, mutants, read

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_fits_the_code_and_names_a_test(mutant: Mutant) -> None:
    source = (tree.ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.applied(source) != source
    file, _, name = mutant.test.partition("::")
    assert (tree.ROOT / file).exists()
    assert name.split("[")[0].split("::")[-1] in ("", *_names(file))
    assert mutant.guards.strip()


def test_a_mutant_that_no_longer_fits_is_found() -> None:
    mutant = Mutant(name="one", guards="a rule", file="a.py", old="x", new="y", test="tests")
    for source in ("", "x x"):
        with pytest.raises(ValueError, match="times in"):
            mutant.applied(source)


def test_a_mutant_that_says_more_or_less_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("guards: a rule\n")
    with pytest.raises(ValueError, match="must say"):
        read(file)


def _names(file: str) -> set[str]:
    path = tree.ROOT / file
    files = [path] if path.is_file() else sorted(path.rglob("test_*.py"))
    return {
        line.split("(")[0].removeprefix("def ")
        for one in files
        for line in one.read_text(encoding="utf-8").splitlines()
        if line.startswith("def test_")
    }

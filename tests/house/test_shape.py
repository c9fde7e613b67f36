"""Modules are short, say in their first line what they are, and have names that mean something."""

import ast
import re
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import tree

LONGEST = 300
USUAL = 110
EMPTY_NAMES = frozenset(
    (
        *("util", "utils", "helper", "helpers", "common", "misc", "base", "core", "process", "data", "info"),
        *("manager", "managers", "service", "handler", "handlers"),
    )
)
MODULES = tree.modules()


def faults(source: str) -> Iterator[str]:
    """Yield what is wrong with a module's shape."""
    if (lines := len(source.splitlines())) > LONGEST:
        yield f"it has {lines} lines, more than {LONGEST}"
    first = (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]
    if not re.fullmatch(r"[A-Z`\"].+[.:?]", first):
        yield "its first line is no sentence"


def dumping_grounds(files: Iterable[Path]) -> set[str]:
    """Return the files whose name, or a folder's, says nothing."""
    return {str(file) for file in files if EMPTY_NAMES & {*file.parts[:-1], file.stem}}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_says_what_it_is_and_is_short(module: Path) -> None:
    assert list(faults((tree.ROOT / module).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('"""What it is."""\n' + "x = 1\n" * 300, "it has 301 lines, more than 300"),
        ("x = 1\n", "its first line is no sentence"),
        ('"""what it is."""\n', "its first line is no sentence"),
        ('"""What it is"""\n', "its first line is no sentence"),
        ('"""What it is,\nin two lines."""\n', "its first line is no sentence"),
    ],
)
def test_a_module_out_of_shape_is_found(source: str, fault: str) -> None:
    assert list(faults(source)) == [fault]


def test_no_name_is_a_dumping_ground() -> None:
    assert dumping_grounds(MODULES) == set()


@pytest.mark.parametrize("name", ["pipelines/utils.py", "kfm_review/common/rows.py", "tests/helpers.py"])
def test_a_dumping_ground_is_found(name: str) -> None:
    assert dumping_grounds([Path(name)]) == {name}


def test_half_of_our_modules_fit_on_two_screens() -> None:
    ours = [file for file in MODULES if file.parts[0] in ("kfm_review", "pipelines")]
    lengths = [len((tree.ROOT / file).read_text(encoding="utf-8").splitlines()) for file in ours]
    assert statistics.median(lengths) <= USUAL

"""Modules are short, say in their first line what they are, and have names that mean something."""

import ast
import re
import statistics
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


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_says_what_it_is_and_is_short(module: Path) -> None:
    source = (tree.ROOT / module).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST
    first = (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]
    assert re.fullmatch(r"[A-Z`\"].+[.:?]", first), "the first line is one sentence"


def test_no_name_is_a_dumping_ground() -> None:
    parts = {(file, part) for file in MODULES for part in (*file.parts[:-1], file.stem)}
    assert not {str(file) for file, part in parts if part in EMPTY_NAMES}


def test_half_of_our_modules_fit_on_two_screens() -> None:
    ours = [file for file in MODULES if file.parts[0] in ("kfm_review", "pipelines")]
    lengths = [len((tree.ROOT / file).read_text(encoding="utf-8").splitlines()) for file in ours]
    assert statistics.median(lengths) <= USUAL

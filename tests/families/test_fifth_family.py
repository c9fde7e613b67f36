"""A fifth family: `new-family` and README are enough; nothing outside its folder changes but the table."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.families.fifth.newcomer import FOLDER, NAME, TABLE, Newcomer
from tests.house import tree

DATA = tree.ROOT.parent / "shared" / "data" / "breweries"
LINES_AT_MOST = 150
JOINS = Path(__file__).parent / "fifth" / "joins.py"
BESIDE = "tests/kfm_review/test_fifth.py"
CONTRACT = "tests/families/test_contract.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/breweries is not here"),
]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Begin the family and fill it, in a copy of this repository."""
    somebody = Newcomer(tmp_path_factory.mktemp("copy"))
    somebody.cli("new-family", NAME)
    somebody.write(DATA)
    return somebody


def test_the_skeleton_itself_passes_and_runs_once_it_stands_in_the_table(tmp_path: Path) -> None:
    somebody = Newcomer(tmp_path)
    somebody.cli("new-family", "new_things")
    table = tmp_path / TABLE
    text = table.read_text(encoding="utf-8").replace("ks_airports", "new_things")
    table.write_text(text, encoding="utf-8")
    assert "nothing to remark" in somebody.cli("check-family", "new_things")
    assert "REVIEW in " in somebody.cli("run", "new_things", "--edition", "2026-01")


def test_it_takes_less_than_150_lines_and_touches_nothing_but_the_table(
    newcomer: Newcomer, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, changed = newcomer.lines(), newcomer.changed()
    newcomer.call("git", "add", "--intent-to-add", "--all")
    stat = newcomer.call("git", "diff", "--stat", "HEAD")
    with capsys.disabled():
        sys.stdout.write(f"\n{stat}{sum(lines.values())} lines of YAML and Python: {lines}\n")
    assert changed == {TABLE.as_posix(): (2, 0)}
    touched = newcomer.call("git", "diff", "--name-only", "HEAD").splitlines()
    assert [file for file in touched if not file.startswith(f"{FOLDER.as_posix()}/")] == [TABLE.as_posix()]
    assert sum(lines.values()) < LINES_AT_MOST


def test_it_is_sound_and_both_editions_run(newcomer: Newcomer) -> None:
    assert newcomer.cli("check-family", NAME) == f"{NAME}: nothing to remark (2 editions, 17 gates).\n"
    said = newcomer.cli("run", NAME, "--edition", "2026-08", "--base", "2024-12")
    assert "0 added, 0 removed, 0 moved, 1 changed (0 in decimals only)" in said
    assert "FAIL" not in said
    assert "ERROR" not in said


def test_it_keeps_the_contract_of_families_and_joins_queue_map_and_catalogs(
    newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFM_TEST_DB", f"{os.environ.get('KFM_TEST_DB', 'test_kfm')}_fifth")
    shutil.copyfile(JOINS, newcomer.root / BESIDE)  # where it finds journeys
    words = ("-q", "-p", "no:cacheprovider", BESIDE, CONTRACT, "-k", "fifth or breweries")
    said = newcomer.call(sys.executable, "-m", "pytest", *words)
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= 7  # the journey, and what every family promises

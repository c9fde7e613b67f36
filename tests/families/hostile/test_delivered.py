"""Files delivered in a terminal: a link is not followed, and what is too large is not read."""

import os
import time
from pathlib import Path

import pytest

from pipelines import cli
from tests.families.hostile import airports, make


def _run(file: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> str:
    began = time.perf_counter()
    arguments = ["run", "ks_airports", "--edition", "2026-09", "--input", str(file), "--store", str(store)]
    assert cli.main(arguments) == 2
    assert time.perf_counter() - began < 2
    assert not [kept for kept in store.rglob("*") if kept.is_file()]
    return capsys.readouterr().err


def test_a_file_of_5_gb_is_refused_by_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = _run(make.sparse(tmp_path), tmp_path / "store", capsys)
    assert "has 5,000,000,000 bytes; at most 5,000,000 are read: deliver a smaller file." in said


def test_a_link_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real.csv").write_bytes(airports.good())
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert "is a link: name the file that it leads to." in _run(tmp_path / "link.csv", tmp_path / "s", capsys)


@pytest.mark.parametrize("name", ["gone", "folder", "pipe", "circle"])
def test_what_is_no_file_is_named_and_not_waited_for(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    said = _run(tmp_path / name, tmp_path / "store", capsys)
    assert "There is no file" in said or "is a link" in said


@pytest.mark.parametrize(
    "name", ["a b.csv", 'it\'s "quoted".csv', "<script>alert(1)</script>.csv".replace("/", "_")]
)
def test_a_file_may_be_called_anything(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(airports.good())
    assert cli.main(["run", "ks_airports", "--edition", "2026-09", "--input", str(tmp_path / name)]) == 0
    assert "12 rows" in capsys.readouterr().out

"""A bare machine is told what it lacks, and what is up to date is left alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kfm_review.local import bootstrap


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the bootstrap at a checkout of its own, with a lock and a small `.venv`."""
    venv = tmp_path / "new" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "dev.txt").write_text("one==1 --hash=sha256:0\n")
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(bootstrap, "LOCK", tmp_path / "dev.txt")
    return tmp_path


def test_a_wrong_python_is_told_which_one_to_take() -> None:
    words = bootstrap.wrong_python()
    assert "needs Python 3.11" in words
    assert "start it" in words


def test_any_python_can_read_the_bootstrap() -> None:
    for name in ("bootstrap", "given", "leash", "__init__"):
        source = (bootstrap.ROOT / "kfm_review" / "local" / f"{name}.py").read_text(encoding="utf-8")
        compile(source, name, "exec", dont_inherit=True)
        assert "match " not in source
        assert name == "__init__" or "from __future__ import annotations" in source


def test_the_bootstrap_needs_the_standard_library_alone() -> None:
    code = "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; import manage"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=bootstrap.ROOT, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_scripts_of_a_moved_checkout_point_at_its_new_place(checkout: Path) -> None:
    old = checkout / "old" / ".venv"
    script = bootstrap.VENV / "bin" / "ruff"
    script.write_text(f"#!{old}/bin/python\nprint()\n")
    (bootstrap.VENV / ".kfm-stamp").write_text(f"{bootstrap._digest(bootstrap.LOCK)} {old}")
    assert bootstrap._move_venv()
    assert script.read_text().startswith(f"#!{bootstrap.VENV}/bin/python\n")


def test_a_venv_of_another_lock_is_not_just_moved(checkout: Path) -> None:
    (bootstrap.VENV / ".kfm-stamp").write_text(f"another {checkout / 'old' / '.venv'}")
    assert not bootstrap._move_venv()


def test_a_part_is_current_while_its_stamp_is(checkout: Path) -> None:
    assert not bootstrap._is_current(bootstrap.VENV, bootstrap.venv_stamp())
    (bootstrap.VENV / ".kfm-stamp").write_text(bootstrap.venv_stamp())
    assert bootstrap._is_current(bootstrap.VENV, bootstrap.venv_stamp())
    (checkout / "dev.txt").write_text("one==2 --hash=sha256:0\n")
    assert not bootstrap._is_current(bootstrap.VENV, bootstrap.venv_stamp())


def test_a_venv_whose_python_is_gone_is_not_current(checkout: Path) -> None:
    (bootstrap.VENV / ".kfm-stamp").write_text(bootstrap.venv_stamp())
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to(checkout / "nowhere")
    assert not bootstrap._is_current(bootstrap.VENV, bootstrap.venv_stamp())


def test_a_small_disk_is_said_before_packages_are_fetched(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "BUILD_MB", shutil.disk_usage(checkout).total)
    with pytest.raises(SystemExit, match="make room first"):
        bootstrap.make_venv()


def test_a_step_that_fails_says_why_and_what_to_do() -> None:
    with pytest.raises(SystemExit, match=r"(?s)no route.*could not be had.*needs a network"):
        bootstrap._run(
            [sys.executable, "-c", "raise SystemExit('no route')"], why="Packages could not be had"
        )


def test_a_command_without_a_stack_is_told_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit, match=r"start `python3 manage\.py up` first"):
        bootstrap.join(["manage.py", "people", "list"])
    with pytest.raises(SystemExit, match=r"start `python3 manage\.py up` first"):
        bootstrap.join(["manage.py", "policy", "replay", "--bundle", "new"])
    bootstrap.join(["manage.py", "people", "--help"])
    bootstrap.join(["manage.py", "policy", "build", "--to", "new"])


def test_a_stack_that_was_killed_is_not_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    for name in ("DATABASE_URL", "KFM_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "environment.json").write_text('{"DATABASE_URL": "postgresql://gone/kfm"}')
    (tmp_path / "var" / "lock").write_text("process 999999999 on port 8000")
    with pytest.raises(SystemExit, match="No stack runs"):
        bootstrap.join(["manage.py", "shell"])

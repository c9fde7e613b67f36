"""A place is held by one stack, keeps its passwords to itself, and has sockets that can be addressed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kfm_review.local import place as places
from kfm_review.local.place import taken
from kfm_review.local.refusal import NotStarted


def test_the_second_start_is_told_who_holds_the_place(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from kfm_review.local.place import taken
with taken(Path({str(tmp_path)!r}), port=9): pass
"""
    with taken(tmp_path, port=8123):
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"process {os.getpid()} on port 8123" in second.stderr


def test_a_place_can_be_taken_again_after_its_end(tmp_path: Path) -> None:
    for _ in range(2):
        with taken(tmp_path, port=1) as place:
            assert place.sockets.is_dir()
        assert not place.sockets.exists()


def test_sockets_of_a_long_path_are_elsewhere_and_go_away(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / "var"
    with taken(deep, port=1) as place:
        assert not place.sockets.is_relative_to(deep)
        assert len(str(place.sockets / places.LONGEST_SOCKET)) <= places.SOCKET_PATH_MAX
    assert not place.sockets.exists()


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "FREE_MB", 10**12)
    with pytest.raises(NotStarted, match="make room first"), taken(tmp_path, port=1):
        pass


def test_passwords_are_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    with taken(tmp_path, port=1) as place:
        assert place.passwords() == place.passwords()
        assert len(set(place.passwords().values())) == len(places.HOLDERS)
    assert stat.S_IMODE((tmp_path / "passwords.json").stat().st_mode) == 0o600


def test_a_step_is_done_for_something(tmp_path: Path) -> None:
    with taken(tmp_path, port=1) as place:
        assert place.done("migrate") == ""
        place.mark("migrate", of="abc")
        assert place.done("migrate") == "abc"
        place.forget()
        assert place.done("migrate") == ""

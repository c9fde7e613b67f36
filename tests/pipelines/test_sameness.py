"""Same question, same manifest: from other checkouts, locales, time zones, hash seeds and numbers of CPUs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines

ROOT = Path(pipelines.__file__).parent.parent
# A comparison, a first edition, one that cannot be compared, and one that a gate stops, with its map.
ASKED = (
    ("2026-09", "2024-10"),
    ("2026-09-halved", "none"),
    ("2026-09-duplicates", "2024-10"),
    ("2026-09-swapped", "2024-10"),
)
ASK = "import sys; from pipelines import cli; [cli.main(words.split()) for words in sys.argv[1:]]"
ELSEWHERE = {
    "a": {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
    "a much longer path, with spaces": {
        "LC_ALL": "C.UTF-8",
        "TZ": "Asia/Kathmandu",
        "PYTHONHASHSEED": "4242",
    },
}


def _manifests(checkout: Path, settings: dict[str, str], cpus: set[int]) -> list[str]:
    shutil.copytree(ROOT / "pipelines", checkout / "pipelines", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "infra" / "locks").mkdir(parents=True)
    shutil.copy(ROOT / "infra" / "locks" / "worker.txt", checkout / "infra" / "locks")
    (checkout / "tmp").mkdir()
    asked = [f"run ks_airports --edition {edition} --base {base}" for edition, base in ASKED]
    ran = subprocess.run(
        [sys.executable, "-c", ASK, *asked],
        cwd=checkout,
        env={"PATH": os.defpath, "TMPDIR": str(checkout / "tmp"), **settings},
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),  # the child has one thread by then
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return [line for line in ran.stdout.splitlines() if line.startswith("manifest")]


@pytest.mark.slow
def test_the_same_spec_gives_the_same_manifest_wherever_it_runs(tmp_path: Path) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    given = zip(ELSEWHERE.items(), ({cpus[0]}, set(cpus)), strict=True)
    here, there = (_manifests(tmp_path / name, settings, some) for (name, settings), some in given)
    assert len(set(here)) == len(ASKED)
    assert here == there

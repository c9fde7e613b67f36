"""A real worker on a real broker: what it reports, and that nothing a run does ends it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest

from kfm_review.local.stack import ROOT
from pipelines import manifest
from pipelines.store import FileStore, Results, place
from tests.pipelines.workbench import Bench, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with serving("tests.pipelines.rogue") as served:
        yield served


def test_a_run_that_goes_well_is_recorded_and_left_in_the_store(bench: Bench) -> None:
    run = str(uuid4())
    bench.ask("to see it go well", run=run)
    started, recorded = bench.hear("started", run=run), bench.hear("recorded", run=run)
    assert started["secret"] == recorded["secret"] == "s" * 32
    made = manifest.read(FileStore(place(bench.store, "candidates")), recorded["manifest"])
    assert made.asset == "ks_airports"
    left = [words for words in Results(place(bench.store, "results")).waiting() if words["run"] == run]
    assert left == [recorded]


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("read a null pointer", "died: Worker exited prematurely: signal 11"),
        ("be killed", "died: Worker exited prematurely: signal 9"),
        ("leave", "died: Worker exited prematurely: exitcode 3"),
        ("hang", "took longer than its 3 seconds"),
        ("eat memory", "needed more than its 512 MiB of memory"),
        ("raise", "broke: ValueError: something nobody thought of"),
    ],
)
def test_whatever_a_run_does_it_ends_with_a_manifest_and_the_worker_lives(
    bench: Bench, deed: str, said: str
) -> None:
    run, after = str(uuid4()), str(uuid4())
    bench.ask(deed, run=run)
    failed = bench.hear("failed", run=run)
    assert said in failed["why"]
    made = manifest.read(FileStore(place(bench.store, "candidates")), failed["manifest"])
    assert (made.outcome, made.failure is not None) == ("ERROR", True)
    bench.ask("to see it go well", run=after)
    assert bench.hear("recorded", run=after)


def test_a_long_run_says_how_far_it_is_and_that_it_lives(bench: Bench) -> None:
    run = str(uuid4())
    bench.ask("take a while", run=run)
    assert bench.hear("progress", run=run)["step"] == "Misbehaving"
    assert bench.hear("heartbeat", run=run)
    assert bench.hear("recorded", run=run)


def test_a_cancelled_run_says_nothing_more_and_frees_its_place(bench: Bench) -> None:
    run, after = str(uuid4()), str(uuid4())
    bench.ask("hang", run=run)
    bench.hear("started", run=run)
    bench.app.control.revoke(f"{run}.1", terminate=True, signal="SIGKILL")
    bench.ask("to see it go well", run=after)
    assert bench.hear("recorded", run=after)
    assert {words["kind"] for words in bench.said if words["run"] == run} <= {
        "started",
        "progress",
        "heartbeat",
    }


def test_an_unknown_family_is_an_error_and_not_a_crash(bench: Bench) -> None:
    run = str(uuid4())
    bench.ask("", run=run, family="nobody_knows")
    ended = bench.hear("recorded", run=run)
    assert ended["outcome"] == "ERROR"


@pytest.mark.parametrize("args", [[], ["no job"], [{}], [{"family": "ks_airports"}]])
def test_a_message_that_is_no_job_does_not_end_the_worker(bench: Bench, args: list[object]) -> None:
    after = str(uuid4())
    bench.send(args, task_id=str(uuid4()))
    bench.ask("to see it go well", run=after)
    assert bench.hear("recorded", run=after)


def test_a_worker_loads_neither_django_nor_a_database_driver() -> None:
    loaded = "[name for name in ('django.db', 'psycopg', 'kfm_review') if name in sys.modules]"
    asked = f"import sys, pipelines.worker; print({loaded})"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "kfm_review.settings"}
    said = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"

"""No validator opens a socket: each works in a process in which opening one is an error, whoever tries."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.house import tree

GUARDED = """
import sys

def refuse(event, args):
    if event.startswith("socket."):
        raise RuntimeError(f"A validator opened a socket: {event} {args[1:]}")

sys.addaudithook(refuse)
"""
# Each leaves in `said` what it found: nothing, of documents that are as they should be.
JUDGES = {
    "stac.check": "from pipelines.catalog import stac; said = stac.check(run.stac)",
    "dcat.check": "from pipelines.catalog import dcat; said = dcat.check(run.dcat)",
    "prov_check.check": "from pipelines.catalog import prov_check; said = prov_check.check(run.prov)",
    "triad.check": (
        "from pipelines.catalog import triad; said = triad.check(told, prov=run.prov, store=run.store)"
    ),
    "manifest.parse": "manifest.parse(told); said = ()",
    "spec.families": "from pipelines import spec; spec.families(); said = ()",
    "published item": (
        "from tests.conformance.published import item_of; from pipelines.catalog import stac; "
        "said = stac.check(item_of(run))"
    ),
}
HOSTILE = {
    "a remote context of a dataset": "dcat.check(json.dumps({**told, '@context': 'https://elsewhere.invalid/c'}).encode())",
    "an extension that is not at hand": (
        "stac.check(json.dumps({**item, 'stac_extensions': ['https://elsewhere.invalid/s.json']}).encode())"
    ),
    "a remote context of PROV": "prov_check.check(json.dumps({'@context': 'https://x.invalid'}).encode())",
}


def ran(code: str) -> str:
    """Run a program in which no socket may be opened, and return what it printed last."""
    command = [sys.executable, "-W", "ignore", "-c", GUARDED + code]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.slow
def test_no_validator_opens_a_socket(judged: Counter[str]) -> None:
    code = "import json\nfrom pipelines import manifest\nfrom tests.pipelines import made\n"
    code += "run, found = made.whole(), {}\n"
    code += "told = run.store.read(manifest.write(run.store, run.manifest), limit=2**24)\n"
    for name, judge in JUDGES.items():
        code += f"{judge}\nfound[{name!r}] = len(said)\n"
    found = json.loads(ran(code + "print(json.dumps(found))"))
    assert found == dict.fromkeys(JUDGES, 0)
    judged["offline: validators that opened no socket"] += len(found)


@pytest.mark.slow
def test_what_would_have_to_be_fetched_is_refused_and_not_fetched(judged: Counter[str]) -> None:
    code = (
        "import json\nfrom pipelines.catalog import dcat, prov_check, stac\n"
        "from tests.pipelines import made\n"
        "run = made.whole()\ntold, item, found = json.loads(run.dcat), json.loads(run.stac), {}\n"
    )
    for name, judge in HOSTILE.items():
        code += f"found[{name!r}] = bool({judge})\n"
    found = json.loads(ran(code + "print(json.dumps(found))"))
    assert found == dict.fromkeys(HOSTILE, True)
    judged["offline: documents that ask to be fetched, refused"] += len(found)


def test_the_guard_itself_bites() -> None:
    command = [sys.executable, "-c", GUARDED + "import socket\nsocket.getaddrinfo('localhost', 1)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "A validator opened a socket" in done.stderr

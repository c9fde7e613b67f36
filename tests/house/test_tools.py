"""Linter, formatter, types, templates, migrations and locks have nothing to say."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from pipelines import documents
from tests.house import tree

BIN = Path(sys.executable).parent
PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str | dict[str, str]]] = PROJECT["dependency-groups"]
LOCKED = ("web", "worker", "local", "node", "dev")
TEMPLATES = tuple(str(file) for file in tree.files() if file.suffix == ".html")


def check(*command: str) -> None:
    """Run a tool on the tree; what it says is why the test fails."""
    ran = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_linter_finds_nothing() -> None:
    check(str(BIN / "ruff"), "check", ".")


def test_everything_is_formatted() -> None:
    check(str(BIN / "ruff"), "format", "--check", ".")


def test_the_types_hold() -> None:
    check(str(BIN / "mypy"))


@pytest.mark.skipif(not TEMPLATES, reason="there are no templates")
def test_templates_are_indented() -> None:
    check(str(BIN / "djhtml"), "--check", "--tabwidth", "2", *TEMPLATES)


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    check(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")


def test_every_app_has_one_last_migration() -> None:
    for folder in (tree.ROOT / "kfm_review").glob("*/migrations"):
        numbers = [file.name[:4] for file in folder.glob("[0-9]*.py")]
        assert len(numbers) == len(set(numbers)), f"{folder} branches"


@pytest.mark.parametrize("group", LOCKED)
def test_a_lock_holds_what_its_group_asks_for(group: str) -> None:
    lock = (tree.ROOT / "infra" / "locks" / f"{group}.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", lock, re.MULTILINE))
    pinned = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins.items()}
    for wanted in _requirements(group):
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert name in pinned, f"{wanted} is not in the lock: run uv pip compile (see README)"
        assert wanted.specifier.contains(pinned[name]), f"{wanted} is locked at {pinned[name]}"
    assert lock.count("==") <= lock.count("--hash=sha256:")


def test_every_hook_is_our_own_and_its_program_is_there() -> None:
    told = documents.read_yaml((tree.ROOT / ".pre-commit-config.yaml").read_bytes())
    hooks = [hook for source in told["repos"] for hook in source["hooks"]]
    assert {source["repo"] for source in told["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all((BIN / Path(hook["entry"].split()[0]).name).is_file() for hook in hooks)
    check(str(BIN / "pre-commit"), "validate-config")


def test_the_workflow_calls_the_same_script() -> None:
    workflow = (tree.ROOT / ".github" / "workflows" / "check.yaml").read_text(encoding="utf-8")
    assert "run: bash .ci/run" in workflow
    assert os.access(tree.ROOT / ".ci" / "run", os.X_OK)


def _requirements(group: str) -> list[Requirement]:
    found: list[Requirement] = []
    for entry in GROUPS[group]:
        if isinstance(entry, dict):
            found += _requirements(entry["include-group"])
        else:
            found.append(Requirement(entry))
    return found

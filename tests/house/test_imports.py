"""Who may import whom: the contracts hold, nothing is exempt, and each of them fails when it is broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house import tree

CONFIG = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = tuple(contract["name"] for contract in CONFIG["contracts"])
BREACHES = {  # how a contract's name begins: the module that breaks it, and the import it makes
    "The review app stands": ("pipelines/digest.py", "kfm_review.errors"),
    "Pipelines: doors": ("pipelines/store.py", "pipelines.runner"),
    "Review: addresses": ("kfm_review/runs/actions.py", "kfm_review.releases.models"),
    "Inside a domain": ("kfm_review/runs/models.py", "kfm_review.runs.actions"),
    "Rules and states": ("kfm_review/reviews/rules.py", "django.utils.timezone"),
    "Pipelines know nothing": ("pipelines/manifest.py", "django.conf"),
    "Only the doors": ("kfm_review/outbox/post.py", "celery"),
    "The review app reads": ("kfm_review/runs/actions.py", "pipelines.runner"),
    "People's side": ("kfm_review/runs/actions.py", "geopandas"),
    "Gates do not": ("pipelines/gates/rows.py", "pipelines.gates.keys"),
    "Families do not": ("pipelines/families/a/__init__.py", "pipelines.families.b"),
    "No circles": ("pipelines/errors.py", "pipelines.digest"),
}


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a tree."""
    program = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run([*program, *contracts], cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_holds() -> None:
    ran = lint(tree.ROOT)
    assert ran.returncode == 0, ran.stdout


def test_nothing_is_exempt() -> None:
    exempt = {"ignore_imports", "unmatched_ignore_imports_alerting", "allow_indirect_imports"}
    assert not [contract["name"] for contract in CONFIG["contracts"] if exempt & set(contract)]
    assert "ignore_imports" not in CONFIG


def test_every_contract_has_a_breach_below() -> None:
    assert [_breach(contract) for contract in CONTRACTS] == list(BREACHES.values())


@pytest.mark.slow
@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_fails_when_it_is_broken(contract: str, tmp_path: Path) -> None:
    for name in ("kfm_review", "pipelines"):
        shutil.copytree(tree.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    for family in ("a", "b"):
        (tmp_path / "pipelines" / "families" / family).mkdir()
        (tmp_path / "pipelines" / "families" / family / "__init__.py").write_text('"""A family."""\n')
    module, imported = _breach(contract)
    with (tmp_path / module).open("a") as source:
        source.write(f"\nimport {imported}\n")
    ran = lint(tmp_path)
    assert ran.returncode != 0
    assert f"{contract} BROKEN" in ran.stdout, ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", ["kfm_review/unplanned.py", "pipelines/unplanned.py", "kfm_review/runs/odd.py"]
)
def test_a_module_that_nobody_planned_breaks_the_layers(module: str, tmp_path: Path) -> None:
    for name in ("kfm_review", "pipelines"):
        shutil.copytree(tree.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / module).write_text('"""Nobody planned it."""\n')
    assert lint(tmp_path).returncode != 0


def _breach(contract: str) -> tuple[str, str]:
    return next(breach for begin, breach in BREACHES.items() if contract.startswith(begin))

"""The policies as OPA itself sees them: strict, formatted, tested, described, and compiled as committed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines import compiling, rego
from pipelines.compiling import PACKAGES, POLICIES
from pipelines.errors import PolicyBroken
from pipelines.model import Json

HERE = Path(__file__).parent
GOOD: dict[str, Json] = json.loads((HERE / "good.json").read_bytes())["good"]
CASES: list[Json] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))["cases"]
SOURCES = tuple(sorted(POLICIES.glob("*/*.rego")))
TRIED = ("cases_test.rego", "cases.yaml", "good.json")
HEADS = (
    *("passed", "consistent", "receipted", "covered", "attributed"),
    *("held", "current_base", "embargo_over", "excused_enough", "stands"),
)
pytestmark = pytest.mark.usefixtures("opa")


def test_the_committed_bundle_is_what_the_sources_compile_to(tmp_path: Path) -> None:
    compiling.build(to=tmp_path)
    for part in (rego.WASM, rego.DATA, rego.MANIFEST):
        assert (tmp_path / part).read_bytes() == (rego.BUNDLE / part).read_bytes(), part


def test_every_input_that_a_policy_names_is_in_its_schema(tmp_path: Path) -> None:
    assert _checked(POLICIES, tmp_path) == ""


def test_a_misspelt_input_is_found(tmp_path: Path) -> None:
    policies = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    file = policies / "promotion" / "promotion.rego"
    file.write_text(file.read_text().replace("input.facts.withdrawn", "input.facts.withdrawm"))
    with pytest.raises(PolicyBroken, match="withdrawm"):
        _checked(policies, tmp_path)


def test_policies_are_formatted() -> None:
    assert compiling.run("fmt", "--list", "--fail", *PACKAGES, str(HERE), cwd=POLICIES) == ""


def test_every_rule_is_covered_by_tests_that_pass() -> None:
    covered = json.loads(_tried(POLICIES, "--coverage"))
    assert {file.rsplit("/", 1)[-1] for file in covered["files"]} >= {file.name for file in SOURCES}
    assert covered["coverage"] == 100, covered


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rule_says_what_it_is_and_what_to_do(package: str) -> None:
    told = json.loads(compiling.run("inspect", "-a", "-f", "json", package, cwd=POLICIES))["annotations"]
    rules = [one["annotations"] for one in told if one["annotations"]["scope"] == "rule"]
    described = {rule["custom"]["id"]: rule for rule in rules if "custom" in rule}
    assert set(described) == set(rego.engine().required(package))
    source = (POLICIES / package / f"{package}.rego").read_text(encoding="utf-8")
    assert source.count("passed contains ") == len(described)
    for name, rule in described.items():
        custom = rule["custom"]
        assert f'passed contains "{name}" if' in source
        assert custom["code"].replace("_", "").isupper()
        for said in (rule["title"], rule["description"], custom["message"], custom["remedy"]):
            assert len(said) >= 5
        root, *way = custom["path"].split(".")
        assert root == "input"
        assert any(_leads(one["input"], way) for one in GOOD.values() if one["package"] == package)


def test_we_answer_as_opa_itself_does(tmp_path: Path) -> None:
    """The compiler's own interpreter judges the same inputs from the sources."""
    asked = [(one["package"], one["input"]) for one in GOOD.values()]
    asked += [(GOOD[one["of"]]["package"], _changed(one)) for one in CASES]
    for package in PACKAGES:
        inputs = [given for name, given in asked if name == package]
        for given, said in zip(inputs, _evaluated(package, inputs, tmp_path), strict=True):
            ours = rego.engine().judge(package, given)
            assert ours.allowed is said["allow"]
            assert set(ours.passed) == set(said["passed"])
            assert list(ours.required) == said["required"]


@pytest.mark.parametrize("case", CASES, ids=lambda one: f"{one['of']}{one['at']}")
def test_one_change_breaks_its_rules_and_no_other(case: Json) -> None:
    said = rego.engine().judge(GOOD[case["of"]]["package"], _changed(case))
    assert said.allowed is False
    assert {rule.id for rule in said.missing} == set(case["breaks"])


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_no_premise_can_be_lost_unnoticed(package: str, tmp_path: Path) -> None:
    policies = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    file = policies / package / f"{package}.rego"
    source = file.read_text(encoding="utf-8")
    survived = []
    for number, lost in _premises(source):
        lines = source.splitlines(keepends=True)
        lines[number] = "\ttrue\n"
        file.write_text("".join(lines), encoding="utf-8")
        if not _notices(policies):
            survived.append(lost)
    assert survived == []


def _notices(policies: Path) -> bool:
    try:
        _tried(policies)
    except PolicyBroken:
        return True
    return False


def _premises(source: str) -> Iterator[tuple[int, str]]:
    """Yield each line of each body that stands alone: a condition, not a definition or a bracket."""
    inside = False
    for number, line in enumerate(source.splitlines()):
        bare = line.strip()
        if line.startswith(HEADS):
            inside = line.endswith("{")
        elif line == "}":
            inside = False
        elif inside and not bare.endswith("{") and ":=" not in bare and bare != "}":
            yield number, bare


def _tried(policies: Path, *more: str) -> str:
    data = rego.BUNDLE / rego.DATA
    tests = [str(HERE / name) for name in TRIED]
    return compiling.run("test", *more, *PACKAGES, str(data), *tests, cwd=policies)


def _checked(policies: Path, folder: Path) -> str:
    schemas = folder / "schemas"
    schemas.mkdir()
    for name in PACKAGES:
        shutil.copy(POLICIES.parent / "schemas" / f"judgement-{name}.schema.json", schemas / f"{name}.json")
    return compiling.run("check", "--strict", "--schema", str(schemas), *PACKAGES, cwd=policies)


def _evaluated(package: str, inputs: list[Json], folder: Path) -> list[Json]:
    """Ask OPA about all inputs at once."""
    asked = folder / f"{package}.json"
    asked.write_text(json.dumps({"asked": inputs}), encoding="utf-8")
    query = f"[said | some one in data.asked; said := data.kfm.{package}.result with input as one]"
    words = ("eval", "-f", "json", "--import", "rego.v1", "-d", package, "-d", str(rego.BUNDLE / rego.DATA))
    said = json.loads(compiling.run(*words, "-d", str(asked), query, cwd=POLICIES))
    return list(said["result"][0]["expressions"][0]["value"])


def _changed(case: Json) -> Json:
    """Return a case's input with its one change."""
    asked: Any = json.loads(json.dumps(GOOD[case["of"]]["input"]))
    at = asked
    *way, last = case["at"].strip("/").split("/")
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = case["put"]
    return dict(asked)


def _leads(asked: Json, way: list[str]) -> bool:
    """Answer whether a path leads somewhere in an input."""
    for step in way:
        if step not in asked:
            return False
        asked = asked[step]
    return True

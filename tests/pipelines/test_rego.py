"""Whatever is wrong with a bundle, its engine or its answer: nothing passes."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from pipelines import digest, rego
from pipelines.errors import PolicyBroken
from pipelines.model import Json
from pipelines.rego import DATA, MANIFEST, WASM, Engine

GOOD: dict[str, Json] = json.loads((Path(__file__).parent / "policies" / "good.json").read_bytes())["good"]
ANSWER = [{"result": {"allow": True, "passed": ["a.rule"], "required": ["a.rule"]}}]
STUB = """(module
  (import "env" "memory" (memory 2))
  {imports}
  (data (i32.const 16) "{builtins}\\00") (data (i32.const 256) "{answer}\\00")
  (func (export "builtins") (result i32) (i32.const 16))
  (func (export "opa_json_dump") (param i32) (result i32) (local.get 0))
  (func (export "opa_malloc") (param i32) (result i32) (i32.const 8192))
  (func (export "opa_json_parse") (param i32 i32) (result i32) (i32.const {parsed}))
  (func (export "opa_heap_ptr_get") (result i32) (i32.const 65536))
  (func (export "{entry}") (param i32 i32 i32 i32 i32 i32 i32) (result i32) {body} (i32.const 256)))"""
STANDING = {
    "imports": "",
    "builtins": "{}",
    "parsed": "1",
    "entry": "opa_eval",
    "body": "",
    "answer": json.dumps(ANSWER),
}
TOO_MUCH = "(if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then (unreachable)))"
OWN_GATE = "volume"
BREAKS = {
    "a trap": {"body": "(unreachable)"},
    "no end": {"body": "(loop (br 0))"},
    "too much memory": {"body": TOO_MUCH},
    "no such export": {"entry": "evaluate"},
    "no JSON": {"answer": "maybe"},
    "a needed builtin": {"builtins": '{"sprintf": 0}'},
    "data unread": {"parsed": "0"},
    "a strange import": {"imports": '(import "env" "clock" (func))'},
}
ANSWERS: dict[str, Any] = {
    "none": [],
    "two": ANSWER * 2,
    "undefined": [{"result": None}],
    "a word for yes": [{"result": {"allow": "true", "passed": ["a.rule"], "required": ["a.rule"]}}],
    "one for yes": [{"result": {"allow": 1, "passed": ["a.rule"], "required": ["a.rule"]}}],
    "unproved": [{"result": {"allow": True, "passed": [], "required": ["a.rule"]}}],
    "other rules": [{"result": {"allow": True, "passed": ["a.rule"], "required": []}}],
    "no list": [{"result": {"allow": True, "passed": ["a.rule"]}}],
    "no names": [{"result": {"allow": True, "passed": [1, "a.rule"], "required": ["a.rule"]}}],
    "proved, not allowed": [{"result": {"allow": False, "passed": ["a.rule"], "required": ["a.rule"]}}],
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(rego.BUNDLE, tmp_path / "bundle"))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_input_is_allowed_and_told_by_what(name: str) -> None:
    said = rego.engine().judge(GOOD[name]["package"], GOOD[name]["input"])
    assert said.allowed is True
    assert set(said.passed) >= set(said.required)
    assert (said.missing, said.bundle) == ((), rego.engine().digest)


@pytest.mark.parametrize("name", GOOD)
def test_without_any_one_of_its_keys_nothing_is_allowed(name: str) -> None:
    asked = GOOD[name]["input"]
    for left in _each_without_one(asked):
        assert _is_allowed(GOOD[name]["package"], left) is (left in _with_a_gate_less(asked))


def test_a_key_that_no_schema_knows_is_an_error() -> None:
    with pytest.raises(PolicyBroken, match="another form"):
        rego.engine().judge("promotion", {**GOOD["promotion"]["input"], "admin": True})


def test_equal_questions_get_equal_answers() -> None:
    first, again = (rego.engine().judge("infra", GOOD["infra"]["input"]) for _ in range(2))
    assert digest.canonical(first.to_json()) == digest.canonical(again.to_json())


def test_a_package_that_is_missing_is_an_error() -> None:
    with pytest.raises(PolicyBroken, match="demands nothing"):
        rego.engine().judge("nothing", {})


@pytest.mark.parametrize("part", [WASM, DATA])
def test_a_part_with_another_digest_is_an_error(bundle: Path, part: str) -> None:
    (bundle / part).write_bytes((bundle / part).read_bytes() + b" ")
    with pytest.raises(PolicyBroken, match="not the one"):
        Engine(bundle)


@pytest.mark.parametrize("part", [WASM, DATA, MANIFEST])
def test_a_part_that_is_missing_is_an_error(bundle: Path, part: str) -> None:
    (bundle / part).unlink()
    with pytest.raises(PolicyBroken, match="cannot be read"):
        Engine(bundle)


def test_a_manifest_that_says_less_is_an_error(bundle: Path) -> None:
    told = json.loads((bundle / MANIFEST).read_bytes())
    del told["entrypoints"]
    (bundle / MANIFEST).write_bytes(digest.canonical(told))
    with pytest.raises(PolicyBroken, match="no manifest"):
        Engine(bundle)


def test_a_rule_of_another_form_is_an_error(bundle: Path) -> None:
    told = json.loads((bundle / MANIFEST).read_bytes())
    for rule in told["rules"].values():
        del rule["path"]
    (bundle / MANIFEST).write_bytes(digest.canonical(told))
    with pytest.raises(PolicyBroken, match="in another form"):
        Engine(bundle)


def test_an_empty_list_of_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyBroken, match="demands nothing"):
        Engine(_stub(tmp_path, rules=[])).judge("infra", GOOD["infra"]["input"])


def test_data_that_demand_other_rules_than_the_manifest_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyBroken, match="other rules"):
        Engine(_stub(tmp_path, listed=["another.rule"]))


def test_the_stub_stands_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert Engine(_stub(tmp_path)).judge("infra", GOOD["infra"]["input"]).allowed is True


@pytest.mark.parametrize("broken", BREAKS)
def test_a_module_that_breaks_is_an_error(tmp_path: Path, broken: str) -> None:
    with pytest.raises(PolicyBroken):
        Engine(_stub(tmp_path, told=BREAKS[broken])).judge("infra", GOOD["infra"]["input"])


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_of_another_form_is_an_error(tmp_path: Path, answer: str) -> None:
    with pytest.raises(PolicyBroken):
        Engine(_stub(tmp_path, told={"answer": json.dumps(ANSWERS[answer])})).judge(
            "infra", GOOD["infra"]["input"]
        )


def _stub(
    folder: Path,
    *,
    rules: list[str] | None = None,
    listed: list[str] | None = None,
    told: Mapping[str, str] = STANDING,
) -> Path:
    """Write a bundle whose module is so small that one can see what it does."""
    said = {**STANDING, **told}
    text = STUB
    for name, value in said.items():
        quoted = value.replace('"', '\\"') if name in ("builtins", "answer") else value
        text = text.replace("{" + name + "}", quoted)
    demanded = ["a.rule"] if rules is None else rules
    data = digest.canonical({"required": {"infra": demanded if listed is None else listed}, "numbers": {}})
    wasm = bytes(wasmtime.wat2wasm(text))
    about = {
        "title": "A",
        "description": "B",
        "code": "C",
        "group": "D",
        "path": "input",
        "message": "E",
        "remedy": "F",
    }
    manifest = {
        "schema": rego.SCHEMA,
        "opa": "none",
        "entrypoints": {"infra": 0},
        "required": {"infra": demanded},
        "rules": {"a.rule": {"id": "a.rule", **about}},
        "sources": {},
        "parts": {WASM: digest.of(wasm), DATA: digest.of(data)},
    }
    for name, part in ((WASM, wasm), (DATA, data), (MANIFEST, digest.canonical(manifest))):
        (folder / name).write_bytes(part)
    return folder


def _is_allowed(package: str, asked: Json) -> bool:
    try:
        return rego.engine().judge(package, asked).allowed
    except PolicyBroken:
        return False


def _with_a_gate_less(asked: Json) -> list[Json]:
    """Return what policy alone cannot miss: a gate of one family only, which the check `outcomes` demands."""
    facts = asked.get("facts", {})
    gates = {gate: said for gate, said in facts.get("gates", {}).items() if gate != OWN_GATE}
    return [{**asked, "facts": {**facts, "gates": gates}}] if facts else []


def _each_without_one(value: Any) -> Iterator[Any]:
    """Yield a document as often as it has keys, at any depth, each time without one of them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {name: told for name, told in value.items() if name != key}
            yield from ({**value, key: left} for left in _each_without_one(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], left, *value[at + 1 :]] for left in _each_without_one(inner))


def test_every_key_is_taken_away_once() -> None:
    left = list(_each_without_one({"a": [{"b": 1}], "c": 2}))
    assert left == [{"c": 2}, {"a": [{}], "c": 2}, {"a": [{"b": 1}]}]

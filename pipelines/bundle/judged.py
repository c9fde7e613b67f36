"""Under which policy a manifest was judged: the enclosed one, asked again, must answer the same."""

import tempfile
from functools import lru_cache
from pathlib import Path

from pipelines import digest, rego
from pipelines.bundle import contents
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.model import Role
from pipelines.sensitivity import OPEN

COMPILED, NUMBERS = "policy/bundle/", "policy/data/"
PARTS = (rego.MANIFEST, rego.DATA, rego.WASM)
PACKAGE = "materialisation"
JUDGED = f"artifact:{Role.JUDGEMENT}"


def policy(evidence: Evidence) -> str:
    """The enclosed policy is the one that the manifest names, and judges its input as it did then."""
    told = evidence.manifest
    parts = tuple(evidence.file(f"{COMPILED}{name}") for name in PARTS)
    if not told.policy_digest or digest.of(parts[0]) != told.policy_digest:
        raise NotProved("The enclosed policy is not the one that the manifest names.")
    engine = _engine(parts)
    _check_numbers(evidence, engine)
    return f"sha256:{told.policy_digest}; {_judgement(evidence, engine)}"


def _check_numbers(evidence: Evidence, engine: rego.Engine) -> None:
    """Refuse numbers that the policy was not compiled from."""
    files = dict(contents.below(evidence.files, "policy/"))
    numbers = {name.removeprefix("policy/"): one for name, one in files.items() if name.startswith(NUMBERS)}
    named = {name: one for name, one in engine.sources.items() if name.startswith("data/")}
    found = {name: digest.of(content) for name, content in numbers.items()}
    wanted = {name: one for name, one in named.items() if name.endswith(".yaml")}
    if not found or found != wanted or len(files) != len(numbers) + len(PARTS):
        raise NotProved("The enclosed numbers are not those that the policy was compiled from.")


def _judgement(evidence: Evidence, engine: rego.Engine) -> str:
    """Ask the policy again about what it was asked then."""
    told = evidence.manifest
    kept = told.artifact(Role.JUDGEMENT)
    if kept is None:
        if any(gate.evidence == JUDGED for gate in told.gates):
            raise NotProved("Gates rest on a judgement that the manifest does not name.")
        return "no judgement was kept"
    if told.labels is None or told.labels.sensitivity not in OPEN:
        return "its judgement by digest only"
    said = digest.read_json(evidence.file(f"artifacts/{kept.sha256}"))
    again = engine.judge(PACKAGE, said["input"]).to_json()
    then = dict(said["judgement"])
    if {**again, "engine": ""} != {**then, "engine": ""}:
        raise NotProved("Asked again, the enclosed policy answers otherwise than it is said to have.")
    return (
        f"asked again: {'allowed' if again['allowed'] else 'not allowed'}, {len(again['passed'])} rules pass"
    )


@lru_cache(maxsize=4)
def _engine(parts: tuple[bytes, ...]) -> rego.Engine:
    with tempfile.TemporaryDirectory(prefix="kfm-policy-") as folder:
        for name, content in zip(PARTS, parts, strict=True):
            (Path(folder) / name).write_bytes(content)
        return rego.Engine(Path(folder))

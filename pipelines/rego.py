"""Policies compiled by OPA, evaluated in process: what is asked is answered, or nothing passes.

The module is WebAssembly by `opa build -t wasm` (its Wasm ABI 1.2), run by wasmtime within bounds.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import wasmtime

from pipelines import digest, documents, shape
from pipelines.errors import NotStrict, PolicyBroken
from pipelines.model import Json

BUNDLE = Path(__file__).parent / "policies" / "bundle"
SCHEMA = "kfm/policy-bundle/1"
WASM, DATA, MANIFEST = "policy.wasm", "data.json", "manifest.json"
FIELDS = frozenset({"schema", "opa", "entrypoints", "required", "rules", "sources", "parts"})
PAGES, MOST_PAGES = 5, 256  # of 64 KiB
FUEL = 50_000_000  # instructions for one judgement; 10 KB of input take about a million
WINDOW = 8192
INPUT_AT_MOST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as its METADATA describes it."""

    id: str
    title: str
    description: str
    code: str
    group: str
    path: str  # the part of the input it is about
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What policy says about one input: whether it is allowed, what was proved, and what is missing."""

    package: str
    allowed: bool
    passed: tuple[str, ...]
    required: tuple[str, ...]
    missing: tuple[Rule, ...]
    bundle: str
    input_digest: str
    engine: str

    def to_json(self) -> Json:
        """Return the judgement as it is kept: the raw answer, and by what it was given."""
        return {
            "package": self.package,
            "allowed": self.allowed,
            "passed": list(self.passed),
            "required": list(self.required),
            "missing": [rule.id for rule in self.missing],
            "bundle": self.bundle,
            "input_digest": self.input_digest,
            "engine": self.engine,
        }


class Engine:
    """One loaded bundle; a call at a time, each within the same bounds."""

    def __init__(self, folder: Path) -> None:
        self.digest, self._told, wasm, content = _read(folder)
        try:
            self.rules = {name: Rule(**rule) for name, rule in self._told["rules"].items()}
        except TypeError as cause:
            raise PolicyBroken(f"The policy bundle tells of its rules in another form: {cause}") from cause
        self._lock = threading.Lock()
        try:
            self._machine = _Machine(wasm, content)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as cause:
            raise PolicyBroken(f"The policy module cannot be run: {cause}") from cause

    @property
    def sources(self) -> Mapping[str, str]:
        """Return the digests of the files it was compiled from, by their paths."""
        return dict(self._told["sources"])

    @property
    def name(self) -> str:
        """Name what evaluates, with its version."""
        return f"wasmtime {version('wasmtime')}, OPA {self._told['opa']}"

    def required(self, package: str) -> tuple[str, ...]:
        """Return the rules that must be proved; a package without any is no policy."""
        listed = tuple(self._told["required"].get(package, ()))
        if not listed:
            raise PolicyBroken(f"The bundle demands nothing of {package!r}: without policy nothing may pass.")
        return listed

    def rules_of(self, package: str) -> tuple[Rule, ...]:
        """Return the required rules of a package with their METADATA."""
        return tuple(self.rules[name] for name in self.required(package))

    def judge(self, package: str, asked: Json) -> Judgement:
        """Ask a package about an input.

        Raises:
            PolicyBroken: there is no such package, the input is not what its schema says, or the engine
                did not answer with exactly one result of the form that is expected.
        """
        required = self.required(package)
        schema = f"judgement-{package}"
        wrong = () if shape.fits(schema)(asked) else documents.mistakes(asked, schema=schema, file="input")
        if wrong:
            raise PolicyBroken(f"Policy was asked in another form than its schema's: {wrong[0]}")
        canonical = digest.canonical(asked)
        if len(canonical) > INPUT_AT_MOST:
            raise PolicyBroken(f"Policy was asked about {len(canonical):,} bytes, more than it reads.")
        with self._lock:
            answer = self._machine.ask(self._told["entrypoints"][package], canonical)
        allowed, passed = _accepted(answer, required)
        return Judgement(
            package=package,
            allowed=allowed,
            passed=passed,
            required=required,
            missing=tuple(self.rules[name] for name in required if name not in passed),
            bundle=self.digest,
            input_digest=digest.of(canonical),
            engine=self.name,
        )


@lru_cache(maxsize=4)
def engine(folder: Path = BUNDLE) -> Engine:
    """Return the engine of a bundle, loaded once."""
    return Engine(folder)


def _accepted(answer: Any, required: Sequence[str]) -> tuple[bool, tuple[str, ...]]:
    """Return whether it is allowed, and what passed; refuse every answer of another form."""
    match answer:
        case [{"result": {"allow": bool(allow), "passed": list(passed), "required": list(listed)}}]:
            if not all(isinstance(name, str) for name in passed) or tuple(listed) != tuple(required):
                raise PolicyBroken("Policy answered for other rules than its manifest demands.")
            proved = set(required) <= set(passed)
            if allow is not proved:
                raise PolicyBroken("Policy allows what it did not prove, or the other way round.")
            return allow and proved, tuple(sorted(passed))
    raise PolicyBroken("Policy gave no answer, or one of another form.")


def _read(folder: Path) -> tuple[str, Json, bytes, bytes]:
    """Return a bundle's digest, manifest, module and data; refuse parts that are not the ones it names."""
    try:
        told_bytes = (folder / MANIFEST).read_bytes()
        told = digest.read_json(told_bytes)
        parts = {name: (folder / name).read_bytes() for name in (WASM, DATA)}
    except (OSError, NotStrict) as cause:
        raise PolicyBroken(f"The policy bundle cannot be read: {cause}") from cause
    if not isinstance(told, dict) or told.get("schema") != SCHEMA or set(told) != FIELDS:
        raise PolicyBroken("The policy bundle has no manifest of a form that is known.")
    for name, content in parts.items():
        if told["parts"].get(name) != digest.of(content):
            raise PolicyBroken(f"{name} of the policy bundle is not the one its manifest names.")
    if digest.read_json(parts[DATA]).get("required") != told["required"]:
        raise PolicyBroken("The policy bundle's data demand other rules than its manifest.")
    return digest.of(told_bytes), told, parts[WASM], parts[DATA]


class _Machine:
    """The module with its data loaded; every question starts from the same heap."""

    def __init__(self, wasm: bytes, content: bytes) -> None:
        config = wasmtime.Config()
        config.consume_fuel = True
        engine_ = wasmtime.Engine(config)
        self._store = wasmtime.Store(engine_)
        self._store.set_limits(memory_size=MOST_PAGES * 65536)
        self._store.set_fuel(FUEL)
        module = wasmtime.Module(engine_, wasm)
        limits = wasmtime.Limits(PAGES, MOST_PAGES)
        self._memory = wasmtime.Memory(self._store, wasmtime.MemoryType(limits))
        imports = [self._import(one) for one in module.imports]
        self._exports = wasmtime.Instance(self._store, module, imports).exports(self._store)
        if self._dumped(self._call("builtins")) != {}:
            raise PolicyBroken("The policy needs builtins that no module has: use others.")
        self._data = self._parsed(content)
        self._heap = self._call("opa_heap_ptr_get")

    def ask(self, entrypoint: int, asked: bytes) -> Any:
        """Return the answer to one question."""
        try:
            self._store.set_fuel(FUEL)
            end = self._heap + len(asked)
            missing = end - self._memory.data_len(self._store)
            if missing > 0:
                self._memory.grow(self._store, missing // 65536 + 1)
            self._memory.write(self._store, asked, self._heap)
            result = self._call("opa_eval", 0, entrypoint, self._data, self._heap, len(asked), end, 0)
            return json.loads(self._text(result))
        except (wasmtime.Trap, wasmtime.WasmtimeError, ValueError, IndexError) as cause:
            raise PolicyBroken(f"The policy engine gave up: {str(cause).splitlines()[0]}") from cause

    def _import(self, wanted: wasmtime.ImportType) -> Any:
        if wanted.name == "memory":
            return self._memory
        if wanted.name not in ("opa_abort", *(f"opa_builtin{number}" for number in range(5))):
            raise PolicyBroken(f"The policy module asks for {wanted.name}, which nobody gives.")
        kind = wanted.type
        if not isinstance(kind, wasmtime.FuncType):
            raise PolicyBroken(f"The policy module asks for {wanted.name} in another form.")

        def refuse(*_: int) -> int:
            raise wasmtime.WasmtimeError(f"The policy called {wanted.name}.")

        return wasmtime.Func(self._store, kind, refuse)

    def _call(self, name: str, *arguments: int) -> int:
        found = self._exports.get(name)
        if not isinstance(found, wasmtime.Func):
            raise PolicyBroken(f"The policy module does not export {name}.")
        return int(found(self._store, *arguments) or 0)

    def _parsed(self, content: bytes) -> int:
        at = self._call("opa_malloc", len(content))
        self._memory.write(self._store, content, at)
        value = self._call("opa_json_parse", at, len(content))
        if not value:
            raise PolicyBroken("The policy's data cannot be read by its engine.")
        return value

    def _dumped(self, value: int) -> Any:
        return json.loads(self._text(self._call("opa_json_dump", value)))

    def _text(self, at: int) -> bytes:
        """Return the bytes up to the next zero, a window at a time."""
        found, most = bytearray(), self._memory.data_len(self._store)
        while at < most:
            window = bytes(self._memory.read(self._store, at, min(at + WINDOW, most)))
            text, zero, _ = window.partition(b"\x00")
            found += text
            if zero:
                return bytes(found)
            at += WINDOW
        raise PolicyBroken("The policy engine's answer has no end.")

"""Strict YAML, and our documents judged by their schemas with one line for each mistake."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode

from pipelines import digest
from pipelines.errors import Mistake, NotStrict
from pipelines.model import Json

_SCHEMAS = Path(__file__).parent / "schemas"
_SHOWN = 80
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9_]*)\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_RESOLVERS = (
    ("tag:yaml.org,2002:null", re.compile(r"(?:null|~)?\Z"), ("n", "~", "")),
    ("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ("t", "f")),
    ("tag:yaml.org,2002:int", _INTEGER, tuple("-0123456789")),
    ("tag:yaml.org,2002:float", _NUMBER, tuple("-0123456789")),
)


class _Loader(yaml.SafeLoader):
    """Plain values only: no dates, no `no` for false, no aliases, no name twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own form
        first: [(tag, pattern) for tag, pattern, firsts in _RESOLVERS if first in firsts]
        for first in ("n", "~", "", "t", "f", *"-0123456789")
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            at = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's
            raise ConstructorError(None, None, "an alias (*name) is not allowed: write it out", at)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        made = super().construct_mapping(node, deep=deep)
        if len(made) != len(node.value):
            raise ConstructorError(None, None, "a name stands twice here: keep one", node.start_mark)
        return made


def read_yaml(content: bytes) -> Any:
    """Read strict YAML: UTF-8, no aliases, no name twice; dates and words stay text."""
    try:
        return yaml.load(content.decode("utf-8"), Loader=_Loader)  # noqa: S506  # a safe loader, made stricter
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as cause:
        raise NotStrict(f"This is not YAML as we read it: {' '.join(str(cause).split())}.") from cause


@lru_cache(maxsize=16)
def validator(name: str) -> Draft202012Validator:
    """Return the validator of `schemas/<name>.schema.json`."""
    schema = digest.read_json((_SCHEMAS / f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def mistakes(document: Any, *, schema: str, file: str) -> tuple[Mistake, ...]:
    """Return what `document` says against one of our schemas, in the order of its parts."""
    errors = sorted(
        validator(schema).iter_errors(document), key=lambda error: [str(part) for part in error.path]
    )
    found = (_mistake(error, file) for error in errors)
    return tuple(dict.fromkeys(mistake for mistake in found if mistake.wrong))


def _mistake(error: ValidationError, file: str) -> Mistake:
    path = ".".join(str(part) for part in error.absolute_path)
    wrong, allowed = _judged(error)
    return Mistake(file=file, path=path, wrong=wrong, allowed=allowed)


def _judged(error: ValidationError) -> tuple[str, str]:
    """Return what is wrong and what is allowed, in words, for the keywords our schemas use."""
    found, want = cast("Any", error.instance), cast("Any", error.validator_value)
    shown = _shown(found)
    schema: Json = error.schema if isinstance(error.schema, dict) else {}
    meant = _meant(found, schema)
    told: dict[str, Callable[[], tuple[str, str]]] = {
        "additionalProperties": lambda: _unknown(found, schema, meant),
        "required": lambda: _missing(set(want) - set(found) - set(meant.values()), schema),
        "enum": lambda: (f"{shown} is not known", ", ".join(map(str, want))),
        "type": lambda: (f"{shown} is of another type", want if isinstance(want, str) else " or ".join(want)),
        "pattern": lambda: (f"{shown} has another form", schema.get("description", want)),
    }
    otherwise = (f"{shown} breaks {error.validator}", f"{error.validator} {_shown(want)}")
    return told[str(error.validator)]() if error.validator in told else otherwise


def _meant(found: Any, schema: Json) -> dict[str, str]:
    """Return which unknown names of an object are near one that it lacks: one mistake, not two."""
    if not isinstance(found, dict):
        return {}
    unknown = set(map(str, found)) - set(schema.get("properties", {}))
    missing = set(schema.get("required", ())) - set(found)
    near = {name: get_close_matches(name, sorted(missing), n=1) for name in sorted(unknown)}
    return {name: one for name, (one, *_) in ((name, ones) for name, ones in near.items() if ones)}


def _unknown(found: Json, schema: Json, meant: dict[str, str]) -> tuple[str, str]:
    known = schema.get("properties", {})
    names = set(map(str, found)) - set(known)
    allowed = [meant[name] for name in sorted(names)] if names <= set(meant) else list(known)
    return f"{_named(names)} is not known", ", ".join(allowed)


def _missing(names: set[str], schema: Json) -> tuple[str, str]:
    return f"{_named(names)} is missing" if names else "", schema.get("description", "add it")


def _named(names: set[Any]) -> str:
    return ", ".join(sorted(map(str, names)))


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, int | float) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

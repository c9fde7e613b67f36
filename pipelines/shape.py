"""The plain schemas of judgements made into functions that say quickly what surely fits."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pipelines import documents
from pipelines.model import Json

Fits = Callable[[Any], bool]
KNOWN = frozenset(
    {"$schema", "title", "type", "required", "properties", "additionalProperties", "items", "enum", "minimum"}
)
TYPES: Mapping[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


@lru_cache(maxsize=8)
def fits(schema: str) -> Fits:
    """Return what answers whether a document surely fits; where it cannot tell it says no."""
    told = documents.validator(schema).schema
    return _of(dict(told) if isinstance(told, Mapping) else {})


def _of(schema: Json) -> Fits:
    if not set(schema) <= KNOWN or ("type" not in schema and "enum" not in schema):
        return lambda _: False
    if "enum" in schema:
        return lambda value: isinstance(value, str) and value in schema["enum"]
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    by_type = {type(None) if name == "null" else TYPES[name]: _inner(name, schema) for name in names}
    never: Fits = lambda _: False  # noqa: E731  # the answer for every type that is not listed
    return lambda value: by_type.get(type(value), never)(value)


def _inner(name: str, schema: Json) -> Fits:
    if name == "array" and "items" in schema:
        item = _of(schema["items"])
        return lambda value: all(map(item, value))
    if name == "integer" and "minimum" in schema:
        return lambda value: bool(value >= schema["minimum"])
    if name == "object":
        return _object(schema)
    return lambda _: True


def _object(schema: Json) -> Fits:
    known = {name: _of(inner) for name, inner in schema.get("properties", {}).items()}
    wanted = frozenset(schema.get("required", ()))
    said = schema.get("additionalProperties", True)
    other: Fits = _of(said) if isinstance(said, dict) else lambda _: bool(said)

    def one(value: Any) -> bool:
        return wanted <= value.keys() and all(known.get(name, other)(told) for name, told in value.items())

    return one

"""Every single value of a JSON document with the path that leads to it: nothing is left out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value: where it stands, and as JSON writes it; a text without its quotes."""

    path: str
    value: str
    is_text: bool


def leaves(document: Any) -> tuple[Leaf, ...]:
    """Return all values, in the order of the document; what is empty is a value too."""
    return tuple(_leaves(document, ""))


def _leaves(part: Any, path: str) -> Iterator[Leaf]:
    if isinstance(part, dict) and part:
        for name, value in part.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(part, list) and part:
        for number, value in enumerate(part):
            yield from _leaves(value, f"{path}[{number}]")
    else:
        text = isinstance(part, str)
        yield Leaf(path=path, value=part if text else json.dumps(part), is_text=text)

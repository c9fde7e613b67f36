"""Every single value of a JSON document with the path that leads to it: nothing is left out."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DELETE = "\x7f"  # the one control sign that JSON does not write out


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
        yield Leaf(path=shown(path), value=shown(part) if text else json.dumps(part), is_text=text)


def shown(text: str) -> str:
    """Return a text with every sign written out that is invisible, or turns the direction of reading."""
    return "".join(sign if _visible(sign) else _escaped(sign) for sign in text)


def _visible(sign: str) -> bool:
    return sign in " \n" or not unicodedata.category(sign).startswith(("C", "Z"))


def _escaped(sign: str) -> str:
    return "\\u007f" if sign == DELETE else json.dumps(sign)[1:-1]

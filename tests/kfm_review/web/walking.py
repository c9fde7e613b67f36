"""Walking through every door as one visitor, and looking for what slips out."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver

from tests.kfm_review.web.doors import DOORS
from tests.kfm_review.web.guarded import FIGURES, PLACES, House


def names(resolver: URLResolver) -> Iterator[str]:
    """Yield the name of every address there is."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)
        else:
            yield from names(pattern)


def read(response: Any) -> str:
    """Return all that came back: body and headers."""
    body = b"".join(response) if response.streaming else response.content
    words = re.sub(r'value="[A-Za-z0-9]{64}"', "", body.decode("utf-8", "replace"))  # forms' own tokens
    return f"{words}\n{response.headers}"


def status(client: Client, address: str) -> int:
    """Return what an address is answered with, read to its end."""
    response = client.get(address)
    assert read(response)
    return int(response.status_code)


def slipped(body: str, *, visitor: str) -> list[str]:
    """Return the words that this visitor must not read, and does."""
    forbidden = {"revealed": (), "cleared": PLACES}.get(visitor, (*PLACES, *FIGURES))
    return [word for word in forbidden if word in body]


def walked(house: House, visitor: str) -> tuple[list[str], list[str]]:
    """Try every door; return the answers that are not the table's, and what slipped out."""
    client, wrong, out = house.visitor(visitor), [], []
    for name, door in DOORS.items():
        for address in door.at(house):
            response = client.get(address)
            if response.status_code != door.answers[visitor]:
                wrong.append(f"{name} {address}: {response.status_code}, not {door.answers[visitor]}")
            typed = address.split("?")[-1]
            found = slipped(read(response), visitor=visitor)
            out += [f"{name} {address}: {word}" for word in found if word not in typed]
    return wrong, out

"""What a person has set in the environment, judged before anything reads it."""

from __future__ import annotations  # read by the same Pythons as bootstrap

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PORTS = range(1, 65536)
DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL")


def faults(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence, with what to do, for everything that cannot be meant."""
    port = environment.get("KFM_PORT", "8000")
    if not port.isdecimal() or int(port) not in PORTS:
        yield f"KFM_PORT is {port!r}: set it to a number from {PORTS[0]} to {PORTS[-1]}, or unset it."
    for name in DATABASES:
        address = environment.get(name, "")
        if address and not address.startswith(("postgresql://", "postgres://")):
            yield f"{name} is no database's address: write postgresql://user:password@host/name, or unset it."

"""The seven closures of a release, in their order, and which checks each of them rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLOSURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "identity": ("Identity and closure", ("manifest", "signature", "closing")),
    "integrity": ("Asset integrity", ("artifacts", "reproduced")),
    "geometry": ("Geometry and CRS", ("place",)),
    "time": ("Temporal semantics", ("period", "base")),
    "rights": ("Rights and sensitivity", ("label", "rights")),
    "proof": ("Proof and catalog support", ("catalogs", "policy", "audit")),
    "review": ("Review and rollback", ("review", "recorded", "outcomes", "hold", "back")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """One closure with its checks; it is proved when each of them is."""

    id: str
    title: str
    checks: tuple[Mapping[str, Any], ...]

    @property
    def proved(self) -> bool:
        """Say whether every check of it was made and holds."""
        return bool(self.checks) and all(check["proved"] is True for check in self.checks)

    @property
    def evidence(self) -> str:
        """Name what it rests on, or what stands against it."""
        against = [str(check["evidence"]) for check in self.checks if check["proved"] is not True]
        return " ".join(against) or "; ".join(str(check["evidence"]) for check in self.checks)


def of(made: Sequence[Mapping[str, Any]]) -> tuple[Closure, ...]:
    """Return the seven closures over checks that were made; none of them where none was."""
    if not made:
        return ()
    return tuple(
        Closure(id=name, title=title, checks=tuple(_among(made, ids)))
        for name, (title, ids) in CLOSURES.items()
    )


def _among(made: Sequence[Mapping[str, Any]], ids: Iterable[str]) -> Iterable[Mapping[str, Any]]:
    known = {check["id"]: check for check in made}
    for one in ids:
        missing = {"id": one, "title": one, "proved": False, "evidence": "It was not checked then."}
        yield known.get(one, missing)

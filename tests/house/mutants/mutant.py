"""One mutation of a guarded rule: what it changes, and the test that must fail then."""

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
FIELDS = frozenset({"guards", "file", "old", "new", "test"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`old` stands exactly once in `file`; with `new` in its place, `test` must fail."""

    name: str
    guards: str
    file: str
    old: str
    new: str
    test: str

    def applied(self, source: str) -> str:
        """Return the mutated source; refuse a mutation that does not fit, or changes nothing.

        Raises:
            ValueError: `old` stands there more or less often than once, or equals `new`.
        """
        found = source.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: its old lines stand {found} times in {self.file}, not once.")
        if self.old == self.new:
            raise ValueError(f"{self.name} changes nothing.")
        return source.replace(self.old, self.new)


def read(file: Path) -> Mutant:
    """Return the mutant that a file describes, refusing one that says more or less."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or set(told) != FIELDS:
        raise ValueError(f"{file.name} must say {', '.join(sorted(FIELDS))}, and nothing else.")
    return Mutant(name=file.stem, **{field: str(told[field]) for field in FIELDS})


def mutants() -> tuple[Mutant, ...]:
    """Return every mutant, by name."""
    return tuple(read(file) for file in sorted(FOLDER.glob("*.yaml")))

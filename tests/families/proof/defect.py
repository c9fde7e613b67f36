"""What a defect is: which gate it is for, to which families it can be done, and how it grows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pipelines.model import Outcome
from pipelines.subject import Subject
from tests.families.proof.case import Case

ROWS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765)
Spoil = Callable[[Case, float], Subject]
Applies = Callable[[Case], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One way to spoil a good edition, by `sizes` from small to large; {n} in `name` is the size."""

    gate: str
    name: str
    spoil: Spoil
    sizes: tuple[float, ...] = (1,)
    applies: Applies = lambda _: True


@dataclass(frozen=True, slots=True)
class Found:
    """The smallest size that was caught, the largest below it that was not, and how."""

    defect: Defect
    smallest: float | None
    missed: float | None
    outcome: Outcome | None
    rule: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return them as a line of the table."""
        size = self.missed if self.smallest is None else self.smallest
        told = self.defect.name.format(n=size) + (": not caught" if self.smallest is None else "")
        missed = "–" if self.missed is None else f"{self.missed:g}"
        return told, missed, str(self.outcome or "PASS"), self.rule or "–"


def found(defect: Defect, case: Case) -> Found:
    """Let a defect grow until its gate says something, then look for the smallest whole size it names."""
    missed: float | None = None
    for size in _sizes(defect, case):
        caught = _caught(defect, case, size)
        if caught is not None:
            return _narrowed(defect, case, Found(defect, size, missed, *caught))
        missed = size
    return Found(defect, None, missed, None, "")


def _narrowed(defect: Defect, case: Case, seen: Found) -> Found:
    while isinstance(seen.missed, int) and isinstance(seen.smallest, int) and seen.smallest - seen.missed > 1:
        middle = (seen.smallest + seen.missed) // 2
        caught = _caught(defect, case, middle)
        smaller = replace(seen, missed=middle)
        seen = smaller if caught is None else Found(defect, middle, seen.missed, *caught)
    return seen


def _caught(defect: Defect, case: Case, size: float) -> tuple[Outcome, str] | None:
    return case.caught(defect.gate, lambda: defect.spoil(case, size))


def _sizes(defect: Defect, case: Case) -> Iterator[float]:
    """Yield its sizes; of rows, no more than there are, and all of them last."""
    if defect.sizes is not ROWS:
        yield from defect.sizes
        return
    count = len(case.rows)
    yield from (size for size in ROWS if size < count)
    yield count

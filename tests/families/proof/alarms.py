"""What gates say of good editions: counted by family and gate, and every refusal by its name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.model import GateResult, Outcome
from tests.families.proof.case import REFUSED
from tests.families.proof.conftest import Table
from tests.families.proof.explained import REFUSALS, REVIEWS, Where

FIRST = frozenset({"rows.first", "drift.first", "cells.first", "size.empty"})


@dataclass(slots=True)
class Alarms:
    """Every answer of every gate."""

    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reviewed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    refused: dict[Where, str] = field(default_factory=dict)
    of_runs: int = 0  # answers in whole runs

    def count(self, family: str, edition: str, results: Iterable[GateResult]) -> None:
        """Count what the gates said of one edition."""
        for result in results:
            if result.outcome is Outcome.NOT_RUN:
                continue
            rules = sorted({finding.rule for finding in result.findings})
            self.answers[family, result.gate, str(result.outcome)] += 1
            if result.outcome is Outcome.REVIEW:
                self.reviewed.update((family, result.gate, rule) for rule in rules)
            if result.outcome in REFUSED:
                said = result.findings[0].message if result.findings else result.measured
                self.refused[family, edition, result.gate] = f"{', '.join(rules)}: {said}"

    @property
    def asked(self) -> int:
        """Return how many answers there are."""
        return sum(self.answers.values())

    def told(self, table: Table, not_counted: str) -> None:
        """Write the table: by family and gate, then every refusal and every reason to look, then the sum."""
        for family, gate in dict.fromkeys((family, gate) for family, gate, _ in self.answers):
            table.add(family, gate, *self._cells(family, gate))
        table.below.append("")
        for where, said in self.refused.items():
            table.below.append(f"refused   {', '.join(where)}: {said}")
            table.below.append(f"          {REFUSALS.get(where, 'NOT EXPLAINED')}")
        for family, rule in sorted(
            {(family, rule) for family, _, rule in self.reviewed if rule not in FIRST}
        ):
            why = REVIEWS.get((family, rule), "NOT EXPLAINED")
            table.below.append(f"looked at {family}, {rule}: {why}")
        table.below += ["", *self._sums(), f"not counted: {not_counted}"]

    def _cells(self, family: str, gate: str) -> tuple[str, ...]:
        said = {one: self.answers[family, gate, one] for one in ("PASS", "REVIEW", "FAIL", "ERROR")}
        found = sorted(self.reviewed.items())
        rules = [f"{rule} {count:,}" for (f, g, rule), count in found if (f, g) == (family, gate)]
        cells = (sum(said.values()), said["PASS"], said["REVIEW"], said["FAIL"] + said["ERROR"])
        return (*(f"{cell:,}" for cell in cells), ", ".join(rules) or "–")

    def _sums(self) -> Iterator[str]:
        for family in dict.fromkeys(family for family, _, _ in self.answers):
            asked = sum(count for one, count in self.answers.items() if one[0] == family)
            refused = sum(one[0] == family for one in self.refused)
            yield f"{family}: {refused} of {asked:,} answers refuse ({refused / asked:.2%})"
        count, runs = len(self.refused), max(self.of_runs, 1)
        yield f"all: {count} of {self.asked:,} answers refuse ({count / max(self.asked, 1):.2%});"
        yield f"of whole runs alone: {count} of {self.of_runs:,} ({count / runs:.2%})"

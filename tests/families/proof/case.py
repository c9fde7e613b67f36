"""One good edition of a family, with all that its gates saw of it in a real run, to be spoilt by degrees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pipelines import judging, spec
from pipelines.errors import Stopped
from pipelines.families import STEPS
from pipelines.family import Family
from pipelines.formats.grid import Grid
from pipelines.formats.reading import READERS
from pipelines.gates import GATES
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.model import Artifact, GateResult, Outcome, Phase
from pipelines.subject import Base, Layer, Subject
from tests.families.proof import books
from tests.families.proof.books import Row, Rows
from tests.pipelines.runs import Runs

REFUSED = frozenset({Outcome.FAIL, Outcome.ERROR})
Edit = Callable[[Rows, int], Rows]


@dataclass(kw_only=True, eq=False)
class Case:
    """A good edition compared with itself: whatever a gate says of it is not about a change."""

    family: Family
    edition: str
    content: bytes
    whole: Subject
    said: Mapping[str, GateResult] = field(repr=False)

    @cached_property
    def rows(self) -> Rows:
        """Return the rows of the file."""
        return books.READ[self.family.main.media_type](self.content)

    @property
    def layer(self) -> Layer:
        """Return what the run made of it."""
        return self.whole.product.layer

    def read(self, content: bytes) -> Subject:
        """Return what gates see before the steps of another file."""
        read = READERS[self.family.main.media_type](content)
        return self.with_input(read)

    def with_input(self, read: Any) -> Subject:
        """Return what gates see before the steps if the main input was read as this."""
        all_read = {**self.whole.inputs_read.all, self.family.main.name: read}
        return replace(self.whole, inputs_read=Inputs(sources=self.family.inputs, all=all_read))

    def file(self, rows: Sequence[Row]) -> bytes:
        """Return rows as a file of the family's format."""
        return books.WRITE[self.family.main.media_type](rows, self.content)

    def changed(self, rows: Sequence[Row]) -> Subject:
        """Return what gates see of a run over the good edition that was given these rows."""
        return self.made(self.read(self.file(rows)))

    def made(self, subject: Subject, layer: Layer | None = None) -> Subject:
        """Return what gates see after the steps; `layer` in place of what the steps make."""
        kind, there = KINDS[self.family.output.kind], self.whole.product
        made = layer
        if made is None:
            steps = STEPS[self.family.name](subject.inputs_read)
            written = kind.write(steps, self.family.output, labels=self.family.labels)
            made = kind.read(written, subject.inputs_read)
        base = Base(manifest=there.base.manifest, layer=self.layer) if there.base else None
        compared = kind.compare(base, made, family=self.family, store=subject.store)
        new = replace(there, layer=made, base=base, diff=compared.diff, diff_failed=compared.failed)
        return replace(subject, made=new)

    def product(self, **changes: Any) -> Subject:
        """Return the whole run with something else made."""
        return replace(self.whole, made=replace(self.whole.product, **changes))

    def bytes_of(self, role: str, content: bytes) -> Subject:
        """Return the whole run with other bytes for one artifact, told so in its list."""
        there = self.whole.product
        others = tuple(one for one in there.artifacts if one.role != role)
        kept = Artifact(
            role=role,
            media_type=there.artifact(role).media_type,
            sha256=self.whole.store.put(content),
            size=len(content),
        )
        return self.product(artifacts=(*others, kept))

    def ask(self, gate: str, subject: Subject) -> GateResult:
        """Return what one gate says."""
        phase = GATES[gate].phase
        listed: dict[str, tuple[str, ...]] = dict.fromkeys(("before", "after", "policy"), ())
        only = replace(self.family.gates, **{**listed, str(phase): (gate,)})
        (said,) = judging.ask(replace(subject, family=replace(self.family, gates=only)), phase=phase)
        return said

    def caught(self, gate: str, spoilt: Callable[[], Subject]) -> tuple[Outcome, str] | None:
        """Return how a gate takes a defect and by which rule; None if it says nothing new."""
        good = self.said[gate]
        try:
            said = self.ask(gate, spoilt())
        except Stopped as stopped:
            return Outcome.ERROR, type(stopped).__name__
        known = {(one.rule, one.message) for one in good.findings}
        new = [one.rule for one in said.findings if (one.rule, one.message) not in known]
        return (said.outcome, new[0]) if said.outcome is not Outcome.PASS and new else None


def is_grid(case: Case) -> bool:
    """Say whether it is a raster."""
    return isinstance(case.layer, Grid)


def good(family: Family, root: Path) -> Case:
    """Run the newest real edition that no gate refuses over itself (or the first, if none is real)."""
    runs = Runs(root, family=family.name)
    candidates = [one for one in reversed(family.editions) if not one.synthetic]
    for edition in (*candidates, *family.editions):
        if runs.ran(edition.edition).outcome in REFUSED:
            continue
        with pytest.MonkeyPatch.context() as patch:
            seen = _listening(patch)
            ran = runs.ran(edition.edition, over=edition.edition)
        content = (spec.family(family.name).folder / edition.sample).read_bytes()
        said = {result.gate: result for result in runs.read(ran).gates}
        return Case(family=family, edition=edition.edition, content=content, whole=seen[-1], said=said)
    raise AssertionError(f"{family.name} has no edition that is good.")


def _listening(patch: pytest.MonkeyPatch) -> list[Subject]:
    """Keep every subject that gates are asked about."""
    seen: list[Subject] = []
    ask = judging.ask

    def heard(subject: Subject, *, phase: Phase) -> tuple[GateResult, ...]:
        seen.append(subject)
        return ask(subject, phase=phase)

    patch.setattr(judging, "ask", heard)
    return seen

"""Real, good editions pass: at most one answer of a gate in fifty refuses one, and each is explained."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines import judging, spec
from pipelines.families import STEPS
from pipelines.kinds import KINDS
from pipelines.model import NO_BASE, GateResult, Outcome, Phase, Role
from pipelines.subject import Base, Layer, Subject
from tests.families.proof import case, fleeting, good
from tests.families.proof.alarms import FIRST, Alarms
from tests.families.proof.case import REFUSED, Case
from tests.families.proof.conftest import Table
from tests.families.proof.explained import REFUSALS, REVIEWS
from tests.families.proof.good import DATA, Chain
from tests.pipelines.runs import Runs, job

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here"),
]

FALSE_AT_MOST = 0.02
CHEAP = ("rows", "keys", "geometry", "drift")  # of the after-gates: those that need no tiles and no catalogs
EACH = 8  # of the pairs of weeks, every so manyth


def deliver(chain: Chain, root: Path, alarms: Alarms) -> None:
    """Carry a chain out, each edition over the one before, as if people had let that pass."""
    runs, base = Runs(root, family=chain.family), NO_BASE
    source = spec.family(chain.family).main.name
    for edition, content in chain.editions.items():
        uploads = {source: runs.places.inbox.put(content)}
        week = edition if chain.weeks else None
        asked = job(family=chain.family, edition=edition, partition=week, uploads=uploads, base=base)
        ran = runs.carry_out(asked)
        made = runs.read(ran)
        assert made.failure is None, made.failure
        alarms.count(chain.family, f"{edition} {chain.title}", made.gates)
        alarms.of_runs += sum(result.outcome is not Outcome.NOT_RUN for result in made.gates)
        if made.artifact(Role.DATA) is not None and not chain.weeks:
            base = ran.manifest_digest


@pytest.fixture(scope="module")
def alarms(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, Table]) -> Alarms:
    """Have all good editions judged, and write the table."""
    counted, root = Alarms(), tmp_path_factory.mktemp("good")
    for chain in good.chains():
        deliver(chain, root, counted)
    families = good.others()
    with fleeting.known(root / "families", families):
        for one in families:
            deliver(Chain(family=one.name, title="real", editions=one.editions), root, counted)
    below = every_week(root, counted)
    counted.told(tables["specificity"], below)
    return counted


def every_week(root: Path, alarms: Alarms) -> str:
    """Have every week of 25 years judged, and say what would be if weeks were held against each other."""
    of = case.good(spec.family("ks_drought"), root)
    before: Layer | None = None
    pairs = refused = 0
    for number, (week, content) in enumerate(good.weeks()):
        subject, layer = week_of(of, content)
        alarms.count("ks_drought", f"{week} every week", judge(over(of, subject, layer, None)))
        if number % EACH == 0:
            again = judging.ask(over(of, subject, layer, layer), phase=Phase.AFTER)
            alarms.count("ks_drought", f"{week} delivered again", again)
        if before is not None and number % EACH == 0:
            pairs += 1
            said = judging.ask(over(of, subject, layer, before), phase=Phase.AFTER)
            refused += any(result.outcome in REFUSED for result in said)
        before = layer
    return f"of {pairs} weeks held against the week before, as no run does, {refused} are refused"


def week_of(of: Case, content: bytes) -> tuple[Subject, Layer]:
    """Return a week as gates see it before the steps, and what these make of it."""
    only = replace(of.family, gates=replace(of.family.gates, after=CHEAP, policy=()))
    subject = replace(of.read(content), family=only)
    return subject, STEPS[of.family.name](subject.inputs_read)


def over(of: Case, subject: Subject, layer: Layer, base: Layer | None) -> Subject:
    """Return a week as gates see it after the steps, compared with another or with nothing."""
    there = of.whole.product
    assert there.base is not None
    compared_with = None if base is None else Base(manifest=there.base.manifest, layer=base)
    compared = KINDS["table"].compare(compared_with, layer, family=of.family, store=subject.store)
    made = replace(there, layer=layer, base=compared_with, diff=compared.diff, diff_failed=compared.failed)
    return replace(subject, made=made)


def judge(subject: Subject) -> tuple[GateResult, ...]:
    """Ask the gates that need no files."""
    return (*judging.ask(subject, phase=Phase.BEFORE), *judging.ask(subject, phase=Phase.AFTER))


def test_at_most_one_answer_in_fifty_refuses_and_each_is_explained(alarms: Alarms) -> None:
    assert set(alarms.refused) == set(REFUSALS)
    assert len(alarms.refused) <= FALSE_AT_MOST * alarms.asked
    assert len(alarms.refused) <= FALSE_AT_MOST * alarms.of_runs  # without the weeks, which are many


def test_what_people_are_asked_to_look_at_is_a_first_edition_or_explained(alarms: Alarms) -> None:
    asked = {(family, rule) for family, _, rule in alarms.reviewed if rule not in FIRST}
    assert asked == set(REVIEWS)

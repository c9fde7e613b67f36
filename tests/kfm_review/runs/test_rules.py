"""What may be asked of machines, which of their words count, and when a result says nothing new."""

from dataclasses import replace
from itertools import product

import pytest

from kfm_review.errors import Invalid, NotPossible
from kfm_review.runs import rules
from kfm_review.runs.rules import Standing
from kfm_review.runs.states import ACTIVE, Status
from pipelines import digest
from pipelines.family import Edition, Partitions
from pipelines.model import Outcome

NOW = Standing(
    name="wheat-2", input_hash="in", content_digest="out", spec_hash="spec", outcomes={"rows": "PASS"}
)
THEN = Standing(name="release 1", input_hash=None, content_digest=None, spec_hash=None, outcomes={})
WORSE = ("PASS", "REVIEW", "FAIL", "ERROR", "NOT_RUN")


@pytest.mark.parametrize(
    ("edition", "delivered", "refused"),
    [
        ("2026-09", False, ""),
        ("2026-10", False, "Choose one of 2024-10, 2026-09"),
        ("", False, "no edition"),
        ("2026-10", True, ""),
        ("", True, "None was given"),
        ("../2026", True, "is none"),
        ("-2026", True, "is none"),
        ("2026\x00", True, "is none"),
        (f"2026-{'x' * 115}", True, ""),
        ("2026-10\n", True, "is none"),
        ("2026", True, ""),
        ("2026-10-05-corrected-again2", True, ""),
        ("2026-13", True, "is none"),
        ("damaged", True, "Write a year, month or day"),
        (f"2026-{'x' * 116}", True, "is none"),
    ],
)
def test_an_edition_comes_with_the_family_or_is_delivered_under_a_name(
    edition: str, *, delivered: bool, refused: str
) -> None:
    _holds_or_says(
        refused,
        lambda: rules.check_edition(edition, known=["2024-10", "2026-09"], delivered=delivered),
    )


WHOLE = Partitions(kind="none", values=(), first="")
HALVES = Partitions(kind="static", values=("north", "south"), first="")
WEEKS = Partitions(kind="date", values=(), first="2026-10-06")


@pytest.mark.parametrize(
    ("partition", "partitions", "refused"),
    [
        (None, WHOLE, ""),
        ("north", HALVES, ""),
        (None, HALVES, "north, south"),
        ("west", HALVES, "north, south"),
        ("north", WHOLE, "leave it out"),
        ("2026-10-06", WEEKS, ""),
        ("2027-10-05", WEEKS, ""),
        ("2026-10-07", WEEKS, "every seventh day"),
        ("2026-09-29", WEEKS, "from 2026-10-06 on"),
        ("20261013", WEEKS, "every seventh day"),
        ("\u0662026-10-06", WEEKS, "every seventh day"),
        (None, WEEKS, "every seventh day"),
    ],
)
def test_a_partition_is_one_of_the_family_s(
    partition: str | None, partitions: Partitions, refused: str
) -> None:
    _holds_or_says(refused, lambda: rules.check_partition(partition, partitions=partitions))


def test_an_edition_that_is_here_belongs_to_its_own_partition() -> None:
    edition = Edition(
        edition="2026-10-06",
        sample="samples/x",
        title="A week",
        as_of="2026-10-06",
        synthetic=False,
        note="",
        partition="2026-10-06",
    )
    with pytest.raises(Invalid):
        rules.check_partition("2026-10-13", partitions=WEEKS, of=edition)


@pytest.mark.parametrize(
    ("delivered", "refused"),
    [
        ({}, ""),
        ({"airports": 10}, ""),
        ({"airports": 11}, "at most 10"),
        ({"runways": 1}, "It reads airports"),
        ({"airports": 1, "runways": 1}, "delivered were airports, runways"),
    ],
)
def test_one_file_comes_for_each_input_within_its_bound(delivered: dict[str, int], refused: str) -> None:
    _holds_or_says(refused, lambda: rules.check_uploads(delivered, inputs={"airports": 10}))


@pytest.mark.parametrize(("status", "number"), list(product(Status, [1, 2, 3])))
def test_only_the_latest_attempt_of_an_active_run_is_heard(status: Status, number: int) -> None:
    if number == 2 and status in ACTIVE:
        rules.check_counts(status=status, number=number, latest=2)
    else:
        with pytest.raises(NotPossible):
            rules.check_counts(status=status, number=number, latest=2)


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ({"n": 3, "of": 8}, (3, 8)),
        ({}, (0, 0)),
        ({"n": -1, "of": 1001}, (0, 0)),
        ({"n": "3", "of": True}, (0, 0)),
        ({"n": 0, "of": 1000}, (0, 1000)),
    ],
)
def test_a_step_is_a_small_number_or_nothing(message: dict[str, object], step: tuple[int, int]) -> None:
    assert rules.step_of(message) == step


def test_a_secret_is_known_by_its_hash() -> None:
    hashed = digest.of(b"open sesame")
    assert rules.same_secret("open sesame", hashed=hashed)
    assert not rules.same_secret("", hashed=hashed)
    assert not rules.same_secret(hashed, hashed=hashed)


@pytest.mark.parametrize(
    ("than", "said"),
    [
        (THEN, ""),
        (replace(THEN, spec_hash="spec"), "release 1 looks at exactly this already."),
        (replace(THEN, input_hash="in"), "The same inputs, code and rules made release 1."),
        (replace(THEN, content_digest="out"), "The content is the same as in release 1."),
        (replace(THEN, spec_hash="x", input_hash="x", content_digest="x"), ""),
    ],
)
def test_a_result_is_unchanged_when_spec_inputs_or_content_stand_already(than: Standing, said: str) -> None:
    assert rules.unchanged(NOW, outcome=Outcome.PASS, than=than) == said


def test_what_is_unknown_is_never_the_same() -> None:
    unknown = replace(NOW, spec_hash=None, input_hash=None, content_digest=None)
    assert rules.unchanged(unknown, outcome=Outcome.REVIEW, than=THEN) == ""


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.REVIEW, Outcome.FAIL])
def test_an_error_never_counts_as_done(outcome: Outcome) -> None:
    assert rules.unchanged(NOW, outcome=outcome, than=replace(THEN, spec_hash="spec"))
    assert rules.unchanged(NOW, outcome=Outcome.ERROR, than=replace(THEN, spec_hash="spec")) == ""


@pytest.mark.parametrize(("now", "then"), list(product(WORSE, repeat=2)))
def test_a_gate_that_says_worse_is_news(now: str, then: str) -> None:
    said = rules.unchanged(
        replace(NOW, outcomes={"rows": now}),
        outcome=Outcome.REVIEW,
        than=replace(THEN, spec_hash="spec", outcomes={"rows": then, "gone": "ERROR"}),
    )
    assert bool(said) == (WORSE.index(now) <= WORSE.index(then))


def test_a_new_gate_is_news_unless_it_passes() -> None:
    than = replace(THEN, spec_hash="spec")
    assert rules.unchanged(replace(NOW, outcomes={"new": "PASS"}), outcome=Outcome.PASS, than=than)
    assert not rules.unchanged(replace(NOW, outcomes={"new": "REVIEW"}), outcome=Outcome.REVIEW, than=than)


def _holds_or_says(refused: str, ask: object) -> None:
    assert callable(ask)
    if refused:
        with pytest.raises(Invalid) as cause:
            ask()
        assert refused in str(cause.value)
    else:
        ask()

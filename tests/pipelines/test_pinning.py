"""What goes in, and the days an edition speaks of."""

import pytest

from pipelines import digest, pinning, spec
from pipelines.errors import ArtifactMissing, EditionUnknown, InputMissing, NotMade, TooLarge
from pipelines.model import Period
from tests.pipelines.runs import Runs, job

FAMILY = spec.family("ks_airports")


def test_a_sample_is_pinned_by_its_digest_before_it_is_read(runs: Runs) -> None:
    ((one, content),) = pinning.pin(job(edition="2026-09"), FAMILY, places=runs.places)
    assert (one.sha256, one.source) == (digest.of(content), "samples/2026-09.csv")
    assert runs.places.candidates.read(one.sha256) == content


def test_a_delivered_file_stands_in_for_the_sample(runs: Runs) -> None:
    name = runs.places.inbox.put(b"delivered")
    ((one, content),) = pinning.pin(
        job(edition="2026-09", uploads={"airports": name}), FAMILY, places=runs.places
    )
    assert (content, one.source) == (b"delivered", "upload")


def test_an_input_the_family_does_not_have_is_refused(runs: Runs) -> None:
    with pytest.raises(InputMissing, match="harbours"):
        pinning.pin(job(edition="2026-09", uploads={"harbours": "a" * 64}), FAMILY, places=runs.places)


def test_a_delivery_that_is_not_there_is_refused(runs: Runs) -> None:
    with pytest.raises(ArtifactMissing):
        pinning.pin(job(edition="2026-09", uploads={"airports": "a" * 64}), FAMILY, places=runs.places)


def test_more_bytes_than_the_family_allows_are_not_read(runs: Runs) -> None:
    name = runs.places.inbox.put(b"x" * (FAMILY.inputs[0].max_bytes + 1))
    with pytest.raises(TooLarge):
        pinning.pin(job(edition="2026-09", uploads={"airports": name}), FAMILY, places=runs.places)


def test_only_what_was_really_pinned_is_told_of_an_attempt_that_is_gone(runs: Runs) -> None:
    name = runs.places.inbox.put(b"delivered, never pinned")
    assert (
        pinning.pinned(job(edition="2026-09", uploads={"airports": name}), FAMILY, places=runs.places) == ()
    )
    pinning.pin(job(edition="2024-10"), FAMILY, places=runs.places)
    assert len(pinning.pinned(job(edition="2024-10"), FAMILY, places=runs.places)) == 1


@pytest.mark.parametrize(
    ("edition", "first", "last"),
    [
        ("2026-09", "2026-09-05", "2026-09-05"),
        ("2027", "2027-01-01", "2027-12-31"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2027-03-04", "2027-03-04", "2027-03-04"),
        ("2027-03-corrected", "2027-03-01", "2027-03-31"),
    ],
)
def test_an_edition_speaks_of_the_days_the_family_or_its_name_says(
    edition: str, first: str, last: str
) -> None:
    assert pinning.period(FAMILY, edition, None) == Period(
        start=f"{first}T00:00:00Z", end=f"{last}T23:59:59Z"
    )


@pytest.mark.parametrize("edition", ["latest", "2027-13", "2027-02-30", "", "20270", "0000"])
def test_an_edition_without_a_date_is_refused(edition: str) -> None:
    with pytest.raises(EditionUnknown):
        pinning.period(FAMILY, edition, None)


def test_a_base_of_something_else_or_without_data_is_refused(runs: Runs) -> None:
    stopped = runs.ran("2026-09-swapped").manifest_digest
    with pytest.raises(NotMade):
        pinning.base(job(edition="2026-09", base=stopped), store=runs.places.candidates)

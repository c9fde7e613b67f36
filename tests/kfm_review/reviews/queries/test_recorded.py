"""What an auditor reads of events about guarded things: that they happened, and digests."""

from collections.abc import Callable

import pytest

from kfm_review.audit.models import Event
from kfm_review.audit.record import record
from kfm_review.people.queries import Viewer
from kfm_review.reviews.models import Review
from kfm_review.reviews.queries.recorded import readable
from tests.kfm_review import world
from tests.kfm_review.viewers import ANYONE, cleared
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db
PLACE = "The mound at 38.1, -97.2"


def read(viewer: Viewer) -> list[tuple[str, str]]:
    """Return why and details of every event, as a viewer reads them."""
    found = readable(Event.objects.order_by("pk"), viewer=viewer)
    return [(event.why, str(event.details)) for event in found]


def about(target: str, *, family: str = "ks_airports", **details: str) -> None:
    record("some.deed", target, actor=None, at=NOON, why=PLACE, family=family, place=PLACE, **details)


TARGETS: dict[str, Callable[[Review], None]] = {
    "review": lambda review: about(f"review:{review.pk}"),
    "run": lambda review: about(f"run:{review.run_id}"),
    "manifest": lambda review: about("asset:ks_airports", manifest=review.manifest_id),
    "asset": lambda _: about("asset:ks_airports"),
    "promotion": lambda _: about("promotion:7"),
    "statement": lambda review: about(f"statement:{world.digest(1)}", family="", manifest=review.manifest_id),
    "person": lambda review: about("person:rita", manifest=review.manifest_id),
}


@pytest.mark.parametrize("target", TARGETS)
def test_words_about_what_is_guarded_are_for_who_is_cleared(target: str) -> None:
    review = world.review(None, label="restricted")
    TARGETS[target](review)
    ((why, details),) = read(ANYONE)
    assert (why, PLACE in details) == ("withheld", False)
    if target in ("manifest", "statement", "person"):
        assert review.manifest_id in details
    ((why, details),) = read(cleared("restricted"))
    assert (why, PLACE in details) == (PLACE, True)


@pytest.mark.parametrize("target", TARGETS)
def test_words_about_what_is_public_are_for_every_auditor(target: str) -> None:
    TARGETS[target](world.review(None))
    assert read(ANYONE)[0][0] == PLACE


@pytest.mark.parametrize("target", ["run:1", "run:x", "review:4711", "review:x", "thing:1", "", ":"])
def test_what_an_event_is_about_and_nobody_knows_is_withheld(target: str) -> None:
    about(target, family="")
    assert read(ANYONE)[0][0] == "withheld"


def test_a_family_that_is_gone_is_withheld() -> None:
    about("asset:ks_gone", family="ks_gone")
    assert read(cleared("restricted"))[0][0] == "withheld"


def test_who_lacks_the_word_of_an_authority_reads_nothing_either() -> None:
    review = world.review(None, label="restricted", authorities=("Osage Nation",))
    about(f"review:{review.pk}")
    assert read(cleared("restricted"))[0][0] == "withheld"
    assert read(cleared("restricted", "authority:Osage Nation"))[0][0] == PLACE


def test_the_order_and_the_leaves_stay() -> None:
    review = world.review(None, label="restricted")
    for _ in range(3):
        about(f"review:{review.pk}")
    kept = [(event.pk, event.leaf_hash) for event in Event.objects.order_by("pk")]
    found = readable(Event.objects.order_by("pk"), viewer=ANYONE)
    assert [(event.pk, event.leaf_hash) for event in found] == kept

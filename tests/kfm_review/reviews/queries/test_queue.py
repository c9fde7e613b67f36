"""The queue: whose turn each review is, counts of items, facets, text, pages that stay in step."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from kfm_review.accounts.models import Clearance, User
from kfm_review.people.queries import Viewer, viewer
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.queries.facets import Filters, Turn
from kfm_review.reviews.queries.queue import Cursor, queue, waiting_for
from tests.kfm_review import world
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
ALL = Filters()


@pytest.fixture
def stella() -> User:
    return person("stella", "steward", "reviewer")


@pytest.fixture
def rita() -> User:
    return person("rita", "reviewer")


def seen(by: User) -> Viewer:
    return viewer(by, today=NOON.date())


def turns(by: User) -> dict[int, Turn]:
    found = queue(viewer=seen(by), filters=ALL)
    return {review.pk: group.turn for group in found.groups for review in group.reviews}


def abstain(review: Review, by: User) -> None:
    said = {"verdict": "abstain", "role": "reviewer", "reason": "No.", "at": NOON}
    Decision.objects.create(review=review, manifest=review.manifest, by=by, n=1, **said)


def listed(by: User, filters: Filters = ALL) -> list[int]:
    found = queue(viewer=seen(by), filters=filters)
    return [review.pk for group in found.groups for review in group.reviews]


def test_it_is_my_turn_unless_it_is_my_own_or_i_have_spoken_or_it_waits(stella: User, rita: User) -> None:
    mine, own, said, stale = (
        world.review(by, edition=edition)
        for by, edition in ((stella, "a"), (rita, "b"), (stella, "c"), (stella, "d"))
    )
    abstain(said, rita)
    Review.objects.filter(pk=stale.pk).update(stale_at=NOON)
    assert turns(rita) == {
        mine.pk: Turn.MINE,
        own.pk: Turn.BARRED,
        said.pk: Turn.OTHERS,
        stale.pk: Turn.OTHERS,
    }
    assert waiting_for(seen(rita)) == 1


def test_what_i_delivered_is_barred_though_another_asked_for_it(stella: User, rita: User) -> None:
    review = world.review(stella, author=rita)
    assert turns(rita) == {review.pk: Turn.BARRED}


@pytest.mark.parametrize(
    ("role", "family", "turn"),
    [
        ("reviewer", "", Turn.MINE),
        ("reviewer", "ks_airports", Turn.MINE),
        ("reviewer", "ks_wells", Turn.BARRED),
        ("governance", "", Turn.MINE),
        ("steward", "", Turn.BARRED),
        ("admin", "", Turn.BARRED),
    ],
)
def test_roles_say_whose_turn_it_can_be(role: str, family: str, turn: Turn) -> None:
    review = world.review(None)
    assert turns(person("nora", role, family=family)) == {review.pk: turn}


def test_only_open_reviews_stand_in_the_queue(stella: User, rita: User) -> None:
    for status in ("approved", "returned", "rejected", "superseded"):
        Review.objects.filter(pk=world.review(stella, edition=status).pk).update(status=status)
    assert (listed(rita), queue(viewer=seen(rita), filters=ALL).total) == ([], 0)


def test_what_a_person_is_not_cleared_for_is_an_outline_he_may_not_decide(stella: User, rita: User) -> None:
    world.review(stella, label="restricted")
    world.review(stella, edition="broken", label="", outcome="ERROR")
    clearance = Clearance(user=rita, label="restricted", until=NOON.date(), granted_at=NOON)
    for until, mine in ((None, 0), (NOON.date(), 1), (NOON.date() - timedelta(days=1), 0)):
        if until:
            clearance.until = until
            clearance.save()
        found = queue(viewer=seen(rita), filters=ALL)
        assert (found.total, found.mine) == (2, mine)
        rows = [row for group in found.groups for row in group.reviews]
        assert {row.manifest.diff.added for row in rows if row.turn == "barred"} == {None}
        assert [row.manifest.thumbnails for row in rows] == [[], []]  # type: ignore[attr-defined]  # fetched


def test_who_looks_at_another_family_only_knows_of_no_guarded_review(stella: User) -> None:
    world.review(stella, label="restricted")
    assert queue(viewer=seen(person("otto", "reviewer", family="ks_wells")), filters=ALL).total == 0


def test_the_oldest_of_each_group_stands_first(stella: User, rita: User) -> None:
    younger = world.review(stella, edition="b", at=NOON + timedelta(hours=1))
    older = world.review(stella, edition="a")
    own = world.review(rita, edition="c", at=NOON - timedelta(days=1))
    assert listed(rita) == [older.pk, younger.pk, own.pk]


@pytest.mark.parametrize(
    ("text", "editions"),
    [
        ("2026", ["2026-09", "2026-10"]),
        ("KS_AIR 2026-10", ["2026-10"]),
        ("wells", ["2025-01"]),
        ("nothing of it", []),
        ("%", []),
        ("_", ["2026-09", "2026-10", "2025-01"]),
        ("  ", ["2026-09", "2026-10", "2025-01"]),
    ],
)
def test_every_word_of_the_text_must_be_there(rita: User, text: str, editions: list[str]) -> None:
    for edition, name in (("2026-09", "ks_airports"), ("2026-10", "ks_airports"), ("2025-01", "ks_wells")):
        world.review(None, edition=edition, name=name)
    found = queue(viewer=seen(rita), filters=Filters(text=text))
    assert [review.edition for group in found.groups for review in group.reviews] == editions
    assert (found.shown, found.total, found.hidden) == (len(editions), 3, 3 - len(editions))


def test_a_run_and_a_digest_are_found_by_name(rita: User) -> None:
    review, _ = world.review(None), world.review(None, edition="other")
    for text in (review.run.alias, review.manifest_id[:10], f"sha256:{review.manifest_id.upper()}"):
        assert listed(rita, Filters(text=text)) == [review.pk]


def test_facets_count_items_beside_the_other_facets_filters(rita: User) -> None:
    for edition, outcome in (("a", "PASS"), ("b", "REVIEW"), ("c", "REVIEW"), ("d", "FAIL")):
        world.review(None, edition=edition, outcome=outcome)
    found = queue(viewer=seen(rita), filters=Filters(outcome=frozenset({"REVIEW"})))
    assert found.shown == 2
    outcomes = {line.value: (line.count, line.chosen) for line in found.facets["outcome"]}
    assert outcomes == {"FAIL": (1, False), "REVIEW": (2, True), "PASS": (1, False)}
    assert {line.value: line.count for line in found.facets["edition"]} == {"b": 1, "c": 1}
    assert [line.value for line in found.facets["turn"]] == ["mine", "others", "barred"]


def test_a_chosen_value_that_shows_nothing_still_stands_with_a_zero(rita: User) -> None:
    world.review(None)
    found = queue(viewer=seen(rita), filters=Filters(edition=frozenset({"gone"})))
    assert ("gone", 0, True) in [(line.value, line.count, line.chosen) for line in found.facets["edition"]]
    assert (found.shown, found.hidden, found.groups) == (0, 1, ())


@pytest.mark.parametrize(
    ("filters", "editions"),
    [
        (Filters(gate=frozenset({"keys"})), ["b"]),
        (Filters(gate=frozenset({"rows"})), []),
        (Filters(family=frozenset({"ks_airports"})), ["a", "b"]),
        (Filters(turn=frozenset({"mine"})), ["a", "b"]),
        (Filters(turn=frozenset({"barred"})), []),
        (Filters(outcome=frozenset({"PASS", "REVIEW"}), edition=frozenset({"a"})), ["a"]),
    ],
)
def test_rows_and_counts_say_the_same(rita: User, filters: Filters, editions: list[str]) -> None:
    world.review(None, edition="a", outcome="PASS")
    world.review(None, edition="b", outcome="REVIEW")
    found = queue(viewer=seen(rita), filters=filters)
    assert [review.edition for group in found.groups for review in group.reviews] == editions
    assert (found.shown, filters.active) == (len(editions), True)


def test_pages_follow_one_another_through_all_groups_without_gap_or_repeat(stella: User, rita: User) -> None:
    for number in range(5):
        world.review(stella, edition=f"mine-{number}", at=NOON)  # at the same moment: the id decides
        world.review(rita, edition=f"own-{number}", at=NOON - timedelta(minutes=number))
    after: Cursor | None = None
    pages = []
    while True:
        found = queue(viewer=seen(rita), filters=ALL, after=after, page=3)
        pages.append([review.pk for group in found.groups for review in group.reviews])
        after = found.after
        if after is None:
            break
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert [pk for page in pages for pk in page] == listed(rita)


def test_a_page_stays_in_step_when_rows_before_it_are_settled(stella: User, rita: User) -> None:
    made = [world.review(stella, edition=str(number)) for number in range(4)]
    first = queue(viewer=seen(rita), filters=ALL, page=2)
    Review.objects.filter(pk=made[0].pk).update(status="rejected")
    second = queue(viewer=seen(rita), filters=ALL, after=first.after, page=2)
    assert [review.pk for group in second.groups for review in group.reviews] == [made[2].pk, made[3].pk]


def test_a_page_whose_group_is_gone_meanwhile_goes_on_with_the_next(stella: User, rita: User) -> None:
    mine, own = world.review(stella, edition="a"), world.review(rita, edition="b")
    after = Cursor(turn=Turn.OTHERS, opened_at=NOON, id=0)
    found = queue(viewer=seen(rita), filters=ALL, after=after)
    assert [review.pk for group in found.groups for review in group.reviews] == [own.pk]
    assert found.counts[Turn.MINE] == 1
    assert mine.pk in listed(rita)


def test_a_page_costs_a_fixed_number_of_queries(
    stella: User, rita: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        abstain(world.review(stella, edition=str(number)), person(f"p{number}", "reviewer"))
    who = seen(rita)
    with django_assert_num_queries(4):  # counts, rows, their decisions, their pictures
        found = queue(viewer=who, filters=ALL)
        for review in found.groups[0].reviews:
            assert review.asset.name
            assert review.manifest.diff.added == 19
            assert review.run.alias
            assert [decision.by.full_name for decision in review.decisions.all()]
            assert review.manifest.thumbnails  # type: ignore[attr-defined]  # a prefetch's attribute


def test_nobody_signed_in_sees_nothing(rita: User) -> None:
    world.review(None)
    nobody = replace(seen(rita), id=0, roles=frozenset(), labels=frozenset())
    assert queue(viewer=nobody, filters=ALL).total == 0

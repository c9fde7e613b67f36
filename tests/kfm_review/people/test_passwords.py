"""The door: who knows name and password comes in; guessing is slow, and every try is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import hashers
from django.db import connection

from kfm_review.accounts.models import SignIn, User
from kfm_review.errors import Invalid, Missing, NotAllowed, NotPossible, TooMany
from kfm_review.people import passwords, rules
from tests.kfm_review.journey import events
from tests.kfm_review.world import NOON, PASSWORD, person

pytestmark = pytest.mark.django_db
HOME, AWAY = "192.0.2.1", "192.0.2.2"
MINUTE = timedelta(minutes=1)
LATER = NOON + rules.WINDOW + MINUTE


@pytest.fixture
def rita() -> User:
    return person("rita", "reviewer")


def come(
    password: str = PASSWORD, *, username: str = "rita", address: str = HOME, now: datetime = NOON
) -> User:
    return passwords.sign_in(username=username, password=password, address=address, now=now)


def guess(times: int, *, username: str = "rita", address: str = HOME, now: datetime = NOON) -> None:
    for _ in range(times):
        with pytest.raises(NotAllowed):
            come("wrong", username=username, address=address, now=now)


def test_who_knows_both_comes_in_and_it_is_an_event(rita: User) -> None:
    assert come(username=" Rita ") == rita
    assert events() == ["person.signed-in"]
    tried = SignIn.objects.get()
    assert (tried.username, tried.address, tried.at, tried.ok) == ("rita", HOME, NOON, True)


def test_nothing_tells_a_wrong_name_from_a_wrong_password_or_a_closed_account(rita: User) -> None:
    said = set()
    for password, username in (("wrong", "rita"), (PASSWORD, "nobody")):
        with pytest.raises(NotAllowed) as refused:
            come(password, username=username)
        said.add(str(refused.value))
    User.objects.filter(pk=rita.pk).update(is_active=False)
    with pytest.raises(NotAllowed) as refused:
        come()
    assert {*said, str(refused.value)} == {str(refused.value)}


@pytest.mark.parametrize("username", ["rita", "nobody"])
def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(
    rita: User,  # noqa: ARG001  # is there
    username: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[str] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode

    def counted(self: hashers.BasePasswordHasher, password: str, *more: object) -> str:
        hashed.append(password)
        return str(encode(self, password, *more))  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(hasher, "encode", counted)
    guess(1, username=username)
    assert hashed == ["wrong"]


def test_every_try_is_kept_also_the_wrong_ones(rita: User) -> None:  # noqa: ARG001  # is there
    guess(2)
    guess(1, username="nobody", address=AWAY)
    kept = SignIn.objects.order_by("pk").values_list("username", "address", "ok")
    assert list(kept) == [("rita", HOME, False)] * 2 + [("nobody", AWAY, False)]


def test_after_ten_wrong_tries_an_account_is_not_heard_from_anywhere(rita: User) -> None:  # noqa: ARG001  # is there
    guess(rules.MOST_OF_ACCOUNT)
    with pytest.raises(TooMany, match="after 12:15:00 UTC"):
        come(address=AWAY)
    assert SignIn.objects.count() == rules.MOST_OF_ACCOUNT + 1
    assert come(now=LATER)


def test_a_name_that_nobody_has_is_throttled_alike() -> None:
    guess(rules.MOST_OF_ACCOUNT, username="nobody")
    with pytest.raises(TooMany):
        come(username="nobody")


def test_what_was_not_heard_makes_the_wait_no_longer(rita: User) -> None:  # noqa: ARG001  # is there
    guess(rules.MOST_OF_ACCOUNT)
    for minute in range(1, 15):
        with pytest.raises(TooMany, match="after 12:15:00 UTC"):
            come(now=NOON + minute * MINUTE)
    assert come(now=NOON + 15 * MINUTE)


def test_coming_in_forgets_the_account_s_wrong_tries(rita: User) -> None:  # noqa: ARG001  # is there
    guess(rules.MOST_OF_ACCOUNT - 1)
    come()
    guess(rules.MOST_OF_ACCOUNT - 1)
    assert come()


def test_one_address_does_not_try_many_accounts(rita: User) -> None:  # noqa: ARG001  # is there
    for number in range(rules.MOST_FROM_ADDRESS):
        guess(1, username=f"name{number}")
    with pytest.raises(TooMany):
        come()
    assert come(address=AWAY)
    with pytest.raises(TooMany):  # coming in elsewhere does not open this address
        come()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (HOME, HOME),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
        ("a socket", "unknown"),
    ],
)
def test_tries_are_counted_by_what_one_customer_is_given(address: str, kept: str) -> None:
    guess(1, address=address)
    assert SignIn.objects.get().address == kept


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_heard_no_more_often_than_one_after_the_other(rita: User) -> None:  # noqa: ARG001  # is there
    def once(_: int) -> bool:
        try:
            come("wrong")
        except TooMany:
            return False
        except NotAllowed:
            return True
        finally:
            connection.close()
        raise AssertionError

    with ThreadPoolExecutor(8) as threads:
        heard = list(threads.map(once, range(40)))
    assert 1 <= sum(heard) <= rules.MOST_OF_ACCOUNT
    assert SignIn.objects.count() == 40


def change(rita: User, old: str = PASSWORD, new: str = "quite another password") -> User:
    return passwords.change(user=rita, old=old, new=new, now=NOON)


def test_a_person_who_knows_the_old_password_sets_a_new_one(rita: User) -> None:
    change(rita)
    assert events() == ["person.password-changed"]
    assert come("quite another password")
    guess(1)


def test_the_old_password_is_not_guessed_from_inside_either(rita: User) -> None:
    for _ in range(rules.MOST_OF_ACCOUNT):
        with pytest.raises(NotAllowed, match="another one"):
            change(rita, old="wrong")
    with pytest.raises(TooMany):
        change(rita)
    with pytest.raises(TooMany):
        come()


@pytest.mark.parametrize("weak", ["short", "password1234", PASSWORD])
def test_a_weak_or_equal_password_is_refused_and_costs_no_try(rita: User, weak: str) -> None:
    for _ in range(rules.MOST_OF_ACCOUNT + 1):
        with pytest.raises(Invalid):
            change(rita, new=weak)
    assert come()


def test_who_lost_a_password_is_given_another_by_command(rita: User) -> None:
    given = passwords.give(username="rita", now=NOON)
    assert come(given) == rita
    guess(1)
    assert events()[0] == "person.password-given"
    with pytest.raises(Missing):
        passwords.give(username="nobody", now=NOON)
    User.objects.update(is_active=False)
    with pytest.raises(NotPossible):
        passwords.give(username="rita", now=NOON)

"""Who may do what: every deed against every role, and every refusal around grants and guessing."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from kfm_review.accounts.roles import Held, Role
from kfm_review.errors import Invalid, NotAllowed, NotPossible, Refused
from kfm_review.people import rules
from kfm_review.people.rules import Deed

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOON.date()
FAMILIES = ("ks_airports", "ks_wells")
S, R, G, P, A, X = "steward", "reviewer", "governance", "publisher", "auditor", "admin"
TABLE = {
    Deed.LOOK: {S, R, G, P, A, X},
    Deed.REQUEST: {S},
    Deed.DECIDE: {R, G},
    Deed.ASK_EXCEPTION: {S, R},
    Deed.SIGN_EXCEPTION: {G},
    Deed.HOLD: {R, G, P},
    Deed.PUBLISH: {P},
    Deed.READ_AUDIT: {A, X},
    Deed.ADMIT: {X},
}


def held(*grants: tuple[str, str]) -> Held:
    return frozenset(grants)


@pytest.mark.parametrize(("deed", "role"), list(product(Deed, Role)))
def test_a_role_permits_what_the_table_says_and_nothing_else(deed: Deed, role: Role) -> None:
    assert rules.may(deed, held((role, ""))) is (role in TABLE[deed])
    assert rules.may(deed, held((role, "")), "ks_airports") is (role in TABLE[deed])


@pytest.mark.parametrize(("deed", "role"), list(product(Deed, Role)))
def test_a_role_for_one_family_permits_it_there_only(deed: Deed, role: Role) -> None:
    limited = held((role, "ks_airports"))
    assert rules.may(deed, limited, "ks_airports") is (role in TABLE[deed])
    assert not rules.may(deed, limited, "ks_wells")
    assert not rules.may(deed, limited)


@pytest.mark.parametrize("deed", list(Deed))
def test_without_a_role_nothing_is_permitted(deed: Deed) -> None:
    assert not rules.may(deed, held())
    with pytest.raises(NotAllowed, match="It takes the role of"):
        rules.check_may(deed, held(), "ks_airports")


@pytest.mark.parametrize("deed", list(Deed))
def test_a_role_that_nobody_knows_permits_nothing(deed: Deed) -> None:
    assert not rules.may(deed, held(("owner", "")))


def test_the_named_questions_ask_the_table() -> None:
    everything = held(*((role, "") for role in Role))
    assert rules.may_request(everything, "ks_airports")
    assert rules.may_read_audit(everything)
    assert rules.may_admit(everything)
    assert not rules.may_request(held(), "ks_airports")


def test_who_holds_two_roles_acts_in_both() -> None:
    both = held((Role.GOVERNANCE, "ks_airports"), (Role.REVIEWER, ""), (Role.STEWARD, ""))
    assert rules.acting_as(Deed.DECIDE, both, "ks_airports") == (Role.REVIEWER, Role.GOVERNANCE)
    assert rules.acting_as(Deed.DECIDE, both, "ks_wells") == (Role.REVIEWER,)


def test_nobody_grants_himself_anything() -> None:
    rules.check_not_oneself(actor=1, subject=2)
    with pytest.raises(NotAllowed, match="second person"):
        rules.check_not_oneself(actor=1, subject=1)


def test_only_roles_that_exist_are_granted() -> None:
    assert [rules.check_role(str(role)) for role in Role] == list(Role)
    with pytest.raises(Invalid, match="no role 'owner'"):
        rules.check_role("owner")


@pytest.mark.parametrize(("role", "family"), list(product(Role, ("", "ks_airports", "ks_nothing"))))
def test_a_grant_is_for_a_family_that_exists_and_where_that_means_something(role: Role, family: str) -> None:
    taken = family == "" or (family == "ks_airports" and role not in (Role.AUDITOR, Role.ADMIN))
    if taken:
        rules.check_family(role, family, known=FAMILIES)
    else:
        with pytest.raises(Invalid):
            rules.check_family(role, family, known=FAMILIES)


def test_nothing_is_granted_twice() -> None:
    mine = held((Role.REVIEWER, "ks_airports"))
    rules.check_not_held(Role.REVIEWER, "", held=mine, name="Rita")
    with pytest.raises(NotPossible, match="Rita is reviewer of ks_airports already"):
        rules.check_not_held(Role.REVIEWER, "ks_airports", held=mine, name="Rita")


def test_a_closed_account_is_left_alone() -> None:
    rules.check_open(active=True, name="Rita")
    with pytest.raises(NotPossible, match="account of Rita is closed"):
        rules.check_open(active=False, name="Rita")


def test_there_is_one_first_administrator() -> None:
    rules.check_first(admins=())
    with pytest.raises(NotPossible, match="an administrator already"):
        rules.check_first(admins=(1,))


@pytest.mark.parametrize(
    ("admins", "leaves", "refused"), [({1}, 1, True), ({1, 2}, 1, False), ({1}, 2, False), (set(), 1, False)]
)
def test_the_last_administrator_stays(admins: set[int], leaves: int, *, refused: bool) -> None:
    if not refused:
        return rules.check_admin_remains(admins=admins, leaves=leaves)
    with pytest.raises(NotPossible, match="last administrator stays"):
        rules.check_admin_remains(admins=admins, leaves=leaves)
    return None


@pytest.mark.parametrize(
    ("typed", "kept"), [("rita", "rita"), (" Rita.K ", "rita.k"), ("a", "a"), ("7-b_c", "7-b_c")]
)
def test_account_names_are_kept_small(typed: str, kept: str) -> None:
    assert rules.check_username(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "a b", ".a", "a-", "rité", "a" * 65, "a\x00", "a/b", "a@b"])
def test_names_that_do_not_fit_records_are_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="cannot be an account name"):
        rules.check_username(typed)


def test_full_names_are_kept_without_blanks_around() -> None:
    assert rules.check_full_name("  Rita \t Köhler ") == "Rita Köhler"


@pytest.mark.parametrize("typed", ["", "  ", "x" * 201, "a\x00b", "a\u202eb"])
def test_names_that_cannot_be_shown_are_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        rules.check_full_name(typed)


def test_a_clearance_is_for_a_label_and_ends() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert rules.check_clearance(" restricted ", until=tomorrow, today=TODAY) == "restricted"
    assert rules.check_clearance("quarantine", until=TODAY + timedelta(days=366), today=TODAY)
    named = rules.check_clearance("authority:Osage  Nation", until=tomorrow, today=TODAY)
    assert named == "authority:Osage Nation"


@pytest.mark.parametrize(
    ("label", "until"),
    [
        *(("restricted", TODAY + timedelta(days=days)) for days in (-1, 0, 367)),
        *((label, TODAY + timedelta(days=1)) for label in ("", "public", "a b", "x" * 201, "a\x00")),
        *(
            (label, TODAY + timedelta(days=1))
            for label in ("generalized", "authority:", "authority: ", "secret")
        ),
    ],
)
def test_other_clearances_are_refused(label: str, until: date) -> None:
    with pytest.raises(Refused):
        rules.check_clearance(label, until=until, today=TODAY)


def ago(*minutes: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(minutes=each) for each in minutes)


@pytest.mark.parametrize(
    ("of_account", "from_address", "until"),
    [
        ((), (), None),
        (ago(*range(9)), ago(*range(9)), None),
        (ago(*range(10)), (), NOON + timedelta(minutes=6)),
        (ago(*range(12)), (), NOON + timedelta(minutes=6)),
        ((), ago(*[0.1 * each for each in range(49)]), None),
        ((), ago(*[0.1 * each for each in range(50)]), NOON + timedelta(minutes=10.1)),
        (ago(*range(10)), ago(*[0.1 * each for each in range(50)]), NOON + timedelta(minutes=10.1)),
    ],
)
def test_too_many_wrong_tries_close_the_door_until_the_oldest_is_forgotten(
    of_account: tuple[datetime, ...], from_address: tuple[datetime, ...], until: datetime | None
) -> None:
    assert rules.closed_until(of_account=of_account, from_address=from_address) == until


def test_the_refusal_says_until_when_and_not_for_whom() -> None:
    refusal = rules.too_many(NOON, now=NOON - timedelta(seconds=89.5))
    assert refusal.wait_s == 90
    said = str(refusal)
    assert "12:00:00 UTC" in said
    assert "account" not in said

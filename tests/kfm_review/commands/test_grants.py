"""What the application's database roles can do by raw SQL: what the table of grants says, and no more."""

from collections.abc import Iterator
from itertools import product

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from kfm_review.audit.record import record
from kfm_review.commands import grants
from kfm_review.outbox.post import post
from kfm_review.releases.models import Hold, Promotion, Release
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs.models import Finding, Run, Upload
from tests.conftest import ROLES, ConnectAs, Raw
from tests.kfm_review import world
from tests.kfm_review.world import NOON

FROZEN = {
    "audit_event": "action = 'x'",
    "reviews_decision": "verdict = 'approve'",
    "releases_release": "number = 9",
    "runs_artifact": "size = 9",
    "runs_diff": "added = 0",
    "runs_document": "size = 9",
    "runs_finding": "rule = 'x'",
    "runs_gateresult": "outcome = 'PASS'",
    "runs_manifest": "outcome = 'PASS'",
    "runs_upload": "size = 9",
}
LASTING = (
    "runs_run",
    "runs_attempt",
    "runs_asset",
    "runs_current",
    "reviews_review",
    "releases_promotion",
    "releases_hold",
)
DENIED = psycopg.errors.InsufficientPrivilege
STATES = psycopg.errors.InsufficientPrivilege  # a row policy refuses in the same words


@pytest.fixture
def world_of_rows(transactional_db: None) -> Review:  # noqa: ARG001  # rows must be committed
    """Leave one row at least in every table that must stand."""
    stella, rita = world.person("stella", "steward"), world.person("rita", "reviewer")
    review = world.review(stella)
    Decision.objects.create(
        review=review,
        manifest=review.manifest,
        by=rita,
        n=1,
        verdict="reject",
        role="reviewer",
        reason="No.",
        at=NOON,
    )
    gate = review.manifest.gates.order_by("position")[0]
    Finding.objects.create(result=gate, position=0, rule="r", message="m", remedy="r")
    Upload.objects.create(sha256="0" * 64, size=1, name="n", media_type="t", by=stella, at=NOON)
    released = world.review(stella, edition="2024-10")
    world.release(released, number=1)
    Hold.objects.create(asset=released.asset, set_by=rita, why="Wait.", at=NOON)
    record("review.decided", "review:1", actor=rita, at=NOON)
    post("pool.light", {"job": {"secret": "s"}}, at=NOON)
    return review


@pytest.fixture
def raws(connect_as: ConnectAs) -> dict[str, Raw]:
    return {role: connect_as(role) for role in ROLES}


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # of the table above
        return int((cursor.fetchone() or (0,))[0])


def deeds(table: str, setting: str) -> Iterator[str]:
    yield f"UPDATE {table} SET {setting}"  # noqa: S608  # of the table above
    yield f"DELETE FROM {table}"  # noqa: S608  # of the table above
    yield f"TRUNCATE {table} CASCADE"


@pytest.mark.usefixtures("world_of_rows")
def test_no_role_changes_deletes_or_empties_what_is_written_once(raws: dict[str, Raw]) -> None:
    for (table, setting), raw in product(FROZEN.items(), raws.values()):
        before = rows(table)
        assert before, table
        for deed in deeds(table, setting):
            with pytest.raises(DENIED):
                raw.execute(deed.encode())
        assert rows(table) == before


@pytest.mark.usefixtures("world_of_rows")
def test_not_even_the_owner_s_own_words_change_it_without_taking_a_trigger_away() -> None:
    for table, setting in FROZEN.items():
        for deed in deeds(table, setting):
            with (
                transaction.atomic(),
                connection.cursor() as cursor,
                pytest.raises(DatabaseError, match="append-only"),
            ):
                cursor.execute(deed)


@pytest.mark.usefixtures("world_of_rows")
def test_nothing_that_moves_goes_away(raws: dict[str, Raw]) -> None:
    for table, raw in product(LASTING, raws.values()):
        for deed in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608  # of the table above
            with pytest.raises(DENIED):
                raw.execute(deed.encode())


def test_no_table_of_a_session_stands_before_one_of_ours(raws: dict[str, Raw]) -> None:
    for raw in raws.values():
        with pytest.raises(DENIED):
            raw.execute("CREATE TEMPORARY TABLE reviews_review (id bigint, status text)")


def test_a_trigger_believes_no_temporary_table(world_of_rows: Review) -> None:
    own = "CREATE TEMPORARY TABLE reviews_review ON COMMIT DROP AS SELECT id, status FROM reviews_review"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{own} LIMIT 0")  # it names no requester, so that nobody would decide about his own
        cursor.execute("ALTER TABLE pg_temp.reviews_review ADD requested_by_id bigint, ADD author_id bigint")
        with pytest.raises(DatabaseError, match="does not decide about it"):
            cursor.execute(
                "INSERT INTO reviews_decision (review_id, manifest_id, by_id, n, verdict, role, reason, at)"
                " VALUES (%s, %s, %s, 1, 'approve', 'reviewer', '', now())",
                [world_of_rows.pk, world_of_rows.manifest_id, world_of_rows.requested_by_id],
            )


@pytest.mark.parametrize(
    "setting", ["prov_digest = repeat('0', 64)", "outcome = 'PASS'", "manifest_id = NULL"]
)
def test_what_a_run_ended_with_is_never_exchanged(
    connect_as: ConnectAs, world_of_rows: Review, setting: str
) -> None:
    raw = connect_as(grants.CONTROL)
    with pytest.raises(psycopg.errors.RaiseException, match="was written once and stays"):
        raw.execute(f"UPDATE runs_run SET {setting} WHERE id = '{world_of_rows.run_id}'".encode())  # noqa: S608  # of the list above


@pytest.mark.usefixtures("world_of_rows")
def test_no_session_variable_silences_a_trigger(raws: dict[str, Raw]) -> None:
    raw = raws[grants.WEB]
    named = raw.execute(
        "SELECT string_agg(tgname, ',') FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'"
    ).fetchone()
    raw.execute(sql.SQL("SET pgtrigger.ignore = {}").format(f"{{{(named or ('',))[0]}}}"))
    with pytest.raises(psycopg.errors.RaiseException, match="Invalid transition"):
        raw.execute("UPDATE runs_run SET status = 'cancelled' WHERE status = 'recorded'")
    for words in ("SET session_replication_role = replica", "ALTER TABLE audit_event DISABLE TRIGGER ALL"):
        with pytest.raises(DENIED):
            raw.execute(words.encode())


INSERT_RELEASE = """
INSERT INTO releases_release (asset_id, channel, number, manifest_id, review_id, at)
VALUES (%(asset)s, %(channel)s, 7, %(manifest)s, %(review)s, now()) RETURNING id
"""
INSERT_PROMOTION = """
INSERT INTO releases_promotion
    (release_id, asset_id, channel, kind, status, why, at, failure, checks, documents, fence)
VALUES (%(release)s, %(asset)s, %(channel)s, 'promote', %(status)s, '', now(), '', '[]', '{}', 0)
"""
WRITERS = (grants.WEB, grants.CONTROL)


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("status", ["open", "returned", "rejected", "superseded"])
def test_nothing_is_released_that_is_not_approved(
    world_of_rows: Review, connect_as: ConnectAs, role: str, status: str
) -> None:
    review = world_of_rows
    if status != "open":
        Review.objects.filter(pk=review.pk).update(status=status)
    named = {
        "asset": review.asset_id,
        "channel": "public",
        "manifest": review.manifest_id,
        "review": review.pk,
    }
    with pytest.raises(psycopg.errors.RaiseException, match="approved review of exactly that manifest"):
        connect_as(role).execute(INSERT_RELEASE, named)


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("other", ["manifest", "asset", "channel"])
def test_nothing_is_released_but_what_was_approved(
    world_of_rows: Review, connect_as: ConnectAs, role: str, other: str
) -> None:
    review, stranger = world_of_rows, world.review(None, edition="other", name="ks_wells")
    Review.objects.filter(pk=review.pk).update(status="approved")
    named = {
        "asset": review.asset_id,
        "channel": "public",
        "manifest": review.manifest_id,
        "review": review.pk,
    }
    named[other] = {"manifest": stranger.manifest_id, "asset": stranger.asset_id, "channel": "restricted"}[
        other
    ]
    with pytest.raises(psycopg.errors.RaiseException, match="approved review of exactly that manifest"):
        connect_as(role).execute(INSERT_RELEASE, named)


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("wrong", [{"asset": 0}, {"channel": "restricted"}, {"release": 0}])
def test_nothing_is_promoted_but_an_approved_release(
    world_of_rows: Review, connect_as: ConnectAs, role: str, wrong: dict[str, object]
) -> None:
    release = Release.objects.get()
    named = {"release": release.pk, "asset": release.asset_id, "channel": "public", "status": "queued"}
    stranger = world.asset("ks_wells").pk
    named |= {"asset": stranger} if "asset" in wrong else wrong
    with pytest.raises(psycopg.errors.RaiseException, match="release of an approved review"):
        connect_as(role).execute(INSERT_PROMOTION, named)
    assert Promotion.objects.count() == 1
    assert world_of_rows.status == "open"


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("status", ["running", "done", "failed"])
def test_a_promotion_begins_queued_and_only_the_promoter_ends_it(
    world_of_rows: Review,  # noqa: ARG001  # is there
    connect_as: ConnectAs,
    role: str,
    status: str,
) -> None:
    release, raw = Release.objects.get(), connect_as(role)
    named = {"release": release.pk, "asset": release.asset_id, "channel": "public"}
    with pytest.raises(STATES):
        raw.execute(INSERT_PROMOTION, {**named, "status": status})
    raw.execute(INSERT_PROMOTION, {**named, "status": "queued"})
    for words in ("status = 'done'", "checks = '[]'", "documents = '{}'", "fence = 9", "release_id = 1"):
        with pytest.raises(psycopg.Error):
            raw.execute(f"UPDATE releases_promotion SET {words} WHERE status = 'queued'".encode())  # noqa: S608  # above
    with pytest.raises(DENIED):
        raw.execute("UPDATE runs_current SET release_number = 9")
    with pytest.raises(DENIED):
        raw.execute("INSERT INTO runs_current SELECT * FROM runs_current")


@pytest.mark.usefixtures("world_of_rows")
def test_control_takes_no_decision_and_approves_nothing(connect_as: ConnectAs) -> None:
    raw = connect_as(grants.CONTROL)
    for words in (
        "INSERT INTO reviews_decision SELECT * FROM reviews_decision",
        "UPDATE reviews_review SET status = 'approved' WHERE status = 'open'",
        "UPDATE reviews_review SET requested_by_id = NULL",
        "UPDATE accounts_rolegrant SET ended_at = now()",
        "UPDATE accounts_user SET password = ''",
    ):
        with pytest.raises(DENIED):
            raw.execute(words.encode())


@pytest.mark.usefixtures("world_of_rows")
def test_the_promoter_decides_and_requests_nothing(connect_as: ConnectAs) -> None:
    raw = connect_as(grants.PROMOTER)
    for words in (
        "INSERT INTO reviews_decision SELECT * FROM reviews_decision",
        "INSERT INTO releases_release SELECT * FROM releases_release",
        "INSERT INTO releases_promotion SELECT * FROM releases_promotion",
        "UPDATE runs_run SET status = 'cancelled'",
        "UPDATE releases_hold SET lifted_at = now()",
        "SELECT nextval('runs_alias')",
    ):
        with pytest.raises(DENIED):
            raw.execute(words.encode())


@pytest.mark.usefixtures("world_of_rows")
def test_the_web_process_keeps_no_results_and_reads_no_secrets(connect_as: ConnectAs) -> None:
    raw = connect_as(grants.WEB)
    for words in (
        "SELECT body FROM outbox_message",
        "UPDATE outbox_message SET sent_at = now()",
        "UPDATE outbox_pulse SET answered_at = now()",
        "INSERT INTO runs_manifest SELECT * FROM runs_manifest",
        "UPDATE runs_run SET status = 'recorded'",
        "UPDATE runs_run SET outcome = 'PASS'",
        "UPDATE reviews_review SET promoted_at = now()",
        "DELETE FROM accounts_signin",
        "UPDATE accounts_rolegrant SET role = 'admin'",
        "UPDATE accounts_user SET username = 'ada'",
    ):
        with pytest.raises(DENIED):
            raw.execute(words.encode())
    assert Run.objects.filter(status="recorded").count() == 2

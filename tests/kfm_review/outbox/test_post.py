"""Messages are posted with the change that makes them necessary, and wake whoever sends them."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from kfm_review.outbox.models import Message, Pulse
from kfm_review.outbox.post import post
from kfm_review.outbox.pulse import FRESH, heard
from tests.kfm_review.world import NOON


@pytest.fixture
def listener(transactional_db: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:  # noqa: ARG001  # commits
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as listening:
        listening.execute("LISTEN outbox")
        yield listening


def told(listener: psycopg.Connection[tuple[object, ...]]) -> int:
    return len(list(listener.notifies(timeout=0.2)))


@pytest.mark.django_db
def test_a_message_waits_until_it_is_due() -> None:
    at_once, later = post("promote", {"promotion": 1}, at=NOON), post("x", {}, at=NOON, due=NOON + FRESH)
    assert (at_once.created_at, at_once.due_at, at_once.sent_at) == (NOON, NOON, None)
    assert later.due_at == NOON + FRESH


def test_the_dispatcher_is_told_when_the_change_is_committed(
    listener: psycopg.Connection[tuple[object, ...]],
) -> None:
    with transaction.atomic():
        post("promote", {"promotion": 1}, at=NOON)
        assert told(listener) == 0
    assert told(listener) == 1


def test_a_change_that_is_taken_back_posts_nothing(listener: psycopg.Connection[tuple[object, ...]]) -> None:
    with transaction.atomic():
        post("promote", {"promotion": 1}, at=NOON)
        transaction.set_rollback(True)
    assert (told(listener), Message.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_sign_of_life_is_written_once_in_a_while_and_an_answer_always() -> None:
    heard("worker", token="", now=NOON)
    heard("worker", token="", now=NOON + FRESH / 2)
    assert Pulse.objects.get().answered_at == NOON
    heard("worker", token="asked", now=NOON + FRESH / 2)  # noqa: S106  # no secret
    assert (Pulse.objects.get().answered_at, Pulse.objects.get().token) == (NOON + FRESH / 2, "asked")
    heard("worker", token="", now=NOON + FRESH * 2 + timedelta(seconds=1))
    assert Pulse.objects.get().answered_at > NOON + FRESH

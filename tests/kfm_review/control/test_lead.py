"""One leads, the other waits; a loop that broke begins again by itself."""

import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connection

from kfm_review.control import lead, loops

pytestmark = pytest.mark.django_db(transaction=True)


class Leader:
    """One process's try to lead a loop, in a thread."""

    def __init__(self, loop: Callable[[Flag], None], name: str = "loop") -> None:
        self.over = Flag()
        self._thread = Thread(target=lead.lead, args=(name, loop), kwargs={"over": self.over})
        self._thread.start()

    def end(self) -> None:
        self.over.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.mark.slow
def wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_of_two_one_leads_and_the_other_takes_over() -> None:
    led: list[str] = []

    def loop(name: str) -> Callable[[Flag], None]:
        def run(over: Flag) -> None:
            led.append(name)
            over.wait()

        return run

    first = Leader(loop("first"))
    wait(lambda: led == ["first"])
    second = Leader(loop("second"))
    time.sleep(lead.PAUSE_S * 2)
    assert led == ["first"]
    first.end()
    wait(lambda: led == ["first", "second"])
    second.end()


def test_a_loop_that_broke_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    began = list[float]()

    def loop(over: Flag) -> None:
        began.append(time.monotonic())
        if len(began) < 3:
            raise ConnectionError("The broker went away.")
        over.wait()

    leader = Leader(loop)
    wait(lambda: len(began) == 3)
    leader.end()
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "The loop loop broke."
    ]


def test_a_loop_whose_connection_was_cut_leads_again_on_a_new_one() -> None:
    pids = list[int]()

    def loop(over: Flag) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        while not over.wait(0.05):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    leader = Leader(loop)
    wait(lambda: len(pids) == 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pids[0]])
    wait(lambda: len(pids) == 2)
    leader.end()
    assert pids[0] != pids[1]


def test_every_loop_has_a_lock_of_its_own() -> None:
    assert len({lead.key(name) for name in loops.LOOPS}) == len(loops.LOOPS)

"""What is sent to a witness by whoever wishes it ill: each has its answer, and nothing is cosigned."""

import base64
import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.proof import merkle, note
from pipelines.witness import request
from pipelines.witness.cosigning import SIZE, Witness
from pipelines.witness.memory import Memory, Page, Seen
from pipelines.witness.request import ORIGIN, WITNESS
from pipelines.witness.server import LONGEST, serving

LOG, OWN = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KNOWN = note.Verifier(name=ORIGIN, public=LOG.public_key())
SEEN = note.Verifier(name=WITNESS, public=OWN.public_key(), kind=note.COSIGNATURE)
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(40)]
AT = 1_795_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """Return a witness that has cosigned the first ten leaves."""
    made = Witness(name=WITNESS, private=OWN, logs=lambda: [KNOWN], memory=Memory(tmp_path))
    assert made.add_checkpoint(asked(0, 10), at=AT).status == HTTPStatus.OK
    return made


def checkpoint(
    size: int, *, root: bytes | None = None, by: Ed25519PrivateKey = LOG, origin: str = ORIGIN
) -> str:
    root = merkle.root(LEAVES[:size]) if root is None else root
    text = note.Checkpoint(origin=origin, size=size, root=root).text
    return note.written(text, [note.sign(text, name=origin, private=by)])


def asked(old: int, size: int, *, proof: tuple[bytes, ...] | None = None, signed: str = "") -> bytes:
    proof = merkle.consistency(LEAVES[:size], first=old) if proof is None else proof
    return request.write(old=old, proof=proof, checkpoint=signed or checkpoint(size))


def test_what_continues_is_cosigned_with_the_time(witness: Witness) -> None:
    answer = witness.add_checkpoint(asked(10, 33), at=AT + 60)
    assert answer.status == HTTPStatus.OK
    assert note.cosigned_at(note.read(checkpoint(33) + answer.words), by=SEEN).timestamp() == AT + 60


def test_the_same_again_is_cosigned_again(witness: Witness) -> None:
    assert witness.add_checkpoint(asked(10, 10), at=AT + 60).status == HTTPStatus.OK


def test_another_old_size_is_answered_with_the_known_one(witness: Witness) -> None:
    answer = witness.add_checkpoint(asked(5, 33), at=AT)
    assert (answer.status, answer.words, answer.media_type) == (HTTPStatus.CONFLICT, "10\n", SIZE)


def test_a_log_that_is_not_witnessed_here_is_unknown(witness: Witness) -> None:
    signed = checkpoint(10, origin="elsewhere/log")
    assert witness.add_checkpoint(asked(0, 10, signed=signed), at=AT).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "signed",
    [
        checkpoint(33, by=Ed25519PrivateKey.generate()),
        checkpoint(33).replace("\n33\n", "\n34\n"),
        checkpoint(33).replace(f"— {ORIGIN} ", f"— {WITNESS} "),
    ],
)
def test_what_no_key_of_the_log_signed_is_forbidden(signed: str, witness: Witness) -> None:
    assert witness.add_checkpoint(asked(10, 33, signed=signed), at=AT).status == HTTPStatus.FORBIDDEN


FORKS: dict[str, bytes] = {
    "another tree of the same size": asked(10, 10, proof=(), signed=checkpoint(10, root=LEAVES[0])),
    "another tree, larger": asked(10, 33, signed=checkpoint(33, root=LEAVES[0])),
    "no proof": asked(10, 33, proof=()),
    "a proof too long": asked(10, 33, proof=(*merkle.consistency(LEAVES[:33], first=10), LEAVES[0])),
    "a proof of another size": asked(10, 33, proof=merkle.consistency(LEAVES[:32], first=10)),
    "a proof that nothing needs": asked(10, 10, proof=(LEAVES[0],)),
}


@pytest.mark.parametrize("what", FORKS)
def test_what_does_not_continue_is_refused_and_not_remembered(what: str, witness: Witness) -> None:
    assert witness.add_checkpoint(FORKS[what], at=AT).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(asked(10, 33), at=AT).status == HTTPStatus.OK


def test_a_first_checkpoint_needs_no_proof_and_takes_none(tmp_path: Path) -> None:
    fresh = Witness(name=WITNESS, private=OWN, logs=lambda: [KNOWN], memory=Memory(tmp_path))
    refused = HTTPStatus.UNPROCESSABLE_ENTITY
    assert fresh.add_checkpoint(asked(0, 10, proof=(LEAVES[0],)), at=AT).status == refused
    assert fresh.add_checkpoint(asked(0, 0, signed=checkpoint(0, root=LEAVES[0])), at=AT).status == refused
    assert fresh.add_checkpoint(asked(0, 0), at=AT).status == HTTPStatus.OK


HASH = base64.b64encode(LEAVES[0]).decode()
BROKEN: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "no old size": lambda words: words.partition("\n")[2],
    "zeros before the size": lambda words: words.replace("old 10", "old 010"),
    "a sign before the size": lambda words: words.replace("old 10", "old +10"),
    "two blanks": lambda words: words.replace("old 10", "old  10"),
    "a size beyond all": lambda words: words.replace("old 10", "old " + "9" * 30),
    "no empty line": lambda words: words.replace("\n\n", "\n"),
    "no checkpoint": lambda words: words.partition("\n\n")[0] + "\n\n",
    "64 hashes": lambda words: words.replace("old 10\n", "old 10\n" + f"{HASH}\n" * 64),
    "a hash cut short": lambda words: words.replace("old 10\n", f"old 10\n{HASH[:-4]}\n"),
    "a hash that is none": lambda words: words.replace("old 10\n", "old 10\n!\n"),
    "an old size that is larger": lambda words: words.replace("old 10", "old 34"),
    "a control sign": lambda words: words.replace(ORIGIN, ORIGIN + "\x01"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_request_is_refused(what: str, witness: Witness) -> None:
    body = BROKEN[what](asked(10, 33).decode()).encode()
    assert witness.add_checkpoint(body, at=AT).status == HTTPStatus.BAD_REQUEST


def test_bytes_that_are_no_text_are_refused(witness: Witness) -> None:
    assert witness.add_checkpoint(b"old 10\n\n\xff", at=AT).status == HTTPStatus.BAD_REQUEST


def test_what_was_cosigned_is_remembered_by_the_next_process(witness: Witness, tmp_path: Path) -> None:
    assert witness.add_checkpoint(asked(10, 33), at=AT).status == HTTPStatus.OK
    other = Witness(name=WITNESS, private=OWN, logs=lambda: [KNOWN], memory=Memory(tmp_path))
    assert other.add_checkpoint(asked(10, 40), at=AT).words == "33\n"


def test_of_many_at_once_that_fork_one_is_cosigned(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Page.seen

    def look_long(page: Page) -> Seen | None:
        found = look(page)
        sleep(0.02)  # long enough for all to look at once, if they could
        return found

    monkeypatch.setattr(Page, "seen", look_long)
    forks = [[*LEAVES[:10], merkle.leaf_hash(b"fork %d" % number)] for number in range(8)]
    bodies = [
        asked(10, 11, proof=merkle.consistency(fork, first=10), signed=checkpoint(11, root=merkle.root(fork)))
        for fork in forks
    ]
    with ThreadPoolExecutor(8) as many:
        found = [
            answer.status for answer in many.map(lambda body: witness.add_checkpoint(body, at=AT), bodies)
        ]
    assert sorted(found) == [HTTPStatus.OK, *[HTTPStatus.CONFLICT] * 7]


@pytest.fixture
def port(witness: Witness) -> Iterator[int]:
    server = serving(witness, port=0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/elsewhere", {}, 404),
        ("GET", "/add-checkpoint", {}, 501),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 400),
        ("POST", "/add-checkpoint", {"Content-Length": "many"}, 400),
        ("POST", "/add-checkpoint", {"Content-Length": str(LONGEST + 1)}, 400),
        ("POST", "/add-checkpoint", {"Transfer-Encoding": "chunked"}, 400),
    ],
)
def test_only_one_deed_is_offered_and_it_is_bounded(
    method: str, path: str, headers: dict[str, str], status: int, port: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest(method, path)
    for name, value in headers.items() or {"Content-Length": "0"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()

"""`audit verify` finds whatever was changed behind the triggers, and names the first line of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from kfm_review.audit import proofs, sequence, tiles
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.models import Checkpoint, Cosignature
from kfm_review.audit.record import record
from pipelines.proof import keys, note
from pipelines.witness.request import WITNESS
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LOG, WITNESSED = LogKey(private=Ed25519PrivateKey.generate()), Ed25519PrivateKey.generate()


def checkpoint(minute: int) -> Checkpoint:
    """Sign, and have it cosigned."""
    made = sequence.checkpoint(now=NOON + minute * MINUTE, signer=LOG)
    text = note.read(made.note).text
    Cosignature.objects.create(
        checkpoint=made,
        witness=WITNESS,
        key=keys.ed25519(WITNESSED.public_key()).fingerprint,
        line=note.cosign(text, name=WITNESS, private=WITNESSED, at=int(made.at.timestamp())),
        at=made.at,
    )
    return made


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Write 260 lines under three checkpoints; return a copy of the second, kept outside."""
    rita = person("rita")
    for number in range(260):
        record("a.b", f"person:{number}", actor=rita, at=NOON, why="Für München", n=number, half=0.5)
        if number in (4, 250):
            kept = checkpoint(number)
    checkpoint(300)
    file = tmp_path / "copy.txt"
    file.write_text(proofs.noted(kept), encoding="utf-8")
    (tmp_path / "log.pub").write_text(keys.ed25519(LOG.private.public_key()).line)
    (tmp_path / "witness.pub").write_text(keys.ed25519(WITNESSED.public_key()).line)
    return file


def verified(copy: Path, *, outside: bool = True) -> str:
    out = StringIO()
    options = {"checkpoint": [copy] if outside else []}
    given = {"log_key": copy.parent / "log.pub", "witness_key": copy.parent / "witness.pub"}
    call_command("audit", "verify", stdout=out, **options, **given)
    return out.getvalue()


def behind(*statements: str) -> None:
    """Do as the owner does who takes the triggers away first."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement.replace("seventh", SEVENTH))
        cursor.execute("RESET session_replication_role")


def test_a_record_that_nobody_touched_is_whole(copy: Path) -> None:
    assert verified(copy) == (
        "The audit record is whole: 260 lines, 0 waiting for a number, 1 tiles, 3 checkpoints, "
        "3 cosignatures, 1 copies from outside.\n"
    )


SEVENTH = "id = (SELECT event_id FROM audit_leaf WHERE number = 7)"
ANEW = """
UPDATE audit_event SET body = convert_to(replace(convert_from(body, 'UTF8'), 'München', 'Berlin'), 'UTF8')
"""
ANOTHERS = r"""
UPDATE audit_checkpoint SET note = split_part(note, E'\n\n', 1) || E'\n\n'
    || split_part((SELECT note FROM audit_checkpoint WHERE size = 5), E'\n\n', 2) WHERE size = 251
"""
UNNUMBERED = """
INSERT INTO audit_event (at, action, target, family, why, details, body, leaf_hash)
VALUES ('2026-11-24T12:00Z', 'a', 't', '', '', '{}', '', '')
"""
TOUCHED: dict[str, tuple[str, str]] = {
    "a word of a line": ("UPDATE audit_event SET why = 'Another.' WHERE seventh", "Leaf 7 .* columns"),
    "who did it": ("UPDATE audit_event SET actor_id = NULL WHERE seventh", "Leaf 7 .* columns"),
    "when": ("UPDATE audit_event SET at = at + interval '1 second' WHERE seventh", "Leaf 7 .* columns"),
    "a detail": ("UPDATE audit_event SET details = '{}' WHERE seventh", "Leaf 7 .* columns"),
    "its bytes": ("UPDATE audit_event SET body = '{}' WHERE seventh", "Leaf 7 .* another hash"),
    "bytes that are no JSON": ("UPDATE audit_event SET body = 'x' WHERE seventh", "Leaf 7 .* not JSON"),
    "spaces in its bytes": (
        """UPDATE audit_event SET body = '{"a": 1}' WHERE seventh""",
        "Leaf 7 .* canonical form",
    ),
    "its hash": (
        "UPDATE audit_event SET leaf_hash = repeat('0', 64) WHERE seventh",
        "Leaf 7 .* another hash",
    ),
    "the hash in the tree": (
        "UPDATE audit_leaf SET hash = sha256('x') WHERE number = 7",
        "Leaf 7 .* another hash",
    ),
    "a line taken away": ("DELETE FROM audit_leaf WHERE number = 7", "Leaf 7 is missing"),
    "the newest line taken away": ("DELETE FROM audit_leaf WHERE number = 259", "of 260 leaves"),
    "two lines exchanged": (
        "UPDATE audit_leaf SET number = CASE number WHEN 7 THEN -1 ELSE 7 END WHERE number IN (7, 8)",
        "Leaf 0 is missing",
    ),
    "a tile": ("UPDATE audit_tile SET root = sha256('x')", "Tile 0/0 has other hashes"),
    "no tile": ("DELETE FROM audit_tile", "Tile 0/0 is missing"),
    "one tile too many": (
        "INSERT INTO audit_tile (level, index, hashes, root) VALUES (5, 0, '', '')",
        "2 tiles",
    ),
    "a root": ("UPDATE audit_checkpoint SET root = repeat('0', 64) WHERE size = 251", "another root"),
    "a size": (
        "UPDATE audit_checkpoint SET size = 6 WHERE size = 5",
        "Checkpoint .* another root|another tree",
    ),
    "a checkpoint's key": (
        "UPDATE audit_checkpoint SET key = 'SHA256:x' WHERE size = 5",
        "not signed as it must",
    ),
    "a checkpoint's note": (
        "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint WHERE size = 5)",
        "another tree than its row|not signed",
    ),
    "a checkpoint's signature": (ANOTHERS, "not signed as it must be: The signature"),
    "a cosignature": (
        "UPDATE audit_cosignature SET line = (SELECT line FROM audit_cosignature ORDER BY id LIMIT 1)",
        "The cosignature of checkpoint",
    ),
    "a witness's key": ("UPDATE audit_cosignature SET key = 'SHA256:x'", "The cosignature of checkpoint"),
    "an event without a number": (
        UNNUMBERED,
        "Event .* has no number",
    ),
}


@pytest.mark.parametrize("what", TOUCHED)
def test_whatever_is_touched_is_found_and_named(what: str, copy: Path) -> None:
    statement, sentence = TOUCHED[what]
    behind(statement)
    with pytest.raises(CommandError, match="The audit record is not whole") as refused:
        verified(copy, outside=False)
    assert re.search(sentence, str(refused.value)), refused.value


def anew(copy: Path) -> None:
    """Write the whole record anew, with the log's own key: nothing inside can tell."""
    behind(
        "UPDATE audit_event SET why = 'Für Berlin'",
        ANEW,
        "UPDATE audit_event SET leaf_hash = encode(sha256('\\x00'::bytea || body), 'hex')",
        "UPDATE audit_leaf SET hash = decode(leaf_hash, 'hex') FROM audit_event WHERE id = event_id",
        "DELETE FROM audit_cosignature",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_tile",
    )
    tiles.finish(260)
    checkpoint(400)
    assert verified(copy, outside=False)


def test_only_a_copy_from_outside_tells_of_a_record_written_anew(copy: Path) -> None:
    anew(copy)
    with pytest.raises(CommandError, match="first 251 leaves come to another root than the copy"):
        verified(copy)


def test_a_copy_that_is_longer_than_the_record_tells_that_lines_are_gone(copy: Path) -> None:
    behind(
        "DELETE FROM audit_cosignature",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_tile",
        "DELETE FROM audit_leaf WHERE number > 99",
        "DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_leaf)",
    )
    assert verified(copy, outside=False).startswith("The audit record is whole: 100 lines")
    with pytest.raises(CommandError, match="of 251 leaves, and only 100 are there: lines are gone"):
        verified(copy)


SPOILT: dict[str, tuple[Callable[[str], str], str]] = {
    "another size": (lambda words: words.replace("\n251\n", "\n250\n"), "not signed by a key of this log"),
    "no signature": (lambda words: words.partition("\n\n")[0], "cannot be read"),
    "another log": (lambda words: words.replace("kfm-review/audit", "kfm-review/other"), "not signed"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_copy_that_is_none_is_refused(what: str, copy: Path) -> None:
    spoil, sentence = SPOILT[what]
    copy.write_text(spoil(copy.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CommandError, match=sentence):
        verified(copy)


def test_without_roster_and_keys_no_signature_counts(copy: Path) -> None:
    with pytest.raises(CommandError, match="there is no roster"):
        call_command("audit", "verify")
    assert copy.is_file()

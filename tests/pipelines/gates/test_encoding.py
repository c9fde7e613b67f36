"""The gate `encoding`."""

from dataclasses import replace

from pipelines.gates import encoding
from pipelines.model import GateResult, Outcome
from tests.pipelines import judged

GOOD = judged.text(judged.rows("2026-09"))


def _check(content: bytes) -> GateResult:
    return encoding.check(judged.read(content))


def test_utf8_passes_names_in_other_alphabets_too() -> None:
    assert _check(GOOD.replace(b"Airport", "Flugplatz Öß 机场".encode())).outcome is Outcome.PASS


def test_a_byte_order_mark_is_noted_and_left_out() -> None:
    subject = judged.read(b"\xef\xbb\xbf" + GOOD)
    assert subject.table.names[0] == "icao"
    result = encoding.check(subject)
    assert (result.outcome, [one.rule for one in result.findings]) == (Outcome.PASS, ["encoding.bom"])


def test_latin_1_fails_and_says_where() -> None:
    result = _check(GOOD.replace(b"Leoti", "Léoti".encode("latin-1"), 1))
    assert (result.outcome, result.value) == (Outcome.FAIL, 1.0)
    assert "is not UTF-8" in result.findings[0].message


def test_damage_done_elsewhere_is_looked_at() -> None:
    assert _check(GOOD.replace(b"Leoti", "L\ufffdoti".encode(), 1)).outcome is Outcome.REVIEW
    assert _check(GOOD.replace(b"Leoti", b"L\x00oti", 1)).outcome is Outcome.REVIEW


def test_every_input_of_text_is_looked_at_and_named() -> None:
    good, bad = judged.read(GOOD), judged.read(GOOD.replace(b"Leoti", b"L\xe9oti", 1))
    read = {"airports": good.table, "counties": bad.table}
    result = encoding.check(replace(good, inputs_read=replace(good.inputs_read, all=read)))
    assert (result.outcome, result.evidence) == (Outcome.FAIL, "input:counties")
    assert [finding.where for finding in result.findings] == ["counties"]

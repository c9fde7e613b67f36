"""Defects of whole files and of their texts: for the gates format and encoding."""

from pipelines.formats.grid import Grid
from pipelines.subject import Subject
from tests.families.proof import edits
from tests.families.proof.case import Case
from tests.families.proof.defect import ROWS, Defect

PAGE = b"<!doctype html><html><body>Not found</body></html>"


def _text(case: Case) -> bool:
    return case.family.main.media_type in {"text/csv", "application/geo+json"}


def _not_csv(case: Case) -> bool:
    return case.family.main.media_type != "text/csv"


def _cut(case: Case, size: float) -> Subject:
    return case.read(case.content[: -int(size)])


def _page(case: Case, size: float) -> Subject:
    return case.read(PAGE * int(size))


def _open_quote(case: Case, size: float) -> Subject:
    lines = case.content.split(b"\n")
    lines[-int(size) - 1] = b'"' + lines[-int(size) - 1]
    return case.read(b"\n".join(lines))


def _two_names(case: Case, size: float) -> Subject:
    content = case.content.replace(b'"properties": {', b'"properties": {"again": 1, "again": 2, ', int(size))
    content = content.replace(b'"properties":{', b'"properties":{"again":1,"again":2,', int(size))
    return case.read(content)


def _latin(case: Case, size: float) -> Subject:
    content = case.content
    for row in case.rows[: int(size)]:
        name = str(row[edits.key(case)]).encode()
        content = content.replace(name, name[:-1] + b"\xe9", 1)
    return case.read(content)


def _replaced(case: Case, size: float) -> Subject:
    name = edits.title(case)
    rows = edits.first(case.rows, size, lambda row, _: {**row, name: f"{row[name]}\ufffd"})
    return case.read(case.file(rows))


def _control(case: Case, size: float) -> Subject:
    name = edits.title(case)
    rows = edits.first(case.rows, size, lambda row, _: {**row, name: f"{row[name]}\x07"})
    return case.read(case.file(rows))


def _rows(case: Case) -> bool:
    return not isinstance(case.layer, Grid)


BYTES = (1, 2, 4, 8, 64, 512, 4096)
DEFECTS = (
    Defect(gate="format", name="{n:g} bytes cut from the end", spoil=_cut, sizes=BYTES, applies=_not_csv),
    Defect(gate="format", name="an HTML page in its place", spoil=_page),
    Defect(
        gate="schema",
        name="a quote that never ends, {n:g} lines before the end",
        spoil=_open_quote,
        applies=lambda case: case.family.main.media_type == "text/csv",
    ),
    Defect(
        gate="format",
        name="a name twice in {n:g} objects",
        spoil=_two_names,
        applies=lambda case: case.family.main.media_type == "application/geo+json",
    ),
    Defect(gate="encoding", name="{n:g} bytes of Latin-1", spoil=_latin, sizes=ROWS, applies=_text),
    Defect(gate="encoding", name="{n:g} replacement characters", spoil=_replaced, sizes=ROWS, applies=_rows),
    Defect(gate="encoding", name="{n:g} control characters", spoil=_control, sizes=ROWS, applies=_rows),
)

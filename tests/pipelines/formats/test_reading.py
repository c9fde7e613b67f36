"""Every media type that a family may declare has its reader, and none of them ever raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats.reading import READERS

EVERY = pytest.mark.parametrize("media_type", READERS)
BEGINNINGS = (
    b"",
    b"PAR1",
    b"PK\x03\x04",
    b"II*\x00",
    b'{"type":"FeatureCollection","features":[',
    b"\xef\xbb\xbf",
)


@EVERY
@given(begins=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=60))
def test_no_reader_raises_and_none_is_silent(media_type: str, begins: bytes, rest: bytes) -> None:
    read = READERS[media_type](begins + rest)
    assert read.size == len(begins + rest)
    assert media_type == "text/csv" or read.faults
    assert all(fault.message and fault.remedy and fault.rule.isalpha() for fault in read.faults)


@EVERY
@pytest.mark.parametrize(
    "content", [b"", b"\n", b"<!DOCTYPE html><p>404</p>", b"/vsicurl/https://example.org/x"]
)
def test_nothing_pages_and_references_are_refused_by_every_reader(media_type: str, content: bytes) -> None:
    read = READERS[media_type](content)
    assert read.faults[0].rule in {"empty", "another", "damaged", "broken"}

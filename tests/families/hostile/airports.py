"""What can be wrong with a file of comma-separated text, done to a few real airports."""

from collections.abc import Callable, Mapping

from pipelines import spec

FAMILY = "ks_airports"
_FOLDER = spec.FAMILIES / FAMILY / "samples"
_ROWS = 12
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\"quoted\" and 'quoted' & <b>bold</b>",
    "  spaces  around  ",
    "</style><svg onload=alert(3)>",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x.example","here")', "\t=1+1", "-101.5")


def good() -> bytes:
    """Return the header and the first airports of a real edition."""
    lines = (_FOLDER / "2026-09.csv").read_bytes().splitlines(keepends=True)
    return b"".join(lines[: _ROWS + 1])


def _lines() -> list[bytes]:
    return good().splitlines(keepends=True)


def _cells(row: int, **changes: str) -> bytes:
    """Return the file with cells of one row exchanged."""
    return _many({row: changes})


def _many(changes: Mapping[int, Mapping[str, str]]) -> bytes:
    header, *rows = [line.decode().rstrip("\n").split(",") for line in _lines()]
    for row, cells in changes.items():
        for name, text in cells.items():
            rows[row][header.index(name)] = '"' + text.replace('"', '""') + '"'
    return "".join(",".join(cells) + "\n" for cells in (header, *rows)).encode()


def _each(change: Callable[[list[str], list[str]], None]) -> bytes:
    """Return the file with `change(header, cells)` done to every row."""
    header, *rows = [line.decode().rstrip("\n").split(",") for line in _lines()]
    for cells in rows:
        change(header, cells)
    return "".join(",".join(cells) + "\n" for cells in (header, *rows)).encode()


def _swap(header: list[str], cells: list[str]) -> None:
    lat, lon = header.index("lat"), header.index("lon")
    cells[lat], cells[lon] = cells[lon], cells[lat]


def _pixels(header: list[str], cells: list[str]) -> None:
    lat, lon = header.index("lat"), header.index("lon")
    cells[lon] = str(round((float(cells[lon]) + 102.1) * 130, 1))
    cells[lat] = str(round((40.1 - float(cells[lat])) * 160, 1))


def _metres(header: list[str], cells: list[str]) -> None:
    lat, lon = header.index("lat"), header.index("lon")
    cells[lon], cells[lat] = (str(round(float(cells[at]) * 111_320)) for at in (lon, lat))


def _ragged(cells: bytes) -> bytes:
    lines = _lines()
    return b"".join([*lines[:4], cells, *lines[4:]])


def _latin(text: bytes) -> bytes:
    header, first, second, *rest = _lines()
    name = second.split(b",")[2]
    return b"".join([header, first.replace(b"Ranch", "Ränch".encode()), second.replace(name, text), *rest])


FILES: Mapping[str, Callable[[], bytes]] = {
    "good.csv": good,
    "empty.csv": lambda: b"",
    "header-only.csv": lambda: _lines()[0],
    "only-a-byte-order-mark.csv": lambda: b"\xef\xbb\xbf",
    "byte-order-mark.csv": lambda: b"\xef\xbb\xbf" + good(),
    "utf-16.csv": lambda: good().decode().encode("utf-16"),
    "two-encodings.csv": lambda: _latin("Fl\u00fcgel".encode("latin-1")),
    "zero-bytes.csv": lambda: _cells(2, name="Air\x00port"),
    "replaced-characters.csv": lambda: _cells(2, name="L\ufffdoti"),
    "nan.csv": lambda: _cells(2, lat="NaN"),
    "infinite.csv": lambda: _cells(2, lon="-1e999"),
    "infinity-in-words.csv": lambda: _cells(2, elevation="Infinity"),
    "number-of-400-digits.csv": lambda: _cells(2, elevation="9" * 400),
    "short-row.csv": lambda: _ragged(b"00KS,,Short\n"),
    "long-row.csv": lambda: _ragged(_lines()[1].rstrip(b"\n") + b",more,and,more\n"),
    "blank-line.csv": lambda: _ragged(b"\n"),
    "open-quote.csv": lambda: _ragged(b'00KS,,"never closed\n'),
    "cell-of-200-kb.csv": lambda: _cells(2, name="x" * 200_000),
    "column-twice.csv": lambda: good().replace(b"iata", b"icao", 1),
    "column-missing.csv": lambda: good().replace(b",lat,", b",latitude,", 1),
    "200,000-columns.csv": lambda: b",".join(b"c%d" % n for n in range(200_000)) + b"\n1\n",
    "2-million-blank-lines.csv": lambda: _lines()[0] + b"\n" * 2_000_000,
    "5-million-bytes-of-line-ends.csv": lambda: b"\n" * 5_000_000,
    "duplicate-keys.csv": lambda: good() + _lines()[3],
    "null-keys.csv": lambda: _cells(2, icao=""),
    "swapped.csv": lambda: _each(_swap),
    "pixels.csv": lambda: _each(_pixels),
    "metres.csv": lambda: _each(_metres),
    "formulas.csv": lambda: _many({n: {"name": text} for n, text in enumerate(FORMULAS)}),
    "markup.csv": lambda: _many({n: {"name": text} for n, text in enumerate(MARKUP)}),
    "markup-in-keys.csv": lambda: _cells(2, icao=MARKUP[0]),
    "page-called.csv": lambda: b"<!DOCTYPE html>\n<title>404</title><p>Not found, sorry.\n",
    "picture-called.csv": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "reference-called.csv": lambda: b"/vsicurl/https://example.org/airports.csv\n",
    "vrt-called.csv": lambda: (
        b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>"
    ),
}

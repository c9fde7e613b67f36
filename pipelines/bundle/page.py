"""The page of a bundle: opens from disk, holds the documents it needs, and checks them by itself."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipelines.bundle import contents

SOURCES = Path(__file__).parent / "sources"
SCRIPTS = ("bytes", "lines", "ssh", "roster", "tree", "signed", "checks", "chosen", "page")
NEEDED = (".json", ".jsonld", ".txt")
LARGEST = 2 * 1024 * 1024


def write(documents: Mapping[str, bytes]) -> bytes:
    """Return the page of these documents; it asks nothing of any network."""
    told = {
        "rows": contents.rows(documents),
        "files": {
            name: base64.b64encode(content).decode()
            for name, content in sorted(documents.items())
            if name.endswith(NEEDED) and len(content) <= LARGEST and not name.startswith("artifacts/")
        },
    }
    parts = {"style": _style(), "script": _script(), "documents": _escaped(told)}
    parts |= {f"{name}_hash": _hash(parts[name]) for name in ("style", "script")}
    page = _source("page.html")
    for name, part in parts.items():
        page = page.replace(f"%{name}%", part, 1)
    return page.encode()


def _escaped(told: object) -> str:
    """Return JSON that no HTML reader takes for markup."""
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(source: str) -> str:
    """Return the digest by which a page's own policy lets one script or style be used."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


@lru_cache(maxsize=1)
def _script() -> str:
    parts = (_source(f"{name}.js") for name in SCRIPTS)
    return "\n(() => {\n'use strict';\n" + "\n".join(parts) + "\n})();\n"


def _style() -> str:
    return "\n" + _source("page.css")


@lru_cache(maxsize=32)
def _source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")

"""What is in the repository: our own files, in their places, clean, and tied to no machine."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import tree

TOP = frozenset(
    (
        *(
            ".ci",
            ".github",
            ".gitignore",
            ".pre-commit-config.yaml",
            "LICENSE",
            "README.md",
            "pyproject.toml",
        ),
        *("infra", "kfm_review", "manage.py", "pipelines", "static", "tests"),
    )
)
LARGEST = 1_000_000
REGISTRIES = (  # in two halves, so that this file names none either
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("deb.debian", "org"),
    ("crates", "io"),
    ("proxy.golang", "org"),
)
HOSTS = re.compile("|".join(re.escape(".".join(halves)) for halves in REGISTRIES))
MACHINE = re.compile(r"(?<![\w.])/(work|home|root|Users)/")
MARKS = re.compile(r"^(<{7}|>{7}|={7})( |$)", re.MULTILINE)
THIRD_PARTY = ("node_modules", "vendor", "site-packages", "third_party", "dist")
FILES = tree.files()
TEXTS = tuple(
    file for file in FILES if file.suffix not in (".parquet", ".pmtiles", ".png", ".tif", ".wasm", ".woff2")
)
CANONICAL = Path("pipelines/policies/bundle")  # RFC 8785: its bytes are what a digest names


def test_the_top_level_is_fixed() -> None:
    assert {file.parts[0] for file in FILES} <= TOP


def test_nothing_of_others_is_kept_here() -> None:
    assert not [file for file in FILES if set(file.parts) & set(THIRD_PARTY) or ".min." in file.name]


def test_no_file_is_large() -> None:
    assert not [file for file in FILES if (tree.ROOT / file).stat().st_size > LARGEST]


def test_names_are_safe_on_every_system() -> None:
    assert not [file for file in FILES if " " in str(file) or file.name == ".DS_Store"]
    assert not [name for name, n in Counter(str(file).casefold() for file in FILES).items() if n > 1]


def faults(words: str) -> Iterator[str]:
    """Yield what is unclean in a text."""
    if re.search(r"[ \t]+$", words, re.MULTILINE):
        yield "spaces at the end of a line"
    if words and not words.endswith("\n"):
        yield "the last line has no end"
    if MARKS.search(words):
        yield "a merge was not finished"
    if "\r" in words:
        yield "lines end as on Windows"


def betrays(words: str) -> bool:
    """Say whether a text names a package registry, or a place on somebody's machine."""
    return bool(HOSTS.search(words) or MACHINE.search(words))


@pytest.mark.parametrize("file", [file for file in TEXTS if file.suffix != ".csv"], ids=str)
def test_a_file_is_clean(file: Path) -> None:
    words = tree.text(file)
    assert words is not None, "is not text: name its kind above"
    assert file.name == "LICENSE" or file.parent == CANONICAL or list(faults(words)) == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("a \nb\n", "spaces at the end of a line"),
        ("a", "the last line has no end"),
        ("<<<<<<< ours\n", "a merge was not finished"),
        ("a\r\n", "lines end as on Windows"),
    ],
)
def test_an_unclean_file_is_found(words: str, fault: str) -> None:
    assert list(faults(words)) == [fault]


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_a_file_names_no_registry_and_no_machine(file: Path) -> None:
    assert not betrays(tree.text(file) or "")


BETRAYALS = (str(Path("/", "home", "somebody", "kfm")), *map(".".join, REGISTRIES))


@pytest.mark.parametrize("words", BETRAYALS)
def test_a_registry_or_a_machine_is_found(words: str) -> None:
    assert betrays(words)

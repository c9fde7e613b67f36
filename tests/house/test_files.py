"""What is in the repository: our own files, in their places, clean, and tied to no machine."""

import re
from collections import Counter
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
HOSTS = re.compile(r"pypi\.org|pythonhosted|npmjs\.(org|com)|deb\.debian\.org|crates\.io|proxy\.golang")
MACHINE = re.compile(r"(?<![\w.])/(work|home|root|Users)/")
MARKS = re.compile(r"^(<{7}|>{7}|={7})( |$)", re.MULTILINE)
THIRD_PARTY = ("node_modules", "vendor", "site-packages", "third_party", "dist")
FILES = tree.files()
TEXTS = tuple(file for file in FILES if file.suffix not in (".parquet", ".pmtiles", ".png", ".woff2"))


def test_the_top_level_is_fixed() -> None:
    assert {file.parts[0] for file in FILES} <= TOP


def test_nothing_of_others_is_kept_here() -> None:
    assert not [file for file in FILES if set(file.parts) & set(THIRD_PARTY) or ".min." in file.name]


def test_no_file_is_large() -> None:
    assert not [file for file in FILES if (tree.ROOT / file).stat().st_size > LARGEST]


def test_names_are_safe_on_every_system() -> None:
    assert not [file for file in FILES if " " in str(file) or file.name == ".DS_Store"]
    assert not [name for name, n in Counter(str(file).casefold() for file in FILES).items() if n > 1]


@pytest.mark.parametrize("file", [file for file in TEXTS if file.suffix != ".csv"], ids=str)
def test_a_file_is_clean(file: Path) -> None:
    words = tree.text(file)
    assert words is not None, "is not text: name its kind above"
    if file.name == "LICENSE":
        return
    assert not re.search(r"[ \t]+$", words, re.MULTILINE), "spaces at the end of a line"
    assert not words or words.endswith("\n"), "the last line has no end"
    assert not MARKS.search(words), "a merge was not finished"
    assert "\r" not in words, "lines end as on Windows"


@pytest.mark.parametrize("file", TEXTS, ids=str)
def test_a_file_names_no_registry_and_no_machine(file: Path) -> None:
    if file == Path("tests/house/test_files.py"):
        return
    words = tree.text(file) or ""
    assert not HOSTS.search(words)
    assert not MACHINE.search(words)

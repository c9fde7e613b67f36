"""Pages name only files, scripts and styles that exist, and every button's deed is known to a script."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "kfm_review" / "web" / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
PAGES = "\n".join(file.read_text(encoding="utf-8") for file in TEMPLATES)
CODE = "\n".join(file.read_text(encoding="utf-8") for file in SCRIPTS)
STYLE = "\n".join(file.read_text(encoding="utf-8") for file in STYLES)
LONGEST = 300
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*"(\.[^"]+)\"""")
HOSTS = re.compile(r"https?://(?!www\.w3\.org/)")
MARKS = re.compile(r'<symbol id="([\w-]+)"')
AS_HTML = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")


def named(pattern: str, text: str) -> set[str]:
    """Return what a pattern finds, but not what a template fills in."""
    return {found for found in re.findall(pattern, text) if "{" not in found}


@pytest.mark.parametrize("name", sorted(named(r"{% static '([^']+)' %}", PAGES)))
def test_what_a_page_names_is_there(name: str) -> None:
    folder = name.endswith("/")
    assert finders.find(f"{name}states.json" if folder else name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_what_a_script_imports_is_there(script: Path) -> None:
    for name in IMPORTED.findall(script.read_text(encoding="utf-8")):
        assert (script.parent / name).resolve() in SCRIPTS, name


@pytest.mark.parametrize("file", [*SCRIPTS, *STYLES], ids=lambda file: file.name)
def test_a_file_says_what_it_is_and_is_short(file: Path) -> None:
    first, *rest = file.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"(// .+[.:]|/\* .+[.:] \*/)", first), "the first line is one sentence"
    assert len(rest) < LONGEST


@pytest.mark.parametrize("deed", sorted(named(r'data-do="([^"]+)"', PAGES)))
def test_every_deed_of_a_button_is_known_to_a_script(deed: str) -> None:
    groups = re.findall(r"for \(const name of \[([^]]+)\]\) deed\(name", CODE)
    assert f'deed("{deed}"' in CODE or any(f'"{deed}"' in group for group in groups)


def test_no_key_stands_for_two_things() -> None:
    """Of n and p, s and b, and the tabs each has one; a, r, x, t come from the verdicts, h from two pages."""
    keys = re.findall(r'data-key="(\w)"', PAGES)
    assert sorted(set(keys) - {"h"}) == sorted(key for key in keys if key != "h")


def test_the_help_tells_every_key() -> None:
    words = (ROOT / "kfm_review/web/templates/parts/_help.html").read_text(encoding="utf-8")
    told = set(re.findall(r"<kbd>(.)</kbd>", words)) | {"2", "3"}  # 1 to 4
    assert set(re.findall(r'data-key="(\w)"', PAGES)) <= told
    for pair in re.findall(r'data-keys="(\w \w)"', PAGES):
        assert "".join(f"<kbd>{key}</kbd>" for key in pair.split()) in words


def test_every_mark_that_is_drawn_is_in_the_sprite() -> None:
    sprite = set(MARKS.findall(PAGES))
    drawn = {f"i-{name}" for name in named(r'{% icon "([\w-]+)" %}', PAGES)}
    drawn |= {f"m-{name}" for name in named(r'{% symbol "([\w-]+)" %}', PAGES)}
    drawn |= {f"i-{name}" for name in named(r'\bicon\("([\w-]+)"\)', CODE)}
    assert drawn <= sprite


def test_every_part_a_script_looks_for_is_on_a_page_or_made_by_a_script() -> None:
    ids = set(re.findall(r'getElementById\("([\w-]+)"\)', CODE))
    assert {name for name in ids if f'id="{name}"' not in PAGES} == set()


def test_nothing_is_inline_and_nothing_is_asked_of_another_host() -> None:
    assert not re.search(r"<[a-z][^>]* (style|on[a-z]+)=", PAGES)
    assert not re.search(r"<script(?![^>]* src=)[^>]*>", PAGES)
    assert not re.search(r"<style", PAGES)
    assert not HOSTS.search(CODE + STYLE)
    assert "@import" not in STYLE


def test_data_never_become_html() -> None:
    assert not AS_HTML.search(CODE)
    assert "|safe" not in PAGES


def test_colours_are_named_by_their_role() -> None:
    known = set(re.findall(r"(--[\w-]+):", STYLE))
    assert set(re.findall(r"var\((--[\w-]+)", STYLE)) <= known
    own = [file for file in STYLES if file.name not in ("tokens.css", "print.css")]
    assert not [file.name for file in own if re.search(r"#[0-9a-f]{3,8}\b", file.read_text(encoding="utf-8"))]

"""README is true where a program can tell: its map names every folder, its diagrams are the moves."""

import importlib
import re

import pytest

from tests.house import tree

README = (tree.ROOT / "README.md").read_text(encoding="utf-8")
JOURNEYS = {
    "Run": "kfm_review.runs.states",
    "Review": "kfm_review.reviews.states",
    "Promotion": "kfm_review.releases.states",
}
NOT_ROOMS = frozenset(("management", "migrations", "templates", "templatetags"))


def block(kind: str, *, under: str) -> str:
    """Return the first fenced block of a kind below a heading."""
    section = README.partition(f"\n{under}\n")[2]
    found = re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL)
    assert found, f"README has no {kind} block under {under}"
    return found.group(1)


def test_the_map_names_every_folder_and_no_other() -> None:
    named = set(re.findall(r"^([a-z_./]+/)  ", block("text", under="## The map"), re.MULTILINE))
    assert named == rooms()


def rooms() -> set[str]:
    """Return the folders of the two packages one level down, and the other folders at the top."""
    found = set()
    for file in tree.files():
        parts = file.parts[:-1]
        if not parts or parts[0].startswith("."):
            continue
        found.add(f"{parts[0]}/")
        if len(parts) > 1 and parts[0] != "static" and not NOT_ROOMS & {parts[1]}:
            found.add(f"{parts[0]}/{parts[1]}/")
    return found


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_state_diagram_is_the_table_of_moves(journey: str) -> None:
    states = importlib.import_module(JOURNEYS[journey])
    moves = {(str(here), str(there)) for here, targets in states.MOVES.items() for there in targets}
    arrows = re.findall(r"^\s*(\w+) --> (\w+)$", block("mermaid", under=f"### {journey}"), re.MULTILINE)
    assert set(arrows) == moves


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_state_diagram_begins_and_ends_where_the_table_does(journey: str) -> None:
    states = importlib.import_module(JOURNEYS[journey])
    diagram = block("mermaid", under=f"### {journey}")
    ends = {str(here) for here, targets in states.MOVES.items() if not targets}
    assert set(re.findall(r"^\s*(\w+) --> \[\*\]$", diagram, re.MULTILINE)) == ends
    assert len(re.findall(r"^\s*\[\*\] --> (\w+)$", diagram, re.MULTILINE)) == 1


def test_every_variable_that_the_code_reads_is_explained() -> None:
    read = set()
    for file in tree.modules():
        if file.parts[0] != "tests":
            read |= set(re.findall(r"[\"'](KFM_[A-Z_]+|[A-Z]+(?:_OWNER)?_URL)[\"']", tree.text(file) or ""))
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert read <= explained

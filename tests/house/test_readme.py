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


def block(kind: str, *, under: str, readme: str = README) -> str:
    """Return the first fenced block of a kind below a heading."""
    section = readme.partition(f"\n{under}\n")[2]
    found = re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL)
    assert found, f"README has no {kind} block under {under}"
    return found.group(1)


def named(readme: str) -> list[str]:
    """Return the folders that README's map names."""
    told = block("text", under="## The map", readme=readme)
    return sorted(re.findall(r"^([a-z_./]+/)  ", told, re.MULTILINE))


def test_the_map_names_every_folder_once_and_no_other() -> None:
    assert named(README) == sorted(rooms())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pipelines/gates/  ", "pipelines/checks/  "),
        ("kfm_review/web/  ", "the web  "),
        ("pipelines/proof/  ", "pipelines/bundle/  "),
    ],
)
def test_a_map_that_is_not_true_is_found(old: str, new: str) -> None:
    assert old in README
    assert named(README.replace(old, new)) != sorted(rooms())


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


def drawn(journey: str, readme: str = README) -> list[tuple[str, str]]:
    """Return the arrows of a state diagram; `[*]` is where it begins and ends."""
    diagram = block("mermaid", under=f"### {journey}", readme=readme)
    return re.findall(r"^\s*(\w+|\[\*\]) --> (\w+|\[\*\])$", diagram, re.MULTILINE)


def meant(journey: str) -> list[tuple[str, str]]:
    """Return the arrows that the table of moves comes to: it begins with its first state."""
    states = importlib.import_module(JOURNEYS[journey])
    moves: dict[str, frozenset[str]] = states.MOVES
    arrows = [(str(here), str(there)) for here, targets in moves.items() for there in targets]
    ends = [(str(here), "[*]") for here, targets in moves.items() if not targets]
    return [("[*]", str(next(iter(moves)))), *arrows, *ends]


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_state_diagram_is_the_table_of_moves(journey: str) -> None:
    assert sorted(drawn(journey)) == sorted(meant(journey))


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_state_diagram_that_is_not_true_is_found(journey: str) -> None:
    for here, there in drawn(journey):
        arrow = f"  {here} --> {there}\n"
        section = README.index(f"### {journey}")
        without = README[:section] + README[section:].replace(arrow, "", 1)
        assert sorted(drawn(journey, without)) != sorted(meant(journey)), arrow


def variables(*, tests: bool) -> set[str]:
    """Return the names of the environment that our code has as words."""
    files = (file for file in tree.modules() if tests or file.parts[0] != "tests")
    words = re.compile(r"[\"'](KFM_[A-Z_]+|[A-Z]+(?:_OWNER)?_URL)[\"']")
    return {name for file in files for name in words.findall(tree.text(file) or "")}


def test_every_variable_that_the_code_reads_is_explained_once_and_no_other() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert variables(tests=False) <= set(explained) <= variables(tests=True)
    assert len(explained) == len(set(explained))

"""The terminal: without database or broker, in words."""

from pathlib import Path

import pytest

from pipelines import cli, spec

Captured = pytest.CaptureFixture[str]


def test_a_run_prints_gates_changes_and_digests(capsys: Captured, tmp_path: Path) -> None:
    arguments = ["run", "ks_airports", "--edition", "2026-09", "--base", "2024-10", "--store", str(tmp_path)]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "19 added, 13 removed, 12 moved, 299 changed (281 in decimals only)" in said
    assert "99KS was Elm Creek Farms Airport and is now Neustrip Airport, 153.7 km away" in said
    assert "REVIEW in " in said
    digest = next(line.split()[1] for line in said.splitlines() if line.startswith("manifest"))
    assert (tmp_path / "candidates" / "sha256" / digest[:2] / digest).is_file()


@pytest.mark.slow
def test_a_file_may_be_the_base_and_another_the_input(capsys: Captured) -> None:
    samples = spec.family("ks_airports").folder / "samples"
    files = ["--base", str(samples / "2025-09.csv"), "--input", str(samples / "2026-09.csv")]
    assert cli.main(["run", "ks_airports", "--edition", "2027-01", *files]) == 0
    assert "19 added, 13 removed, 12 moved" in capsys.readouterr().out


@pytest.mark.parametrize(("edition", "end"), [("2026-09-swapped", 1), ("1999-01", 2)])
def test_failures_and_errors_end_with_their_numbers(capsys: Captured, edition: str, end: int) -> None:
    assert cli.main(["run", "ks_airports", "--edition", edition]) == end
    assert capsys.readouterr().out


def test_a_base_that_could_not_be_released_is_refused(capsys: Captured) -> None:
    assert cli.main(["run", "ks_airports", "--edition", "2026-09", "--base", "2026-09-swapped"]) == 2
    assert "choose one that could be released" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--base", "gone.csv"], "The base 'gone.csv' is neither a file nor an edition of ks_airports"),
        (["--base", "0" * 64], "is neither a file nor an edition"),
        (["--input", "gone.csv"], "There is no file 'gone.csv'"),
        (["--input", "."], "There is no file '.'"),
    ],
)
def test_what_is_not_there_is_named(capsys: Captured, more: list[str], said: str) -> None:
    assert cli.main(["run", "ks_airports", "--edition", "2026-09", *more]) == 2
    assert said in capsys.readouterr().err


def test_a_family_nobody_knows_is_named(capsys: Captured) -> None:
    assert cli.main(["run", "ks_volcanoes", "--edition", "2026-09"]) == 2
    assert "There is no family 'ks_volcanoes': choose one of ks_airports" in capsys.readouterr().err


def test_a_kept_manifest_may_be_the_base(capsys: Captured, tmp_path: Path) -> None:
    run = ["run", "ks_airports", "--store", str(tmp_path), "--edition"]
    assert cli.main([*run, "2025-09"]) == 0
    said = capsys.readouterr().out.splitlines()
    digest = next(line.split()[1] for line in said if line.startswith("manifest"))
    assert cli.main([*run, "2026-09", "--base", digest]) == 0
    assert "19 added, 13 removed, 12 moved, 299 changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "pipeline.yaml",
            "EPSG:4326",
            "EPSG:999999",
            "ks_wells/pipeline.yaml: inputs.0: EPSG:999999 is not",
        ),
        (
            "pipeline.yaml",
            "publicdomain/zero/1.0/",
            "licenses/by/4.0/",
            "ks_wells/pipeline.yaml: licence.uri: it is not the address of CC0-1.0",
        ),
        (
            "schemas/places.input.schema.json",
            '"type": "string"',
            '"type": "string", "pattern": "(["',
            "ks_wells/schemas/places.input.schema.json: properties.id.pattern: Invalid regular expression",
        ),
    ],
)
def test_what_only_libraries_and_policies_can_judge_is_one_line_too(
    capsys: Captured, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    cli.main(["new-family", "ks_wells", "--root", str(tmp_path)])
    path = tmp_path / "ks_wells" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["check-family", "ks_wells", "--root", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(said)


def test_every_family_has_nothing_to_remark(capsys: Captured) -> None:
    assert cli.main(["check-family"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said] == list(spec.names())
    assert all("nothing to remark" in line for line in said)


def test_a_new_family_passes_the_check_and_its_page_says_how_to_finish(
    capsys: Captured, tmp_path: Path
) -> None:
    assert cli.main(["new-family", "ks_wells", "--root", str(tmp_path)]) == 0
    assert cli.main(["check-family", "ks_wells", "--root", str(tmp_path)]) == 0
    assert "add its line to STEPS" in capsys.readouterr().out
    page = (tmp_path / "ks_wells" / "README.md").read_text(encoding="utf-8")
    assert "## To finish it" in page
    files = [file for file in (tmp_path / "ks_wells").rglob("*") if file.is_file()]
    assert not [
        file for file in files if "new_family" in file.read_text(encoding="utf-8") or file.suffix == ".txt"
    ]
    compile((tmp_path / "ks_wells" / "steps.py").read_text(encoding="utf-8"), "steps.py", "exec")


@pytest.mark.parametrize("name", ["KS_Wells", "../wells", "ks-wells", "ks_airports"])
def test_a_name_that_is_taken_or_none_is_refused(capsys: Captured, tmp_path: Path, name: str) -> None:
    (tmp_path / "ks_airports").mkdir()
    assert cli.main(["new-family", name, "--root", str(tmp_path)]) == 2
    assert capsys.readouterr().err


def test_a_mistake_is_one_line(capsys: Captured, tmp_path: Path) -> None:
    cli.main(["new-family", "ks_wells", "--root", str(tmp_path)])
    file = tmp_path / "ks_wells" / "pipeline.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("drift", "drifts"), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["check-family", "ks_wells", "--root", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "ks_wells/pipeline.yaml: gates.after.3: 'drifts' is no gate for this phase; allowed: rows, keys,"
    )

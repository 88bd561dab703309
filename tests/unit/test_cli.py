"""The command: what it says and with which status it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from impacteval.cli import main
from impacteval.provenance import format_lock, read_lock
from impacteval.tables import FINDING_COLUMNS, read_csv
from support.forms import CHOICES, SURVEY, write_rows
from support.study import correction_text, make_study
from support.workbooks import fill

pytestmark = pytest.mark.usefixtures("great_expectations")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study's root as the working folder."""
    monkeypatch.chdir(make_study().write(tmp_path))
    return tmp_path


def test_check_of_a_good_study_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "workshop"]) == 0
    assert "1 raw file checked; no error is open" in capsys.readouterr().out


def test_check_names_a_raw_file_that_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = folder / make_study().raw
    raw.write_text(raw.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert main(["check", "workshop"]) == 1
    assert "firms.csv: not the file that was locked" in capsys.readouterr().err


def test_lock_accepts_the_new_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = folder / make_study().raw
    raw.write_text(raw.read_text(encoding="utf-8").replace("F01", "F25"), encoding="utf-8")
    assert main(["lock", "workshop"]) == 0
    assert main(["check", "workshop"]) == 0


def test_lock_keeps_and_tells_the_rows_and_how_many_more_or_fewer_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, path = folder / make_study().raw, folder / "data" / "workshop" / "raw.lock"
    assert main(["lock", "workshop"]) == 0
    n = len(raw.read_text(encoding="utf-8").splitlines()) - 1
    assert f"firms.csv: {n} rows\n" in capsys.readouterr().out
    assert [entry.n_rows for entry in read_lock(path)] == [n]
    lines = raw.read_text(encoding="utf-8").splitlines(keepends=True)
    raw.write_text("".join(lines[:-2]), encoding="utf-8")
    assert main(["check", "workshop"]) == 1
    said = capsys.readouterr().err
    assert "firms.csv: not the file that was locked" in said
    assert f"firms.csv: {n - 2} rows read, 2 fewer than the {n} when it was locked" in said
    assert main(["lock", "workshop"]) == 0
    assert f"firms.csv: {n - 2} rows, 2 fewer than the {n} locked before" in capsys.readouterr().out


def test_lock_of_a_file_that_cannot_be_read_keeps_no_number_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_cell(folder, "F01,1,0,E1", "F01,1,0,E1,more")
    assert "firms.csv: rows not counted, as it cannot be read" in capsys.readouterr().out
    assert read_lock(folder / "data" / "workshop" / "raw.lock")[0].n_rows is None


def test_check_finds_another_number_of_rows_in_the_same_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when study.yaml says since to read it otherwise."""
    path = folder / "data" / "workshop" / "raw.lock"
    assert main(["lock", "workshop"]) == 0
    (entry,) = read_lock(path)
    path.write_text(format_lock([replace(entry, n_rows=7)]), encoding="utf-8")
    assert main(["check", "workshop"]) == 1
    found = read_csv(folder / "results" / "workshop" / "check" / "findings.csv", FINDING_COLUMNS)
    mine = found[found["code"] == "C03"]
    assert mine[["severity", "source_file", "source_row"]].to_numpy().tolist() == [["error", "firms.csv", 0]]
    assert f"{entry.n_rows} rows read, {(entry.n_rows or 0) - 7} more than the 7" in mine["message"].iloc[0]


def test_lock_names_a_missing_raw_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / make_study().raw).unlink()
    assert main(["lock", "workshop"]) == 1
    assert "firms.csv: not found" in capsys.readouterr().err


def test_an_unknown_study_is_answered_with_those_that_exist(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "workshp"]) == 1
    assert "did you mean 'workshop'?" in capsys.readouterr().err


def test_check_reads_corrections_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bug: a line of corrections.csv without a reason was found only by the build, and blank lines
    shifted its number; the check reads all that the build reads.
    """
    path = folder / "config" / "workshop" / "corrections.csv"
    row = {"table": "firms", "source_file": "firms.csv", "source_row": "2", "column": "remark"}
    header, line = correction_text({**row, "new_value": "b", "reason": ""}).splitlines()
    path.write_text(f"{header}\n\n{line}\n", encoding="utf-8")
    assert main(["check", "workshop"]) == 1
    assert "line 3: reason is empty" in capsys.readouterr().err


def with_cell(folder: Path, old: str, new: str) -> None:
    """Change one cell of the raw file, and lock it."""
    raw = folder / make_study().raw
    raw.write_text(raw.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert main(["lock", "workshop"]) == 0


def test_check_writes_findings_and_ends_with_1_while_errors_are_open(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_cell(folder, "F01,3,0,E1", "F01,3,7,E1")
    assert main(["check", "workshop"]) == 1
    said = capsys.readouterr().out
    assert "open: 2 errors" in said and "findings.html" in said
    output = folder / "results" / "workshop" / "check"
    found = read_csv(output / "findings.csv", FINDING_COLUMNS)
    assert set(found.loc[found["severity"] == "error", "code"]) == {"C05", "C45"}
    written = {path.name for path in output.rglob("*") if path.is_file()}
    assert written >= {"findings.csv", "findings.html", "findings.xlsx", "summary.csv", "catalogue.csv"}


def test_check_of_a_file_that_cannot_be_read_writes_what_is_wrong_with_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_cell(folder, "F01,1,0,E1", "F01,1,0,E1,more")
    assert main(["check", "workshop"]) == 1
    found = read_csv(folder / "results" / "workshop" / "check" / "findings.csv", FINDING_COLUMNS)
    assert found["code"].tolist() == ["C03"] and found["source_row"].tolist() == [2]


def test_answers_ask_for_a_check_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "workshop", "findings.xlsx"]) == 1
    assert "run `impacteval check workshop` first" in capsys.readouterr().err


EXPORT = (
    ("start", "end", "deviceid", "enumerator_id", "firm_id", "consent", "owner_name", "workers", "sales",
     "inputs", "inputs_other", "exports", "export_share", "export_years", "export_country", "place"),
    ("2024-02-01T08:00:00+07:00", "2024-02-01T09:00:00+07:00", "d1", "7", "F1", "1", "Ani", "12", "1500000",
     "steel", "", "1", "20", "3", "Japan", ""),
    ("2024-02-01T10:00:00+07:00", "2024-02-01T11:00:00+07:00", "d1", "7", "F2", "1", "Budi", "612", "2500000",
     "rubber", "", "0", "", "", "", ""),
)  # fmt: skip


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which a study was drafted from a form and an export."""
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "survey.csv", SURVEY)
    write_rows(tmp_path / "choices.csv", CHOICES)
    write_rows(tmp_path / "export.csv", EXPORT)
    form = ["--form", "survey.csv", "--choices", "choices.csv"]
    assert main(["init", "survey", *form, "--data", "export.csv", "--unit", "firm_id"]) == 0
    return tmp_path


def test_init_drafts_a_folder_with_form_data_and_lock(started: Path) -> None:
    drafted = {path.name for path in (started / "config" / "survey").iterdir()}
    assert drafted == {"study.yaml", "codebook.csv", "checks.yaml", "corrections.csv"}
    kept = {
        path.relative_to(started / "data" / "survey").as_posix() for path in started.glob("data/*/**/*.*")
    }
    assert kept == {"raw.lock", "raw/export.csv", "forms/survey.csv", "forms/choices.csv"}


def test_init_overwrites_nothing(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (started / "config" / "survey" / "study.yaml").read_bytes()
    assert main(["init", "survey", "--data", "export.csv"]) == 1
    assert "config/survey or data/survey exists" in capsys.readouterr().err
    assert (started / "config" / "survey" / "study.yaml").read_bytes() == before


def test_what_is_answered_in_the_workbook_is_settled_in_the_next_check(
    started: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "survey"]) == 1
    output = started / "results" / "survey" / "check"
    found = read_csv(output / "findings.csv", FINDING_COLUMNS)
    errors = found[found["severity"] == "error"]
    assert set(errors["column"]) == {"workers"} and set(errors["source_row"]) == {3}
    answer = {
        "action": "replace",
        "new_value": "62",
        "reason": "typed a digit too many",
        "source": "call-back",
        "error_by": "enumerator",
        "confirmed_by": "owner",
        "decided_by": "field team",
        "decided_on": "2024-02-10",
    }
    fill(output / "findings.xlsx", dict.fromkeys(errors["finding_id"], answer))
    assert main(["answers", "survey", str(output / "findings.xlsx")]) == 0
    assert "1 lines added" in capsys.readouterr().out
    assert main(["check", "survey"]) == 0
    again = read_csv(output / "findings.csv", FINDING_COLUMNS)
    assert set(again.loc[again["column"] == "workers", "status"]) == {"corrected"}

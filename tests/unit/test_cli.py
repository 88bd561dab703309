"""The command: what it says and with which status it ends."""

from pathlib import Path

import pytest

from impacteval.cli import main
from support.study import make_study


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study's root as the working folder."""
    monkeypatch.chdir(make_study().write(tmp_path))
    return tmp_path


def test_check_of_a_good_study_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "workshop"]) == 0
    assert "1 raw files are in order" in capsys.readouterr().out


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
    row = "firms,firms.csv,2,remark,a,b,,team"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{row}\n", encoding="utf-8")
    assert main(["check", "workshop"]) == 1
    assert "line 3: reason is empty" in capsys.readouterr().err

from __future__ import annotations

import json

import pytest

from impacteval.cli import main
from impacteval.errors import ConfigError
from impacteval.simulation.programme_study.exports import raw_files
from impacteval.simulation.programme_study.study_files import (
    MARK,
    Simulation,
    refuse_other_files,
    study_files,
    write_study,
)
from impacteval.tables import read_csv
from support.programme_study import ROOT, SEED, central_study

CONFIG = ROOT / "config" / "score_indonesia"
COMMITTED = ROOT / "data" / "score_indonesia"


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The central study as the command writes it."""
    folder = tmp_path_factory.mktemp("study") / "out"
    simulation = Simulation(study="score_indonesia", seed=SEED)
    write_study(folder, simulation, study_files(CONFIG, simulation))
    return folder


def test_the_central_study_is_drawn_again_byte_for_byte(drawn):
    """Of the repository's data every file is as the command writes it; truth is not kept there."""
    again = contents(drawn)
    kept = {
        name: content
        for name, content in contents(COMMITTED).items()
        if name.startswith(("raw/", "forms/")) and not name.endswith(".lock")
    }
    assert kept
    assert {name for name in again if name.startswith("forms/")} <= set(kept)
    assert {name: again.get(name) == content for name, content in kept.items()} == dict.fromkeys(kept, True)


def test_two_draws_of_one_seed_are_equal(drawn, tmp_path):
    simulation = Simulation(study="score_indonesia", seed=SEED)
    write_study(tmp_path / "out", simulation, study_files(CONFIG, simulation))
    assert contents(tmp_path / "out") == contents(drawn)


def test_another_seed_gives_other_interviews():
    first, second = central_study(SEED), central_study(7)
    files = [raw_files(study.planted.delivery) for study in (first, second)]
    assert set(files[0]) == set(files[1])
    assert not [name for name in files[0] if files[0][name] == files[1][name]]


def test_files_are_those_of_the_study_and_say_that_they_are_synthetic(drawn):
    names = set(contents(drawn))
    rounds = {f"raw/{table}_R{wave}.csv" for table in ("enterprise", "workers") for wave in range(4)}
    registers = {
        f"raw/{name}.csv"
        for name in (
            *("frame", "assignment", "training", "participants"),
            *("trainers", "kpi_reports", "contacts", "costs"),
        )
    }
    assert {n for n in names if n.startswith("raw/")} == rounds | registers
    assert {n for n in names if n.startswith("forms/")} == {"forms/enterprise.xlsx", "forms/workers.xlsx"}
    mark = json.loads((drawn / MARK).read_text(encoding="utf-8"))
    assert mark["note"].startswith("synthetic data") and mark["seed"] == SEED
    assert len(read_csv(drawn / "truth" / "ledger.csv")) == len(central_study().planted.ledger)


def test_raw_files_have_line_feeds_and_no_byte_order_mark(drawn):
    for name, content in contents(drawn).items():
        if name.startswith("raw/"):
            assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef\xbb")


def test_nothing_of_the_truth_is_in_what_is_delivered(drawn):
    names = [n for n in contents(drawn) if n.startswith("raw/")]
    for name in names:
        header = (drawn / name).read_text(encoding="utf-8").split("\n", 1)[0]
        assert not {"observed", "untreated", "dose", "no_show", "contaminated"} & set(header.split(";"))


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "frame.csv").write_text("real data", encoding="utf-8")
    with pytest.raises(ConfigError, match="holds files"):
        refuse_other_files(tmp_path, {"raw/frame.csv"})


def test_a_folder_that_the_command_wrote_is_written_again_unless_something_was_added(tmp_path):
    simulation = Simulation(study="score_indonesia", seed=1)
    write_study(tmp_path, simulation, {"raw/frame.csv": _touch})
    refuse_other_files(tmp_path, {"raw/frame.csv"})
    (tmp_path / "raw.lock").write_text("", encoding="utf-8")
    refuse_other_files(tmp_path, {"raw/frame.csv"})
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"notes\.txt: not written by this command"):
        refuse_other_files(tmp_path, {"raw/frame.csv"})


def _touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a\n", encoding="utf-8")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="not a folder"):
        refuse_other_files(tmp_path / "out", set())


def test_seed_and_scale_must_be_possible():
    with pytest.raises(ConfigError, match=r"(?s)seed is -1.*scale is 0"):
        Simulation(study="score_indonesia", seed=-1, scale=0)


def test_the_command_writes_and_says_that_data_are_synthetic(drawn, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out"
    assert main(["simulate", "score_indonesia", "--seed", str(SEED), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "synthetic data, scenario central" in said and "no analysis may read it" in said
    assert contents(out) == contents(drawn)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score_indonesia", "--seed", "1", "--scenario", "centrale"], "did you mean 'central'?"),
        (["michigan", "--seed", "1"], "only studies with parameters can be drawn"),
        (["../michigan", "--seed", "1"], "../michigan"),
        (["score_indonesia", "--seed", "1", "--scale", "0"], "scale is 0"),
    ],
)
def test_the_command_refuses_what_cannot_be_drawn(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["simulate", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["--out", "x"], ["--seed", "one", "--out", "x"], ["--seed", "1"]])
def test_the_command_needs_seed_and_folder(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", "score_indonesia", *arguments])
    assert stopped.value.code == 2

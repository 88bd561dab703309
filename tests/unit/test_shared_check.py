"""A check that two processes share finds what one finds alone."""

import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from impacteval.checks import InRange
from impacteval.cli import main, second
from impacteval.cli.files import load
from impacteval.cli.messages import (
    failures_from,
    plain_failures,
    receive,
    receive_table,
    send,
    send_table,
)
from impacteval.cli.second import is_worth_it
from impacteval.cli.shared import Helper, SharedJudge, pieces_of
from impacteval.survey.read import read_all
from impacteval.validation.described import SURVEY_TABLES
from impacteval.validation.run import with_text
from impacteval.validation.survey import Failures, Survey
from impacteval.validation.work import checks_alone
from support.study import make_study

pytestmark = pytest.mark.usefixtures("great_expectations")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study's root as the working folder."""
    monkeypatch.chdir(make_study().write(tmp_path))
    return tmp_path


def written(folder: Path) -> dict[str, bytes]:
    output = folder / "results" / "workshop" / "check"
    return {str(p.relative_to(output)): p.read_bytes() for p in output.rglob("*") if p.is_file()}


def test_two_processes_write_the_bytes_that_one_writes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = main(["check", "workshop"]), written(folder), capsys.readouterr().out
    monkeypatch.setattr(second, "is_worth_it", lambda root, study: True)
    assert (main(["check", "workshop"]), written(folder), capsys.readouterr().out) == alone
    assert {"findings.csv", "findings.html", "findings.xlsx", "read.csv"} <= set(alone[1])


def test_a_helper_that_fails_ends_the_check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(folder, "workshop")
    text, _ = read_all(folder / "data" / "workshop" / "raw", loaded.study.tables, loaded.codebook)
    rules = loaded.rules
    survey, _ = with_text(rules.survey(()), text, rules.codebook, rules.roles)
    monkeypatch.setattr(second, "COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    with second.helping() as process, ThreadPoolExecutor(max_workers=1) as thread:
        judge = SharedJudge(Helper(process, thread), rules, ())
        with pytest.raises(RuntimeError, match="helps with the check failed: it ended with status 3"):
            judge(survey, rules.checks)


def test_every_piece_of_work_is_listed_once(folder: Path) -> None:
    checks = load(folder, "workshop").rules.checks
    pieces = pieces_of(checks)
    expected = {("check", c.id) for c in checks_alone(checks)} | {("table", name) for name in SURVEY_TABLES}
    assert len(pieces) == len(set(pieces)) and set(pieces) == expected


def test_tables_of_a_survey_without_tables_are_empty() -> None:
    assert all(make(Survey(tables={}), ()).empty for make in SURVEY_TABLES.values())


@pytest.mark.parametrize("size", [0, second.WORTH_A_PROCESS - 1])
def test_small_files_are_checked_by_one_process(tmp_path: Path, size: int) -> None:
    raw = tmp_path / "data" / "s" / "raw"
    assert not is_worth_it(tmp_path, "s")
    raw.mkdir(parents=True)
    (raw / "firms.csv").write_bytes(b"," * size)
    assert not is_worth_it(tmp_path, "s")


@pytest.mark.parametrize(("n", "expected"), [(1, False), (2, True), (None, False)])
def test_large_files_are_checked_by_two_where_there_are_two_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int | None, expected: bool
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: n)
    (tmp_path / "data" / "s" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "s" / "raw" / "firms.csv").write_bytes(b"," * second.WORTH_A_PROCESS)
    assert is_worth_it(tmp_path, "s") == expected


def test_messages_and_tables_follow_each_other_in_one_stream() -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Series(["a", "", "\u00e9\n"], dtype="str"),
            "n": pd.Series([1, None, 3], dtype="Int64"),
            "share": [0.1, np.nan, 1e300],
            "row": np.array([2, 3, 4], dtype="int64"),
        }
    )
    stream = io.BytesIO()
    for each in (frame, frame.iloc[:0]):
        send(stream, {"table": "t"})
        send_table(stream, each)
    send(stream, {"last": "\u00e9\n"})
    stream.seek(0)
    for each in (frame, frame.iloc[:0]):
        assert receive(stream) == {"table": "t"}
        pd.testing.assert_frame_equal(receive_table(stream), each.reset_index(drop=True))
    assert receive(stream) == {"last": "\u00e9\n"}
    assert receive(stream) is None


def test_half_a_message_is_none() -> None:
    assert receive(io.BytesIO(b'{"suite": 1')) is None


@pytest.mark.parametrize("change", [lambda f: f, lambda f: f.replace("a", "b")])
def test_failures_survive_the_way(change: Callable[[str], str]) -> None:
    check = InRange(kind="in_range", id="c", table="firms", column="wage", message="m",
                    severity="error", suggestion="s", minimum=0)  # fmt: skip
    found = Failures(
        check=check,
        table="firms",
        rows=np.array([3, -1], dtype="int64"),
        columns=("wage",),
        notes=(change("a"), "\u00e9"),
        severities=("error", "info"),
        is_masked=True,
    )
    same = failures_from(receive_all(plain_failures(found)), {"c": check})
    assert same.rows.dtype == np.int64 and same.rows.tolist() == [3, -1]
    assert (same.check, same.columns, same.notes, same.severities, same.is_masked) == (
        check, ("wage",), found.notes, ("error", "info"), True,
    )  # fmt: skip


def receive_all(message: dict[str, object]) -> dict[str, object]:
    stream = io.BytesIO()
    send(stream, message)
    stream.seek(0)
    received = receive(stream)
    assert received is not None
    return received

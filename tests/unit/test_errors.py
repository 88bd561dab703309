"""Errors of the user's files, and how a job ends on them."""

from __future__ import annotations

import sys

import pytest

from impacteval.errors import ConfigError, DataError, job, nearest, raise_together


def test_problems_are_listed_together():
    with pytest.raises(DataError) as caught:
        raise_together(["one is wrong", "two is wrong"], DataError, "firms.csv")
    assert str(caught.value) == "firms.csv: 2 problems\n  - one is wrong\n  - two is wrong"


def test_no_problem_is_no_error():
    raise_together([], DataError, "firms.csv")


def test_nearest_names_what_is_allowed_and_guesses_only_what_is_close():
    assert nearest("wagee", ["wage", "hours"]) == "allowed: wage, hours; did you mean 'wage'?"
    assert nearest("xyz", ["wage", "hours"]) == "allowed: wage, hours"


def test_user_error_ends_a_job_with_status_1_and_its_message_alone(tmp_path, capsys):
    log = tmp_path / "logs" / "read.log"

    def fail():
        with job(str(log)):
            sys.stdout.write("to the log\n")
            raise ConfigError("plan.yaml: wrong")

    with pytest.raises(SystemExit) as ended:
        fail()
    assert ended.value.code == 1
    assert log.read_text() == "to the log\nplan.yaml: wrong\n"
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.strip() == "ConfigError: plan.yaml: wrong"


def test_fault_of_the_program_ends_with_status_2_and_its_traceback(tmp_path, capsys):
    log = tmp_path / "read.log"
    with pytest.raises(SystemExit) as ended, job(str(log)):
        {}["no such key"]
    assert ended.value.code == 2
    for text in (log.read_text(), capsys.readouterr().err):
        assert "Traceback" in text
        assert "KeyError: 'no such key'" in text


def test_job_gives_the_terminal_back(tmp_path):
    before = (sys.stdout, sys.stderr)
    with job(str(tmp_path / "read.log")):
        assert sys.stdout is sys.stderr is not before[1]
    assert (sys.stdout, sys.stderr) == before

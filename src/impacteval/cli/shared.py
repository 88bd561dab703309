"""A check that two processes share: what either finds is the same, only sooner."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.cli.messages import (
    Message,
    failures_from,
    receive,
    receive_table,
    send,
    send_table,
    suite_from,
)
from impacteval.config import dump
from impacteval.survey.decisions import Decision
from impacteval.validation.described import SURVEY_TABLES
from impacteval.validation.rules import Rules
from impacteval.validation.suites import SuiteResult
from impacteval.validation.survey import Failures, Survey
from impacteval.validation.told import Told
from impacteval.validation.work import Judged, checks_alone, found_by

# Those that take longest are begun first, so that neither process waits long for the other.
LONGEST_FIRST = ("multivariate_outlier", "near_duplicates", "item_non_response", "enumerator_effect")

Piece: TypeAlias = tuple[Literal["check", "table"], str]


@dataclass(slots=True)
class Found:
    """What one of the processes found so far."""

    suites: dict[str, SuiteResult] = field(default_factory=dict)
    failures: dict[str, Sequence[Failures]] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Helper:
    """The other process, and the thread in which its answers are awaited."""

    process: subprocess.Popen[bytes]
    thread: ThreadPoolExecutor

    @property
    def asked(self) -> BinaryIO:
        """Where requests are written."""
        stream: BinaryIO = self.process.stdin  # type: ignore[assignment] # a pipe
        return stream

    @property
    def answers(self) -> BinaryIO:
        """Where answers are read."""
        stream: BinaryIO = self.process.stdout  # type: ignore[assignment] # a pipe
        return stream

    def answer(self) -> Message:
        """Wait for the next answer.

        Raises
        ------
        RuntimeError
            When the process failed; what it says of that is on standard error.
        """
        message = receive(self.answers)
        if message is None or "error" in message:
            said = message["error"] if message else f"it ended with status {self.process.wait()}"
            raise RuntimeError(f"the process that helps with the check failed: {said}")
        return message

    def write_workbook(self, folder: Path, told: Told) -> Future[None]:
        """Begin to write the workbook for the field team."""
        return self.thread.submit(self._workbook, folder, told)

    def _workbook(self, folder: Path, told: Told) -> None:
        send(self.asked, {"request": "workbook", "folder": str(folder), "told": dump(told, Told)})
        self.answer()


@dataclass(frozen=True, slots=True)
class SharedJudge:
    """Runs checks here while a helper runs the suites and then takes checks from the other end."""

    helper: Helper
    rules: Rules
    decisions: tuple[Decision, ...]

    def __call__(self, survey: Survey, checks: Sequence[AnyCheck]) -> Judged:
        """Do every piece of work once."""
        waiting, by_id = deque(pieces_of(checks)), {check.id: check for check in checks}
        theirs = self.helper.thread.submit(self._theirs, survey, by_id, waiting)
        mine = Found()
        try:
            while piece := _next(waiting, theirs):
                kind, name = piece
                if kind == "check":
                    mine.failures[name] = found_by(survey, by_id[name])
                else:
                    mine.tables[name] = SURVEY_TABLES[name](survey, checks)
        finally:
            # Nothing is left, unless this process failed: then nobody waits for what the other would find.
            waiting.clear()
        found = theirs.result()
        return Judged(
            suites=found.suites,
            failures=mine.failures | found.failures,
            tables=mine.tables | found.tables,
        )

    def _theirs(self, survey: Survey, by_id: Mapping[str, AnyCheck], waiting: deque[Piece]) -> Found:
        try:
            self._send(survey)
        except BrokenPipeError:
            self.helper.answer()  # raises, as there is none
        found = Found()
        for name in survey.tables:
            said = self._done("suite", name)["suite"]
            found.suites[name] = suite_from(said, by_id)  # type: ignore[arg-type] # as the helper wrote it
        while piece := _taken(waiting.pop):
            kind, name = piece
            answer = self._done(kind, name)
            if kind == "table":
                found.tables[name] = receive_table(self.helper.answers)
            else:
                plain: list[Message] = answer["failures"]  # type: ignore[assignment] # as above
                found.failures[name] = [failures_from(each, by_id) for each in plain]
        send(self.helper.asked, {"piece": ""})
        return found

    def _send(self, survey: Survey) -> None:
        request = {
            "request": "judge",
            "rules": dump(self.rules, Rules),
            "decisions": dump(self.decisions, tuple[Decision, ...]),
            "tables": list(survey.tables),
        }
        send(self.helper.asked, request)
        for table in survey.tables.values():
            send_table(self.helper.asked, table.text)

    def _done(self, piece: str, name: str) -> Mapping[str, object]:
        send(self.helper.asked, {"piece": piece, "name": name})
        return self.helper.answer()


def pieces_of(checks: Sequence[AnyCheck]) -> list[Piece]:
    """What is to be done beside the suites, that which takes longest first."""
    alone = checks_alone(checks)
    longest = [c for kind in LONGEST_FIRST for c in alone if c.kind == kind]
    others = [c for c in alone if c.kind not in LONGEST_FIRST]
    return [
        *(("check", c.id) for c in longest),
        *(("table", name) for name in SURVEY_TABLES),
        *(("check", c.id) for c in others),
    ]


def _next(waiting: deque[Piece], theirs: Future[Found]) -> Piece | None:
    """The next piece; none once there are no more, or the other process failed."""
    return None if theirs.done() and theirs.exception() else _taken(waiting.popleft)


def _taken(take: Callable[[], Piece]) -> Piece | None:
    try:
        return take()
    except IndexError:
        return None

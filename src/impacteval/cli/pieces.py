"""What the helper of a check is asked for: judging tables piece by piece, and writing the workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from impacteval.checks import AnyCheck
from impacteval.cli.messages import (
    Message,
    plain_failures,
    plain_suite,
    receive,
    receive_table,
    send,
    send_table,
)
from impacteval.config import restore
from impacteval.reporting.validation_files import write_field_workbook
from impacteval.survey.decisions import Decision
from impacteval.validation.described import SURVEY_TABLES
from impacteval.validation.rules import Rules
from impacteval.validation.run import with_text
from impacteval.validation.survey import Survey
from impacteval.validation.told import Told
from impacteval.validation.work import found_by, suite_result


def judge(request: Message, asked: BinaryIO, answers: BinaryIO) -> None:
    """Type the tables that follow a request and judge them, piece by piece."""
    rules = restore(Rules, request["rules"])
    decisions = restore(tuple[Decision, ...], request["decisions"])
    text = {name: receive_table(asked) for name in _names(request["tables"])}
    survey, _ = with_text(rules.survey(decisions), text, rules.codebook, rules.roles)
    by_id = {check.id: check for check in rules.checks if check.table in text}
    while (piece := receive(asked)) and piece["piece"]:
        _answer(survey, by_id, piece, answers)


def _names(stated: object) -> list[str]:
    return [str(name) for name in stated] if isinstance(stated, list) else []


def _answer(survey: Survey, by_id: dict[str, AnyCheck], piece: Message, answers: BinaryIO) -> None:
    name, checks = str(piece["name"]), list(by_id.values())
    match piece["piece"]:
        case "suite":
            send(answers, {"suite": plain_suite(suite_result(survey, name, checks))})
        case "check":
            send(answers, {"failures": [plain_failures(f) for f in found_by(survey, by_id[name])]})
        case "table":
            found = SURVEY_TABLES[name](survey, checks)
            send(answers, {"table": name})
            send_table(answers, found)


def workbook(request: Message, asked: BinaryIO, answers: BinaryIO) -> None:
    """Write the workbook for the field team from the tables in a folder."""
    write_field_workbook(Path(str(request["folder"])), restore(Told, request["told"]))
    send(answers, {"done": True})


REQUESTS: dict[str, Callable[[Message, BinaryIO, BinaryIO], None]] = {"judge": judge, "workbook": workbook}

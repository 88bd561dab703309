"""What is to be found out about a survey, in pieces that do not depend on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.validation.described import SURVEY_TABLES
from impacteval.validation.functions import FUNCTIONS
from impacteval.validation.suites import GX_KINDS, SuiteResult, run_suite
from impacteval.validation.survey import Failures, Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found.

    ``suites`` by table, ``failures`` by the id of each other check, ``tables`` of ``SURVEY_TABLES`` by name.
    """

    suites: Mapping[str, SuiteResult]
    failures: Mapping[str, Sequence[Failures]]
    tables: Mapping[str, pd.DataFrame]


class Judge(Protocol):
    """Whoever runs checks on a survey; what is found does not depend on who does."""

    def __call__(self, survey: Survey, checks: Sequence[AnyCheck]) -> Judged:
        """Run every check once."""


def judge_in_turn(survey: Survey, checks: Sequence[AnyCheck]) -> Judged:
    """Run suites and other checks one after the other."""
    return Judged(
        suites={name: suite_result(survey, name, checks) for name in survey.tables},
        failures={check.id: found_by(survey, check) for check in checks_alone(checks)},
        tables={name: SURVEY_TABLES[name](survey, checks) for name in SURVEY_TABLES},
    )


def suite_result(survey: Survey, table: str, checks: Sequence[AnyCheck]) -> SuiteResult:
    """Run the checks of a table that are expectations."""
    return run_suite(
        survey.tables[table], [c for c in checks if c.table == table and isinstance(c, GX_KINDS)]
    )


def checks_alone(checks: Sequence[AnyCheck]) -> list[AnyCheck]:
    """Checks that are no expectations, each of which has a function of its own."""
    return [check for check in checks if not isinstance(check, GX_KINDS)]


def found_by(survey: Survey, check: AnyCheck) -> list[Failures]:
    """Run a check by its function."""
    return FUNCTIONS[type(check)](survey, check)

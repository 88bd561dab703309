"""Which of the fifty checks a study runs, and what the others would need."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.checks import (
    AnyCheck,
    AssignmentFrozen,
    Attrition,
    Coverage,
    DuplicateFirms,
    EnumeratorEffect,
    ItemNonResponse,
    RegisterLink,
)
from impacteval.checks.catalogue import CATALOGUE
from impacteval.validation.survey import Survey

# Files are judged on every reading, whatever a study declares.
ALWAYS = ("C01", "C02", "C03")
# Kinds that say less, or nothing, where no arms are known.
BY_ARM = (
    AssignmentFrozen,
    Attrition,
    Coverage,
    DuplicateFirms,
    EnumeratorEffect,
    ItemNonResponse,
    RegisterLink,
)
WITHOUT_ARMS, ARMS_NEEDED = "yes, without arms", "roles: arm"
COLUMNS = ("code", "question", "is_run", "n_checks", "n_open", "needs")


def catalogue_table(checks: Sequence[AnyCheck], findings: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """List the catalogue: how many checks of each kind the study has, and how many findings are open.

    Returns
    -------
    DataFrame
        ``COLUMNS``, one row a code; ``is_run`` is ``yes``, ``no`` or, where a check would compare arms and
        knows none, ``yes, without arms``; ``needs`` says what to declare where that is not ``yes``.
    """
    asked = pd.Series([c.code for c in checks], dtype="str").value_counts()
    poorer = {c.code for c in checks if isinstance(c, BY_ARM) and not _has_arms(survey, c)}
    still = findings.loc[findings["status"] == "open", "code"].value_counts()
    rows = []
    for entry in CATALOGUE:
        n = int(asked.get(entry.code, 0))
        is_run = n > 0 or entry.code in ALWAYS
        rows.append(
            {
                "code": entry.code,
                "question": entry.question,
                "is_run": "no" if not is_run else WITHOUT_ARMS if entry.code in poorer else "yes",
                "n_checks": n,
                "n_open": int(still.get(entry.code, 0)),
                "needs": entry.needs if not is_run else ARMS_NEEDED if entry.code in poorer else "",
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _has_arms(survey: Survey, check: AnyCheck) -> bool:
    """Whether the rows that a check compares are of different arms, as far as is known.

    A register lists those who were trained: it is compared with the arms of the assignment.
    """
    arms = survey.arms(check.other if isinstance(check, RegisterLink) else check.table)
    return bool(arms[arms != ""].nunique() > 1)

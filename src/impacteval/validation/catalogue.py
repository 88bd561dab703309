"""Which of the fifty checks a study runs, and what the others would need."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.checks.catalogue import CATALOGUE

# Files are judged on every reading, whatever a study declares.
ALWAYS = ("C01", "C02", "C03")
COLUMNS = ("code", "question", "is_run", "n_checks", "n_open", "needs")


def catalogue_table(checks: Sequence[AnyCheck], findings: pd.DataFrame) -> pd.DataFrame:
    """List the catalogue: how many checks of each kind the study has, and how many findings are open.

    Returns
    -------
    DataFrame
        ``COLUMNS``, one row a code; ``needs`` says what to declare where nothing is run.
    """
    asked = pd.Series([c.code for c in checks], dtype="str").value_counts()
    still = findings.loc[findings["status"] == "open", "code"].value_counts()
    rows = []
    for entry in CATALOGUE:
        n = int(asked.get(entry.code, 0))
        is_run = n > 0 or entry.code in ALWAYS
        rows.append(
            {
                "code": entry.code,
                "question": entry.question,
                "is_run": "yes" if is_run else "no",
                "n_checks": n,
                "n_open": int(still.get(entry.code, 0)),
                "needs": "" if is_run else entry.needs,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))

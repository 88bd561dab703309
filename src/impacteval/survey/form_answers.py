"""Answers as a form stored them: the text that its conditions are about."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from impacteval.codebook import Variable
from impacteval.survey.expression_values import number_text
from impacteval.survey.missing import NUMBERS
from impacteval.survey.numbers import DECIMAL

# As forms write numbers: nothing to put right.
AS_STORED = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
ISO_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S"}


def form_answers(text: pd.Series, values: pd.Series, variable: Variable) -> pd.Series:
    """Answers of a column as its form stored them, whatever the software that exported them.

    Parameters
    ----------
    text, values : Series
        The column as delivered and as typed.

    Returns
    -------
    Series of str
        Without outer blanks, empty where missing: numbers in plain form (``7`` for ``7.0`` and
        ``1500`` for an Indonesian ``1.500``), missing codes included; dates in ISO form.
    """
    stripped = text.fillna("").str.strip()
    if variable.type in NUMBERS:
        return _numbers(stripped, values, variable.format)
    if variable.type in ISO_FORMATS and variable.format:
        shown = values.dt.strftime(ISO_FORMATS[variable.type])
        return stripped.where(values.isna(), shown).astype("str")
    return stripped


def _numbers(stripped: pd.Series, values: pd.Series, format_: str) -> pd.Series:
    other = ~stripped.str.fullmatch(AS_STORED) & (stripped != "")
    if format_:
        other |= stripped.str.contains(".", regex=False)
    if not other.any():
        return stripped
    codes, labels = pd.factorize(stripped[other])
    first = np.unique(codes, return_index=True)[1]
    typed = values[other].to_numpy(dtype="float64", na_value=np.nan)[first]
    shown = [_plain(str(label), float(value)) for label, value in zip(labels, typed, strict=True)]
    found = stripped.copy()
    found[other] = np.array(shown, dtype=object)[codes]
    return found


def _plain(label: str, value: float) -> str:
    if not np.isnan(value):
        return number_text(value)
    return number_text(float(label)) if re.fullmatch(DECIMAL, label) else label

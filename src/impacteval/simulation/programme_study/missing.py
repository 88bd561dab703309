"""Answers that are missing: refused, not known, or not recorded because the question is not asked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.simulation.programme_study import columns as c
from impacteval.simulation.programme_study.study_shape import ROUNDS
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

REFUSED, DONT_KNOW, SKIPPED = "refused", "dont_know", "not_recorded"
# Reasons as numbers while they are set, in the order of this tuple.
REASONS = ("", REFUSED, DONT_KNOW, SKIPPED)
# Of single answers that are missing, the share that is refused.
SINGLE_REFUSED = 0.2
# Groups that come last in the interview, and are missing where it broke off.
LAST_GROUPS = ("people", "osh", "environment")
# Yes/no and scored items are missing less often than amounts.
ITEM_FACTOR = 1 / 3


class Marks:
    """Reasons of a table's cells while they are collected; the first reason given to a cell stays."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.place = {name: k for k, name in enumerate(frame.columns)}
        self.codes = np.zeros(frame.shape, dtype=np.int8)

    def set(self, column: str, rows: Bool1D, reason: str) -> None:
        """Mark a column's rows that have no reason yet."""
        codes = self.codes[:, self.place[column]]
        codes[rows & (codes == 0)] = REASONS.index(reason)

    def override(self, column: str, rows: Bool1D, reason: str) -> None:
        """Mark a column's rows whatever reason they have."""
        self.codes[rows, self.place[column]] = REASONS.index(reason)

    def is_set(self, column: str) -> Bool1D:
        """Rows of a column that are marked."""
        return np.asarray(self.codes[:, self.place[column]] > 0)

    def applied(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give the table without the values of marked cells, and the reasons in words."""
        kept = {
            name: self.frame[name].mask(self.codes[:, k] > 0, _nothing(self.frame[name]))
            for name, k in self.place.items()
        }
        return pd.DataFrame(kept), words_of(self.codes, self.frame)


def words_of(codes: npt.NDArray[np.int8], frame: pd.DataFrame) -> pd.DataFrame:
    """Reasons in words, for the rows and columns of a table."""
    words = np.array(REASONS, dtype=object)
    columns = {name: pd.Series(words[codes[:, k]], dtype="str") for k, name in enumerate(frame.columns)}
    return pd.DataFrame(columns).set_axis(frame.index)


def _nothing(column: pd.Series) -> object:
    if pd.api.types.is_numeric_dtype(column):
        return np.nan
    return pd.NaT if pd.api.types.is_datetime64_any_dtype(column) else ""


def enterprise_missing(
    truth: Truth, told: Told, table: pd.DataFrame, outcome: npt.NDArray[np.str_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take away what enterprises refuse, do not know or are not asked."""
    marks = Marks(table)
    _skip_records(marks)
    refuses = refuses_finance(truth, told).ravel()
    for name in c.ENTERPRISE_GROUPS["finance"][1:]:
        marks.set(name, refuses, REFUSED)
    broken = (outcome == "partial").ravel()
    for group in LAST_GROUPS:
        for name in c.ENTERPRISE_GROUPS[group]:
            marks.set(name, broken, SKIPPED)
    _single_answers(truth, told, marks)
    _skip_followed(marks)
    return _without_unasked(*marks.applied())


def refuses_finance(truth: Truth, told: Told) -> npt.NDArray[np.bool_]:
    """Whether an enterprise keeps its finance to itself, (n, n_rounds): a habit that mostly lasts."""
    from scipy.special import ndtri

    return np.asarray(
        told.draws.steady("missing.finance", 0.6) < ndtri(truth.generator.missing.financial_refusal)
    )


def workers_missing(truth: Truth, told: Told, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take away single answers of workers; attitudes are not part of the payroll of the first round."""
    marks = Marks(table)
    rule = truth.generator.missing
    for name in (*c.WORKER_PAY, "age"):
        _single(marks, told, f"worker.{name}", name, rule.item)
    for name in c.ATTITUDES:
        _single(marks, told, f"worker.{name}", name, rule.item * ITEM_FACTOR)
    values, reasons = marks.applied()
    return _blank(values, reasons, (values["wave"] == 0).to_numpy(), c.ATTITUDES)


def _skip_records(marks: Marks) -> None:
    for kpi, names in c.NEEDS_RECORD.items():
        rows = (marks.frame[kpi] == "no").to_numpy()
        for name in names:
            marks.set(name, rows, SKIPPED)


def _skip_followed(marks: Marks) -> None:
    for asked, names in c.NEEDS_YES.items():
        for name in names:
            marks.override(name, (marks.frame[asked] != "yes").to_numpy() | marks.is_set(asked), SKIPPED)
    for asked, names in c.NEEDS_SOME.items():
        for name in names:
            marks.override(name, ~(marks.frame[asked] > 0).to_numpy() | marks.is_set(asked), SKIPPED)


def _single_answers(truth: Truth, told: Told, marks: Marks) -> None:
    rate = truth.generator.missing.item
    for names in c.ENTERPRISE_GROUPS.values():
        for name in names:
            if name not in c.ALWAYS_KNOWN:
                _single(
                    marks, told, f"enterprise.{name}", name, rate * (ITEM_FACTOR if name in c.YES_NO else 1)
                )


def _single(marks: Marks, told: Told, stream: str, name: str, rate: float) -> None:
    u = told.draws.rng(f"missing.{stream}").random(len(marks.frame))
    marks.set(name, u < rate * SINGLE_REFUSED, REFUSED)
    marks.set(name, u < rate, DONT_KNOW)


def _without_unasked(values: pd.DataFrame, reasons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave the first round its recalled groups alone."""
    unasked = [n for group, names in c.ENTERPRISE_GROUPS.items() if group not in c.RECALLED for n in names]
    return _blank(values, reasons, (values["wave"] == ROUNDS.index("R0")).to_numpy(), tuple(unasked))


def _blank(
    values: pd.DataFrame, reasons: pd.DataFrame, rows: Bool1D, names: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    emptied = {name: values[name].mask(rows, _nothing(values[name])) for name in names}
    return values.assign(**emptied), reasons.assign(**{name: reasons[name].mask(rows, "") for name in names})

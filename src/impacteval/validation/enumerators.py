"""Shares by enumerator, and batteries answered without listening."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.enumerators import (
    BackCheck,
    EnumeratorEffect,
    Gate,
    Heaping,
    NearDuplicates,
    StraightLine,
)
from impacteval.validation.back_checks import check_back_check
from impacteval.validation.enumerator_effects import check_enumerator_effect
from impacteval.validation.labels import NONE, enumerators_of, label_of, labels_of, numbers_of
from impacteval.validation.near_duplicates import check_near_duplicates
from impacteval.validation.remarks import Remark, remarked
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

SHARES = ("n", "n_hits", "share", "std_error", "z")


def check_heaping(survey: Survey, check: Heaping) -> list[Failures]:
    """Find enumerators who record rounder amounts than the survey as a whole."""
    shares = heaping_shares(survey, check)
    return _above_survey(check, shares, "amounts have one significant digit")


def heaping_shares(survey: Survey, check: Heaping) -> pd.DataFrame:
    """Share of non-zero amounts with one significant digit, by enumerator; see ``shares_by``."""
    table = survey.tables[check.table]
    amounts = pd.concat([numbers_of(table, c) for c in check.columns], ignore_index=True)
    who = pd.concat([enumerators_of(table)] * len(check.columns), ignore_index=True)
    interview = np.tile(np.arange(len(table.frame)), len(check.columns))
    counts = (amounts.notna() & (amounts != 0)).to_numpy(dtype=bool)
    hits = is_round(amounts[counts].to_numpy(dtype="float64"))
    return shares_by(who[counts], hits, interview=interview[counts])


def is_round(amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether each amount, none of them zero, has one significant digit: 3,000,000 has, 3,200,000 not."""
    size = np.abs(amounts)
    leading = size / 10.0 ** np.floor(np.log10(size))
    return np.isclose(leading, np.round(leading), rtol=0, atol=1e-9)


def shares_by(
    who: pd.Series, hits: npt.NDArray[np.bool_], *, interview: npt.NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Compare each enumerator's share with the survey's.

    Parameters
    ----------
    who : Series of str, (n,)
        Who recorded each answer; those of nobody are left out.
    hits : (n,)
        Whether it is one of those counted.
    interview : (n,), optional
        Of which interview it is; without it each answer is of its own.

    Returns
    -------
    DataFrame
        ``SHARES`` by enumerator. With the survey's share p over all n answers, the standard error of a
        share of n_e answers is sqrt(p (1 - p) deff_e / n_e) under the hypothesis that the enumerator is
        like the survey, and z = (p_e - p) / error; missing where p is 0 or 1. deff_e is the
        ``design_effects`` of answers that come by the interview: 1 where each is of its own.
    """
    of = np.arange(len(hits)) if interview is None else interview
    known = pd.DataFrame({"who": who.to_numpy(), "hit": hits, "interview": of})
    known = known[known["who"] != NONE]
    by_who = known.groupby("who")["hit"]
    counted = pd.DataFrame({"n": by_who.size(), "n_hits": by_who.sum()}).astype("int64")
    share = counted["n_hits"] / counted["n"]
    p = known["hit"].mean() if len(known) else np.nan
    error = np.sqrt(p * (1 - p) * design_effects(known) / counted["n"])
    z: pd.Series = ((share - p) / error).where(error > 0)
    return pd.DataFrame({**counted, "share": share, "std_error": error, "z": z})[list(SHARES)]


def design_effects(answers: pd.DataFrame) -> pd.Series:
    """By how much the variance of each enumerator's share is larger than that of independent answers.

    1 + rho (sum_i n_i^2 / sum_i n_i - 1) over interviews i with n_i answers (Kish 1965, Survey Sampling,
    chapter 5.4), where rho is ``correlation_within`` interviews, negative ones counted as 0.

    Parameters
    ----------
    answers : DataFrame
        ``who``, ``interview``, ``hit``: a row an answer.
    """
    sizes = answers.groupby(["who", "interview"])["hit"].size().astype("float64")
    by_who = sizes.groupby("who")
    mean_size = (sizes**2).groupby("who").sum() / by_who.sum()
    return 1 + max(correlation_within(answers), 0.0) * (mean_size - 1)


def correlation_within(answers: pd.DataFrame) -> float:
    """Correlation of the answers of one interview, net of enumerators, by the analysis of variance.

    With mean squares between interviews of an enumerator (B, on m - k degrees of freedom, for m
    interviews and k enumerators) and within interviews (W, on n - m), (B - W) / (B + (n0 - 1) W), where
    n0 = (n - sum_e sum_i n_i^2 / n_e) / (m - k) (Donner 1986, International Statistical Review 54:67-82).
    Enumerators are taken out, since one who rounds would otherwise make the interviews of all look
    unlike. 1 where no enumerator has two interviews, 0 where nothing varies within enumerators or no
    interview has two answers.
    """
    by_interview = answers.groupby(["who", "interview"])["hit"].agg(["size", "mean"]).astype("float64")
    size, share = by_interview["size"], by_interview["mean"]
    of_who = answers.groupby("who")["hit"].agg(["size", "mean"]).astype("float64")
    own = of_who.reindex(by_interview.index.get_level_values("who"))
    n, m, k = len(answers), len(by_interview), len(of_who)
    if n == m:
        return 0.0
    if m == k:
        return 1.0
    between = float((size * (share - own["mean"].to_numpy()) ** 2).sum()) / (m - k)
    within = float((size * share * (1 - share)).sum()) / (n - m)
    n0 = (n - float((size**2 / own["size"].to_numpy()).sum())) / (m - k)
    total = between + (n0 - 1) * within
    return (between - within) / total if total > 0 else 0.0


def check_gate(survey: Survey, check: Gate) -> list[Failures]:
    """Find enumerators who skip a module more often than the survey as a whole."""
    return _above_survey(check, gate_shares(survey, check), "answers skip the module")


def gate_shares(survey: Survey, check: Gate) -> pd.DataFrame:
    """Share of answers that skip a module, by enumerator; see ``shares_by``."""
    table = survey.tables[check.table]
    answers = labels_of(table, check.column)
    given = answers != NONE
    skipping = [label_of(value) for value in check.skipping]
    return shares_by(enumerators_of(table)[given], answers[given].isin(skipping).to_numpy(dtype=bool))


def _above_survey(check: Heaping | Gate, shares: pd.DataFrame, what: str) -> list[Failures]:
    above = shares[(shares["n"] >= check.least) & (shares["z"] > check.standard_errors)]
    survey = shares["n_hits"].sum() / shares["n"].sum() if len(shares) else np.nan
    notes = [
        f"enumerator {who}: {share:.0%} of {n} {what}, in the survey {survey:.0%} (z = {z:.1f})"
        for who, share, n, z in zip(above.index, above["share"], above["n"], above["z"], strict=True)
    ]
    column = check.columns_read[0] if len(check.columns_read) == 1 else NONE
    return [failure for note in notes for failure in failing_whole(check, column, note)]


def check_straight_line(survey: Survey, check: StraightLine) -> list[Failures]:
    """Find interviews with the same answer to all items, or with items of a pair that contradict."""
    table = survey.tables[check.table]
    n_same = same_answers(table, check)
    rows = n_same > 0
    same = Remark(
        rows=rows, notes=pd.Series(n_same).map("all {} answers are the same, reversed items too".format)
    )
    return remarked(check, check.items, [same, *_contradictions(table, check)])


def same_answers(table: CheckedTable, check: StraightLine) -> npt.NDArray[np.int64]:
    """How many answers to the battery are the same, where all are; 0 elsewhere.

    Items without an answer do not count; at least ``least_items`` must have one, a reversed one among
    them.
    """
    numeric = all(pd.api.types.is_numeric_dtype(table.frame[item]) for item in check.items)
    n = len(table.frame)
    lowest, highest = np.full(n, np.inf), np.full(n, -np.inf)
    n_given, has_reversed = np.zeros(n, dtype="int64"), np.zeros(n, dtype=bool)
    choices = sorted({c for item in check.items for c in labels_of(table, item).unique()} - {NONE})
    codes = {choice: i for i, choice in enumerate(choices)}
    for item in check.items:
        values = numbers_of(table, item) if numeric else labels_of(table, item).map(codes).astype("float64")
        answers = values.to_numpy(dtype="float64")
        given = ~np.isnan(answers)
        lowest, highest = np.fmin(lowest, answers), np.fmax(highest, answers)
        n_given += given
        has_reversed |= given & (item in check.reversed)
    straight = (lowest == highest) & (n_given >= check.least_items) & has_reversed
    return np.where(straight, n_given, 0)


def _contradictions(table: CheckedTable, check: StraightLine) -> list[Remark]:
    """Pairs of items whose answers, scored in one direction, are too far apart."""
    if check.lowest is None or check.highest is None or check.limit is None:
        return []
    n = len(table.frame)
    count = np.zeros(n, dtype="int64")
    for pair in check.pairs:
        scores = [
            check.lowest + check.highest - numbers_of(table, item)
            if item in check.reversed
            else numbers_of(table, item)
            for item in pair
        ]
        apart = (scores[0] - scores[1]).abs() > check.limit
        count += apart.to_numpy(dtype=bool)
    notes = pd.Series(count).map("{} pairs of items contradict each other".format)
    return [Remark(rows=count > 0, notes=notes.mask(count == 1, "a pair of items contradicts itself"))]


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    StraightLine: check_straight_line,
    Heaping: check_heaping,
    Gate: check_gate,
    EnumeratorEffect: check_enumerator_effect,
    NearDuplicates: check_near_duplicates,
    BackCheck: check_back_check,
}

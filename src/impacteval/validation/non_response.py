"""Questions that are often not answered, or not as often in one arm as in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Text1D
from impacteval.checks.response import ItemNonResponse
from impacteval.validation.cells import units
from impacteval.validation.eligibility import NO_ANSWER, is_eligible, is_unreadable, reasons
from impacteval.validation.remarks import informing
from impacteval.validation.rounds_of import Round, rounds_of
from impacteval.validation.shares import ShareDifference, compare_shares, holm, pairs_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

SAID = {"empty": "empty", "dont_know": "do not know", "refused": "refused", "coded": "another code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmDifference:
    """Two arms compared on the answers to a column in a round."""

    column: str
    period: str
    shares: ShareDifference


def check_item_non_response(survey: Survey, check: ItemNonResponse) -> list[Failures]:
    """Find columns with many missing answers in a round, and those on which arms differ in it.

    Arms are compared in each round by itself: rows of one enterprise in several rounds are not
    independent. Holm's adjustment is over all columns, rounds and pairs of arms of the check. In a cell
    that cannot be read something was answered: it is not without an answer, and how many there are is said.
    """
    table = survey.tables[check.table]
    rounds = rounds_of(table)
    arm = survey.arms(check.table).to_numpy(dtype=np.str_)
    unit = _clusters(table)
    differences: list[ArmDifference] = []
    found: list[Failures] = []
    for column in check.columns:
        unreadable = is_unreadable(table, column)
        eligible = is_eligible(table, column)
        missing = table.frame[column].isna().to_numpy(dtype=np.bool_) & ~unreadable
        said = [
            _level(table, column, eligible & r.rows, r)
            for r in rounds
            if _is_often(missing, eligible & r.rows, check.threshold)
        ]
        found += failing_whole(check, column, "; ".join(said)) if said else []
        found += informing(check, column, _unreadable(unreadable, rounds))
        for r in rounds:
            differences += _by_arm(column, r, missing=missing, asked=eligible & r.rows, arm=arm, unit=unit)
    return [*found, *_differing(differences, check)]


def _clusters(table: CheckedTable) -> Text1D:
    """Enterprise of each row; rows whose enterprise is not known stand for themselves."""
    unit = units(table)
    alone = np.char.add("\x1f", np.arange(len(unit)).astype(np.str_))
    return np.where(unit == "", alone, unit).astype(np.str_)


def _is_often(missing: Bool1D, asked: Bool1D, threshold: float) -> bool:
    return bool(asked.any()) and float(missing[asked].mean()) > threshold


def _level(table: CheckedTable, column: str, asked: Bool1D, which: Round) -> str:
    """How many answers of those asked are missing, and why."""
    why = reasons(table, column)[asked]
    n, missing = int(asked.sum()), why[why.isin(NO_ANSWER)]
    counts = [f"{int((missing == r).sum())} {SAID[r]}" for r in NO_ANSWER if (missing == r).any()]
    return f"{which.label}{len(missing) / n:.1%} of {n} rows without an answer ({', '.join(counts)})"


def _unreadable(unreadable: Bool1D, rounds: Sequence[Round]) -> list[str]:
    counts = [(r, int(unreadable[r.rows].sum())) for r in rounds]
    return [f"{r.label}{n} cells cannot be read and count as answered" for r, n in counts if n]


def _by_arm(
    column: str, which: Round, *, missing: Bool1D, asked: Bool1D, arm: Text1D, unit: Text1D
) -> Iterator[ArmDifference]:
    for pair in pairs_of(np.unique(arm[asked]).tolist()):
        shares = compare_shares(missing[asked], arm[asked], unit[asked], pair)
        yield ArmDifference(column=column, period=which.label, shares=shares)


def _differing(differences: list[ArmDifference], check: ItemNonResponse) -> list[Failures]:
    adjusted = holm([d.shares.p_value for d in differences])
    said: dict[str, list[str]] = {}
    for d, p in zip(differences, adjusted, strict=True):
        if p < check.alpha:
            s = d.shares
            said.setdefault(d.column, []).append(
                f"{d.period}{s.share_second:.1%} in {s.second} and {s.share_first:.1%} in {s.first} without "
                f"an answer, p = {p:.2g} after Holm over {len(differences)} comparisons"
            )
    return [f for column, notes in said.items() for f in failing_whole(check, column, "; ".join(notes))]


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {ItemNonResponse: check_item_non_response}

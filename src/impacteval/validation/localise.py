"""Whom to call back about what: the fewest fields whose change would settle the failed edits of a row.

Nothing is ever changed: these are suggestions. The principle is that of Fellegi and Holt (1976),
Journal of the American Statistical Association 71. Sets of fields are tried from the smallest on, so that
all smallest ones are found: for a single field the changes that each edit allows are an interval; for
more, a linear program says whether there is a change that all edits allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

import numpy as np

from impacteval.arrays import Bool2D, Float2D
from impacteval.checks import Check
from impacteval.validation.edits import EDIT_KINDS, Connected, connected_edits
from impacteval.validation.row_rules import Rows
from impacteval.validation.survey import Failures, Survey

# Rows that agree to so many digits, in units of what they are broken by, are solved once.
SAME_DIGITS = 6
MOST_PATTERNS = 500
MOST_FIELDS = 3
# Single fields, and sets of several, that a sentence names.
MOST_NAMED, MOST_SETS_NAMED = 6, 3
# What is left of a broken edit after a change, relative to before; above the noise of the digits kept.
SLACK = 1e-5
# Settling edits takes about as much as they are broken by; slack beyond this cannot matter.
LARGEST_CHANGE = 10.0
NO_ANSWER = "more than three fields would have to change; ask for all of them"
Sets: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Rows with failed edits, in units of the sum of what each row's edits are broken by.

    Parameters
    ----------
    excess : (n_rows, n_edits)
        Above zero where an edit fails.
    lowest, highest : (n_rows, n_fields)
        By how much a field may change; both zero where it is missing.
    """

    excess: Float2D
    lowest: Float2D
    highest: Float2D


def with_suggestions(survey: Survey, failures: Sequence[Failures], checks: Sequence[Check]) -> list[Failures]:
    """Say in failures of sums, accounts and subsets which fields to call back about.

    Parameters
    ----------
    failures : sequence of Failures
        Of any kind; those of other kinds are returned as they are.
    checks : sequence of checks
        All of the study: edits that hold now must hold after a change.

    Returns
    -------
    list of Failures
        Where one field is not enough, at most ``MOST_PATTERNS`` different patterns of a table are
        solved, the most frequent first; rows beyond say so.
    """
    found = [f for f in failures if not isinstance(f.check, EDIT_KINDS)]
    ours = [f for f in failures if isinstance(f.check, EDIT_KINDS)]
    for name in sorted({f.table for f in ours}):
        for edits in connected_edits(survey.tables[name], checks):
            found += _localised(edits, [f for f in ours if f.table == name and f.check.id in edits.checks])
    return found


def _localised(edits: Connected, failures: Sequence[Failures]) -> list[Failures]:
    if not failures:
        return []
    rows = np.unique(np.concatenate([f.rows for f in failures]))
    said = suggestions(edits, rows)
    found = []
    for failure in failures:
        texts = said[np.searchsorted(rows, failure.rows)]
        found.append(replace(failure, suggestions=tuple(t or failure.check.suggestion for t in texts)))
    return found


def suggestions(edits: Connected, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """What to do about each of these rows, in words; empty text where no edit fails."""
    broken = broken_rows(edits, rows)
    alone = changes_alone(edits.matrix, broken)
    kinds, kind = np.unique(alone, axis=0, return_inverse=True)
    sentences = [
        sentence(tuple((f,) for f, is_one in zip(edits.fields, k, strict=True) if is_one)) for k in kinds
    ]
    said = np.array(sentences, dtype=object)[kind.ravel()]
    fails = (broken.excess > SLACK).any(axis=1)
    said[~fails] = ""
    several = np.flatnonzero(fails & ~alone.any(axis=1))
    said[several] = _several(edits, _at(broken, several))
    return said


def broken_rows(edits: Connected, rows: Rows) -> Broken:
    """Put edits and hard ranges of rows into the unit of what is broken."""
    excess, values = edits.excess[rows], edits.values[rows]
    low, high = edits.lowest - values, edits.highest - values
    beyond = np.nan_to_num(np.maximum(low, 0) + np.maximum(-high, 0))
    broken = np.maximum(excess, 0).sum(axis=1) + beyond.sum(axis=1)
    unit = np.where(broken > 0, broken, 1.0)[:, None]
    enough = LARGEST_CHANGE * np.abs(edits.matrix).sum(axis=1)
    return Broken(
        excess=np.maximum(excess / unit, -enough),
        lowest=np.nan_to_num(np.clip(low / unit, -LARGEST_CHANGE, LARGEST_CHANGE)),
        highest=np.nan_to_num(np.clip(high / unit, -LARGEST_CHANGE, LARGEST_CHANGE)),
    )


def _at(broken: Broken, rows: Rows) -> Broken:
    return Broken(excess=broken.excess[rows], lowest=broken.lowest[rows], highest=broken.highest[rows])


def changes_alone(matrix: Float2D, broken: Broken) -> Bool2D:
    """Which fields of each row settle all of its edits when they alone change.

    Returns
    -------
    (n_rows, n_fields)
    """
    alone = []
    wrong = (broken.lowest > 0) | (broken.highest < 0)
    for j, coefficients in enumerate(matrix.T):
        low, high = broken.lowest[:, j].copy(), broken.highest[:, j].copy()
        for i, coefficient in enumerate(coefficients):
            room = SLACK - broken.excess[:, i]
            if coefficient > 0:
                high = np.minimum(high, room / coefficient)
            elif coefficient < 0:
                low = np.maximum(low, room / coefficient)
            else:
                high = np.where(room < 0, -np.inf, high)
        others_are_wrong = np.delete(wrong, j, axis=1).any(axis=1)
        alone.append((low <= high) & ~others_are_wrong)
    return np.array(alone).T


def _several(edits: Connected, broken: Broken) -> list[str]:
    """What to do about rows for which one field is not enough."""
    together = np.hstack([broken.excess, broken.lowest, broken.highest])
    different, kind = np.unique(np.round(together, SAME_DIGITS) + 0.0, axis=0, return_inverse=True)
    order = np.argsort(-np.bincount(kind.ravel(), minlength=len(different)), kind="stable")
    n_edits, n_fields = edits.matrix.shape
    excess, lowest, highest = np.split(different, [n_edits, n_edits + n_fields], axis=1)
    patterns = Broken(excess=excess, lowest=lowest, highest=highest)
    solved = {
        int(k): sentence(smallest_sets(edits, _at(patterns, np.array([k])))) or NO_ANSWER
        for k in order[:MOST_PATTERNS]
    }
    n_beyond = sum(int(k) not in solved for k in kind.ravel())
    beyond = f"call back; this is one of {n_beyond:,} rows too varied to say more"
    return [solved.get(int(k), beyond) for k in kind.ravel()]


def smallest_sets(edits: Connected, row: Broken) -> Sets:
    """All smallest sets of two to ``MOST_FIELDS`` fields whose change satisfies every edit of one row."""
    for size in range(2, MOST_FIELDS + 1):
        found = [chosen for chosen in _candidates(edits, row, size) if _can_settle(edits, row, chosen)]
        if found:
            return tuple(tuple(edits.fields[j] for j in chosen) for chosen in found)
    return ()


def _candidates(edits: Connected, row: Broken, size: int) -> Iterator[tuple[int, ...]]:
    """Sets that have a field in each broken edit and all fields outside their hard ranges."""
    must = set(np.flatnonzero((row.lowest[0] > 0) | (row.highest[0] < 0)).tolist())
    failed = np.flatnonzero(row.excess[0] > SLACK)
    broken = [set(np.flatnonzero(edits.matrix[i]).tolist()) for i in failed]
    for chosen in combinations(range(len(edits.fields)), size):
        if must <= set(chosen) and all(fields & set(chosen) for fields in broken):
            yield chosen


def _can_settle(edits: Connected, row: Broken, chosen: Sequence[int]) -> bool:
    """Whether changes of these fields alone can satisfy all edits."""
    from scipy.optimize import linprog

    at = list(chosen)
    solution = linprog(
        np.zeros(len(at)),
        A_ub=edits.matrix[:, at],
        b_ub=SLACK - row.excess[0],
        bounds=np.column_stack([row.lowest[0, at], row.highest[0, at]]),
        method="highs",
    )
    return bool(solution.status == 0)


def sentence(sets: Sets) -> str:
    """What to do about smallest sets, in words; empty where there are none."""
    if not sets:
        return ""
    named = [" and ".join(chosen) for chosen in sets]
    most = MOST_NAMED if len(sets[0]) == 1 else MOST_SETS_NAMED
    listed = [*named[:most], f"{len(named) - most} more"] if len(named) > most else named
    last = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
    return f"call back about {last}: {_way(len(sets), len(sets[0]))} would settle it"


def _way(n_sets: int, size: int) -> str:
    if size > 1:
        return "changing them together" if n_sets == 1 else "changing one of these sets"
    return {1: "changing it alone", 2: "changing either one alone"}.get(n_sets, "changing any one alone")

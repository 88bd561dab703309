"""Units that are alike: those of a group, and those of a group that are observed alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D, Int1D, Text1D, sum_by_code
from impacteval.errors import IdentificationError
from impacteval.panel import Panel

# So many indicators of observed periods fit into one whole number, with room for a unit's number.
BITS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Units alike in arm, cohort and some columns: a dummy is a function of group and period.

    Attributes
    ----------
    code : (n_units,)
        Group of each unit, in ``range(n_groups)``.
    arm, cohort : (n_groups,)
    columns : mapping
        Name to each group's value, (n_groups,).
    """

    code: Int1D
    arm: Text1D
    cohort: Float1D
    columns: Mapping[str, Float1D]

    def treated_arms(self, comparison_arm: str) -> tuple[str, ...]:
        """Arms but the comparison, sorted."""
        return tuple(sorted({str(arm) for arm in self.arm} - {comparison_arm}))

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.cohort)

    def observed(self, cells: Bool2D) -> Bool2D:
        """Whether a group has a cell in each period, (n_groups, n_periods)."""
        return np.asarray(sum_by_code(cells.astype(np.float64), self.code, self.n_groups) > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Units of a group with the same observed periods, and weights that do not change over time.

    A unit whose weights change is a pattern of its own.

    Attributes
    ----------
    code : (n_units,)
        Pattern of each unit.
    group : (n_patterns,)
    weight : (n_patterns, n_periods)
        Summed over units.
    """

    code: Int1D
    group: Int1D
    weight: Float2D


def groups_of(panel: Panel, columns: Sequence[str] = ()) -> Groups:
    """Put units into groups by arm, cohort and columns that are constant within units."""
    arm = _arm_codes(panel)
    cohorts, cohort = np.unique(panel.cohort, return_inverse=True)
    code = arm * len(cohorts) + cohort
    values = {name: constant_within_units(panel, name) for name in columns}
    for column in values.values():
        levels, level = np.unique(column, return_inverse=True)
        code = _renumbered(code) * len(levels) + level
    _, first, code = np.unique(code, return_index=True, return_inverse=True)
    return Groups(
        code=code,
        arm=panel.arm[first],
        cohort=panel.cohort[first],
        columns={name: column[first] for name, column in values.items()},
    )


def _arm_codes(panel: Panel) -> Int1D:
    """Number of each unit's arm in the order of first sight, the comparison's 0, without sorting text."""
    code = np.where(panel.in_arm(panel.comparison_arm), 0, -1)
    number = 0
    while (code < 0).any():
        number += 1
        code[panel.in_arm(panel.arm[np.argmin(code)])] = number
    return code


def constant_within_units(panel: Panel, name: str) -> Float1D:
    """The one value of a column that each unit has, (n_units,); NaN where it has none.

    Raises
    ------
    IdentificationError
        When the value changes within a unit.
    """
    values = panel.covariates[name]
    least = np.fmin.reduce(values, axis=1)
    changes = np.fmax.reduce(values, axis=1) != least
    changes &= ~np.isnan(least)
    if changes.any():
        raise IdentificationError(
            f"{panel.name}: column {name!r} changes within {int(changes.sum())} units, first "
            f"{panel.unit_ids[changes][0]}; a group must be constant within units"
        )
    return np.asarray(least)


def patterns_of(group: Int1D, weight: Float2D) -> Patterns:
    """Put units of a group that are observed and weighted alike together; weight 0 is not observed."""
    used = weight > 0
    highest = weight.max(axis=1, initial=0.0)
    changes = (used & (weight != highest[:, None])).any(axis=1)
    code = group
    if not used.all():
        for start in range(0, used.shape[1], BITS):
            bits = used[:, start : start + BITS]
            code = _renumbered(code) << BITS | bits @ (1 << np.arange(bits.shape[1]))
    if changes.any():
        code = np.where(changes, len(code) + np.arange(len(code)), _renumbered(code))
    _, first, code = np.unique(code, return_index=True, return_inverse=True)
    return Patterns(code=code, group=group[first], weight=sum_by_code(weight, code, len(first)))


def _renumbered(code: Int1D) -> Int1D:
    return np.asarray(np.unique(code, return_inverse=True)[1], dtype=np.int64)

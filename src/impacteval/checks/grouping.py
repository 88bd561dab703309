"""When many findings of one check on one column have one cause, and are told as one."""

from __future__ import annotations

from dataclasses import dataclass

from impacteval.checks.answers import ChoicesInSet, FormConstraint, SkipBackward, SkipForward, UndeclaredCodes
from impacteval.checks.thresholds import SHARE, refuse_numbers
from impacteval.checks.values import AtMost, InRange, InSet, NoOuterBlanks, NotMissing, OfType
from impacteval.closed import Closed

# Checks of a cell or of two in a row. Keys, ids, duplicates, pairs and consent are never among them.
GROUPED_KINDS = (
    ChoicesInSet,
    FormConstraint,
    SkipBackward,
    SkipForward,
    UndeclaredCodes,
    AtMost,
    InRange,
    InSet,
    NoOuterBlanks,
    NotMissing,
    OfType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping(Closed):
    """When rows of a file that fail a check on a column are one finding.

    A value that stands in ``least_rows`` failing rows or more is one finding, if no more than
    ``most_values`` values do; what is left is one finding where the column fails in at least
    ``least_share`` of the answered rows, and in ``least_rows`` of them.
    """

    least_rows: int = 20
    least_share: float = 0.2
    most_values: int = 5

    def __post_init__(self) -> None:
        """Refuse thresholds that would group everything or nothing."""
        refuse_numbers(self, {"least_rows": (2, float("inf")), "least_share": SHARE, "most_values": (0, 100)})

"""The rows to which a check applies: those in which its expression holds."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool1D
from impacteval.validation.survey import CheckedTable


def rows_where(table: CheckedTable, expression: str) -> Bool1D:
    """Rows in which an expression as in an XLSForm holds; all rows where there is none."""
    if not expression:
        return np.ones(len(table.frame), dtype=bool)
    from impacteval.survey.expressions import holds, parse

    found: Bool1D = np.asarray(holds(parse(expression), table.text), dtype=bool)
    return found

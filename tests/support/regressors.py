"""Regressors given as a table of numbers."""

from __future__ import annotations

import numpy as np

from impacteval.estimators.table_regressors import TableColumn, table_regressors


def plain_regressors(values, names):
    """Columns of values, one stratum and one place."""
    values = np.asarray(values, dtype=np.float64)
    columns = [
        TableColumn(name=name, table=np.ones((1, 1)), factor=1 + j, centre=np.zeros(1))
        for j, name in enumerate(names)
    ]
    nowhere = np.zeros(len(values), dtype=np.int64)
    return table_regressors(columns, nowhere, nowhere, list(values.T))

"""How much intervals cover with few treated units: the row that docs/methods.md prints."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from impacteval.designs import TwoByTwo
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support.panels import make_panel

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
N_UNITS = 100
N_PANELS = 2000


def printed():
    """Coverage by number of treated units, as the document has it."""
    text = METHODS.read_text(encoding="utf-8")
    head, row = re.search(r"\| treated, of 100 \|([^\n]*)\|\n\|[-| ]*\|\n\|[^|]*\|([^\n]*)\|", text).groups()
    return dict(zip(map(int, head.split("|")), map(float, row.split("|")), strict=True))


def coverage(n_treated, rng):
    """Share of nominal 95% intervals that hold the true effect, zero; the error as it would be given."""
    held = []
    for _ in range(N_PANELS):
        change = rng.normal(size=N_UNITS)
        panel = make_panel(
            outcome=np.column_stack([np.zeros(N_UNITS), change]),
            cohort=[1.0] * n_treated + [np.inf] * (N_UNITS - n_treated),
        )
        found = with_errors(att_group_time(panel, TwoByTwo()), "cr0", panel.cluster)
        held.append(found.conf_low[0] <= 0 <= found.conf_high[0])
    return np.mean(held)


@pytest.mark.slow
@pytest.mark.parametrize("n_treated", [2, 5, 10])
def test_coverage_is_what_the_document_prints(n_treated):
    expected = printed()[n_treated]
    found = coverage(n_treated, np.random.default_rng(n_treated))
    # Four standard errors of this simulation, and the rounding of the table.
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / N_PANELS) + 0.005

"""What a study computes from its survey before any analysis."""

from __future__ import annotations

from dataclasses import dataclass

from impacteval.closed import Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedColumn(Closed):
    """A row of ``derived.csv``: a named column of a table, computed by a formula."""

    name: str
    table: str
    formula: str
    unit: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Closed):
    """A row of ``parameters.csv``: a published number, when and where it is valid, and its source.

    It is valid from ``valid_from`` to ``valid_to``, days ``YYYY-MM-DD`` inclusive (empty: without
    end), in ``place`` (empty: everywhere).
    """

    parameter: str
    valid_from: str
    valid_to: str
    place: str
    value: float
    unit: str
    source: str
    vintage: str
    retrieved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior(Closed):
    """A row of ``priors.csv``: what was expected of an outcome before its data.

    ``effect_full_dose`` and ``sd`` (between enterprises in one period) are in the unit of the outcome,
    ``autocorrelation`` is that of an enterprise between two periods; there are ``n_before`` and
    ``n_after`` periods. ``coverage`` is the share of interviewed enterprises expected to have a value,
    ``attrition`` the share not interviewed again, ``overlap`` the share of comparison enterprises
    that are like treated ones, ``variance_inflation`` the factor for what is shared within clusters.
    """

    outcome: str
    effect_full_dose: float
    sd: float
    autocorrelation: float
    coverage: float
    attrition: float
    overlap: float
    variance_inflation: float
    n_before: int
    n_after: int
    source: str

"""Which function runs which kind of check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from impacteval.validation import (
    answers,
    attrition,
    copied_amounts,
    coverage,
    enumerators,
    fieldwork,
    identity,
    links,
    non_response,
    other_specify,
    outliers,
    register,
    rounds,
    units_of_measure,
    wages,
    weights,
)
from impacteval.validation.survey import Failures

MODULES = (
    answers,
    attrition,
    copied_amounts,
    coverage,
    enumerators,
    fieldwork,
    identity,
    links,
    non_response,
    other_specify,
    outliers,
    register,
    rounds,
    units_of_measure,
    wages,
    weights,
)
# Each function takes the survey and a check of the type that it stands under.
FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    kind: function for module in MODULES for kind, function in module.FUNCTIONS.items()
}

"""Numbers of checks that would make them pass, or fail, whatever the data are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from impacteval.closed import OptionError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SHARE = (0.0, 1.0)
NOT_NEGATIVE = (0.0, float("inf"))


def refuse_numbers(item: DataclassInstance, bounds: Mapping[str, tuple[float, float]]) -> None:
    """Refuse thresholds outside their bounds, inclusive; one that is not given is fine.

    Raises
    ------
    OptionError
        Listing every such threshold with what is allowed.
    """
    wrong = []
    for name, (low, high) in bounds.items():
        value = getattr(item, name)
        if value is not None and not low <= value <= high:
            allowed = f"{low:g} or more" if high == float("inf") else f"between {low:g} and {high:g}"
            wrong.append(f"{name} {value:g}: {allowed}")
    refuse(item, wrong)


def refuse(item: DataclassInstance, problems: list[str]) -> None:
    """Refuse a check that has problems, all of them at once."""
    if problems:
        raise OptionError(f"{type(item).__name__}: {'; '.join(problems)}")

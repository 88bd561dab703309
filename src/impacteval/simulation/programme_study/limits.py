"""Limits that parameters keep."""

from __future__ import annotations

from collections.abc import Mapping

from impacteval.closed import OptionError


def refuse_unless_shares(name: str, shares: Mapping[str, float], total: float = 1.0) -> None:
    """Refuse shares that are negative or do not add up.

    Raises
    ------
    OptionError
        With the sum that was found.
    """
    if min(shares.values(), default=0.0) < 0 or abs(sum(shares.values()) - total) > 1e-9:
        raise OptionError(
            f"{name}: shares are 0 or more and add up to {total:g}; these add up to {sum(shares.values()):g}"
        )


def refuse_unless_keys(name: str, found: Mapping[str, object], wanted: tuple[str, ...]) -> None:
    """Refuse a mapping that lacks a key or has one too many.

    Raises
    ------
    OptionError
        Naming both.
    """
    missing, unknown = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    if missing or unknown:
        raise OptionError(f"{name}: missing {missing}, unknown {unknown}; keys are {', '.join(wanted)}")


def refuse_unless_probabilities(item: object, names: tuple[str, ...]) -> None:
    """Refuse fields that are no probability.

    Raises
    ------
    OptionError
        Naming each.
    """
    wrong = [f"{n}={getattr(item, n)!r}" for n in names if not 0 <= getattr(item, n) <= 1]
    if wrong:
        raise OptionError(f"{', '.join(wrong)}: a probability lies between 0 and 1")

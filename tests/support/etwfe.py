"""Golden rows of the R package etwfe: what they were called with and what they are of."""

from __future__ import annotations

from collections.abc import Mapping

from impacteval.designs import ExtendedTwoWay
from impacteval.effects import Estimates
from support.golden import options_of

Key = tuple[str, int | None, int | None, int | None]
ESTIMANDS = {
    "att_gt": "att_gt",
    "simple": "simple",
    "group": "cohort",
    "calendar": "calendar",
    "event": "event_time",
}


def design_of(text: str) -> ExtendedTwoWay:
    """The design of a row with these options."""
    options = options_of({"options": text})
    controls = () if options["ctrls"] == "1" else tuple(options["ctrls"].split(" + "))
    return ExtendedTwoWay(
        name="etwfe",
        covariates=controls,
        control_group="never_treated" if options["cgroup"] == "never" else "not_yet_treated",
        unit_effects=options["ivar"] != "none",
        averages=("simple", "event_time", "cohort", "calendar"),
    )


def key_of(row: Mapping[str, str]) -> Key:
    """What a row is of: estimand, cohort, period, event time."""
    estimand = ESTIMANDS[row["term"]]
    cohort, period, event_time = (int(row[c]) if row[c] else None for c in ("group", "time", "event_time"))
    return (estimand, cohort, period, None if estimand == "att_gt" else event_time)


def found_effects(estimates: Estimates) -> dict[Key, tuple[float, float]]:
    """Estimates and errors by what they are of."""
    return {
        (key.estimand, key.cohort, key.period, None if key.estimand == "att_gt" else key.event_time): (
            float(estimates.effects.estimate[j]),
            float(estimates.std_error[j]),
        )
        for j, key in enumerate(estimates.effects.keys)
    }


def tolerance_of(row: Mapping[str, str]) -> float:
    """Relative tolerance of a row's error.

    Errors of ``emfx_*`` are by numerical derivative in R, up to 2.3e-6 off its own exact rows.
    """
    is_numerical = row["estimator"].startswith("emfx") and not row["estimator"].endswith("_exact")
    return 5e-6 if is_numerical else 1e-8

"""The headline of every design of the plan on every primary outcome of one drawn study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from impacteval.describe.before_after import before_after
from impacteval.design import Outcome, Plan
from impacteval.designs import CallawaySantAnna, Design, TwoByTwo
from impacteval.effects import Effects
from impacteval.errors import IdentificationError
from impacteval.estimation import estimate, estimate_together
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel, panel_of
from impacteval.result_rows import is_whole

BEFORE_AFTER = "before_after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Effects by design and outcome, and why there are none."""

    effects: dict[tuple[str, str], tuple[Effects, ...]] = field(default_factory=dict)
    problems: dict[tuple[str, str], str] = field(default_factory=dict)


def panels_of(frame: pd.DataFrame, outcomes: Sequence[Outcome], plan: Plan) -> dict[str, Panel]:
    """Panel of each outcome with the columns of all designs."""
    columns = sorted({c for d in plan.designs for c in d.columns})
    return {
        o.name: panel_of(
            frame,
            outcome=o.name,
            covariates=columns,
            periods=plan.panel.periods,
            comparison_arm=plan.treatment.comparison.name,
        )
        for o in outcomes
    }


def effects_of(panels: Mapping[str, Panel], plan: Plan, seed: int) -> Found:
    """Run every design on every outcome that it is asked for."""
    found = Found()
    for design in plan.designs:
        own = {n: _with_columns(p, design) for n, p in panels.items() if _asks(design, n)}
        together = _together(list(own.values()), design)
        for name, panel in own.items():
            try:
                found.effects[design.name, name] = together.get(name) or estimate(panel, design, seed=seed)
            except IdentificationError as error:
                found.problems[design.name, name] = str(error)
    return found


def headline_rows(
    effects: tuple[Effects, ...], panel: Panel, design: Design, level: float
) -> Iterator[dict[str, object]]:
    """The headline of a design, one row an error convention."""
    for part in effects:
        chosen = [j for j, key in enumerate(part.keys) if is_whole(key)]
        for vcov in design.vcov if chosen else ():
            errors = with_errors(part, vcov, panel.cluster, level=level)
            for j in chosen:
                yield {
                    "outcome": panel.name,
                    "design": design.name,
                    "vcov": vcov,
                    "estimate": float(part.estimate[j]),
                    "std_error": float(errors.std_error[j]),
                    "df": float(errors.df[j]),
                    "conf_low": float(errors.conf_low[j]),
                    "conf_high": float(errors.conf_high[j]),
                    "p_value": float(errors.p_value[j]),
                    "note": errors.notes[j],
                }


def before_after_rows(
    frame: pd.DataFrame, outcomes: Sequence[Outcome], plan: Plan
) -> Iterator[dict[str, object]]:
    """The change of treated enterprises alone, as rows of a design."""
    from scipy.special import stdtr

    found = before_after(frame, [o.name for o in outcomes], plan)
    for row in found.to_dict("records"):
        df = float(row["n_units"]) - 1
        statistic = abs(float(row["change"])) / float(row["std_error"])
        yield {
            "outcome": row["outcome"],
            "design": BEFORE_AFTER,
            "vcov": "paired",
            "estimate": float(row["change"]),
            "std_error": float(row["std_error"]),
            "df": df,
            "conf_low": float(row["conf_low"]),
            "conf_high": float(row["conf_high"]),
            "p_value": float(2 * stdtr(df, -statistic)),
        }


def _asks(design: Design, outcome: str) -> bool:
    return not design.outcomes or outcome in design.outcomes


def _with_columns(panel: Panel, design: Design) -> Panel:
    return replace(panel, covariates={n: v for n, v in panel.covariates.items() if n in design.columns})


def _together(panels: Sequence[Panel], design: Design) -> dict[str, tuple[Effects, ...]]:
    """Group-time effects of all outcomes at once; none where one of them cannot be had."""
    if not isinstance(design, TwoByTwo | CallawaySantAnna):
        return {}
    try:
        found = estimate_together(panels, design)
    except IdentificationError:
        return {}
    return {panel.name: parts for panel, parts in zip(panels, found, strict=True)}

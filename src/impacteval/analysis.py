"""All designs of a plan on one outcome: from the enterprise panel to rows of estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float2D, Text1D
from impacteval.design import CLUSTER_BY_UNIT, Outcome, Plan
from impacteval.designs import Ancova, Design, EventStudy, TwoByTwo, TwoWayFixedEffects
from impacteval.effects import EffectKey, Effects, Estimates
from impacteval.errors import ConfigError, IdentificationError, raise_together
from impacteval.estimators.aggregate import aggregate, by_event_time, overall
from impacteval.estimators.ancova import BASELINE, ancova
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.two_by_two import att_group_time
from impacteval.inference.errors import NOT_CLUSTERED, with_errors
from impacteval.panel import Panel, panel_of
from impacteval.power import minimum_detectable_effect
from impacteval.tables import ESTIMATE_COLUMNS, table_of

SUPPORTING = "supporting"
HEADLINE_ESTIMANDS = ("simple", "coefficient")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeResults:
    """Rows of ``estimates.csv`` about one outcome, and the effects behind them with their ids."""

    rows: tuple[dict[str, object], ...]
    effects: tuple[Effects, ...]
    effect_ids: tuple[str, ...]


def panel_for(frame: pd.DataFrame, outcome: Outcome, design: Design, plan: Plan) -> Panel:
    """The panel of an outcome with the columns that a design needs."""
    columns = list(design.columns)
    if isinstance(design, Ancova) and outcome.baseline_column:
        frame = frame.assign(**{BASELINE: frame[outcome.baseline_column]})
        columns.append(BASELINE)
    return panel_of(
        frame,
        outcome=outcome.name,
        covariates=columns,
        periods=plan.panel.periods,
        comparison_arm=plan.treatment.comparison.name,
    )


def estimate(panel: Panel, design: Design) -> tuple[Effects, ...]:
    """Run a design on a panel; group-time effects come with their averages."""
    match design:
        case TwoByTwo():
            cells = att_group_time(panel, design)
            return (cells, aggregate(cells, panel, overall), aggregate(cells, panel, by_event_time))
        case TwoWayFixedEffects():
            return (two_way_fixed_effects(panel, design),)
        case EventStudy():
            return (event_study(panel, design),)
        case Ancova():
            return (ancova(panel, design),)
        case _:
            raise ConfigError(f"{design.estimator}: not offered in a plan")


def analyse(frame: pd.DataFrame, outcome: Outcome, plan: Plan, study: str) -> OutcomeResults:
    """Estimate every design of the plan that covers an outcome, with every error it names.

    Parameters
    ----------
    frame : DataFrame
        The enterprise panel.
    outcome : Outcome
    plan : Plan
    study : str
        Name of the study, for the rows.

    Returns
    -------
    OutcomeResults

    Raises
    ------
    IdentificationError
        Listing what cannot be identified in any of the designs.
    """
    rows: list[dict[str, object]] = []
    effects: list[Effects] = []
    ids: list[str] = []
    problems = []
    for design in plan.designs:
        if design.outcomes and outcome.name not in design.outcomes:
            continue
        panel = panel_for(frame, outcome, design, plan)
        try:
            parts = estimate(panel, design)
        except IdentificationError as error:
            problems.append(f"design {design.name}: {error}")
            continue
        for part in parts:
            effects.append(part)
            ids += [effect_id(outcome.name, design.name, key) for key in part.keys]
            rows += _rows_of(part, panel, outcome, design, plan, study)
    raise_together(problems, IdentificationError, f"outcome {outcome.name}")
    return OutcomeResults(rows=tuple(rows), effects=tuple(effects), effect_ids=tuple(ids))


def analyse_family(
    frame: pd.DataFrame, outcomes: Sequence[Outcome], plan: Plan, study: str
) -> tuple[OutcomeResults, ...]:
    """Analyse the outcomes of a family, listing all that cannot be identified before stopping."""
    found, problems = [], []
    for outcome in outcomes:
        try:
            found.append(analyse(frame, outcome, plan, study))
        except IdentificationError as error:
            problems.append(str(error))
    if problems:
        raise IdentificationError("\n".join(problems))
    return tuple(found)


def effect_id(outcome: str, design: str, key: EffectKey) -> str:
    """Readable, stable id of an effect before an error convention is chosen."""
    parts = [outcome, design, key.estimand]
    for name in ("arm", "term", "cohort", "period", "event_time"):
        value = getattr(key, name)
        if value is not None:
            parts.append(f"{name}={value}")
    return ".".join(parts)


def _rows_of(
    effects: Effects, panel: Panel, outcome: Outcome, design: Design, plan: Plan, study: str
) -> list[dict[str, object]]:
    cluster_name = plan.panel.unit if plan.cluster == CLUSTER_BY_UNIT else plan.cluster
    rows: list[dict[str, object]] = []
    for position, vcov in enumerate(design.vcov):
        estimates = with_errors(effects, vcov, panel.cluster, level=plan.level, cluster_name=cluster_name)
        mde = minimum_detectable_effect(estimates.std_error, estimates.df, level=plan.level, power=plan.power)
        is_headline = design.name == (outcome.design or plan.primary) and position == 0
        rows += [
            {
                **_keys_of(effects, j, outcome, design, study),
                **_numbers_of(estimates, j),
                "role": outcome.role if is_headline and _can_be_headline(effects.keys[j]) else SUPPORTING,
                "mde": float(mde[j]),
            }
            for j in range(len(effects.keys))
        ]
    return rows


def _can_be_headline(key: EffectKey) -> bool:
    return key.estimand in HEADLINE_ESTIMANDS and key.arm is not None and key.period is None


def _keys_of(effects: Effects, j: int, outcome: Outcome, design: Design, study: str) -> dict[str, object]:
    key = effects.keys[j]
    return {
        "estimate_id": effect_id(outcome.name, design.name, key),
        "study": study,
        "outcome": outcome.name,
        "family": outcome.family,
        "estimator": effects.estimator,
        "estimand": key.estimand,
        "comparison": effects.comparison,
        "arm": key.arm,
        "term": key.term,
        "scale": outcome.unit,
        "subgroup": "",
        "cohort": key.cohort,
        "period": key.period,
        "event_time": key.event_time,
    }


def _numbers_of(estimates: Estimates, j: int) -> dict[str, object]:
    effects = estimates.effects
    n_clusters = int(estimates.n_clusters[j])
    return {
        "vcov": estimates.vcov,
        "estimate": float(effects.estimate[j]),
        "std_error": float(estimates.std_error[j]),
        "statistic": float(estimates.statistic[j]),
        "df": float(estimates.df[j]),
        "p_value": float(estimates.p_value[j]),
        "conf_low": float(estimates.conf_low[j]),
        "conf_high": float(estimates.conf_high[j]),
        "n_units": int(effects.in_sample[:, j].sum()),
        "n_treated": int(effects.n_treated[j]),
        "n_comparison": int(effects.n_comparison[j]),
        "n_obs": int(effects.n_obs[j]),
        "n_clusters": None if n_clusters == NOT_CLUSTERED else n_clusters,
        "baseline_mean": float(effects.baseline_mean[j]),
        "note": estimates.notes[j],
    }


def estimates_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put rows into the table of estimates: ids made unique by error convention, sorted by id."""
    identified = [{**row, "estimate_id": f"{row['estimate_id']}.{_plain(str(row['vcov']))}"} for row in rows]
    table = table_of(identified, ESTIMATE_COLUMNS)
    if table["estimate_id"].duplicated().any():
        raise ValueError("two estimates share an id")
    return table.sort_values("estimate_id", kind="stable", ignore_index=True)


def _plain(vcov: str) -> str:
    return vcov.replace("(", "-").replace(")", "")


def stack_influence(results: Sequence[OutcomeResults]) -> tuple[Text1D, Text1D, Float2D]:
    """Put the influence of all effects on one set of units.

    Returns
    -------
    unit_ids : (n_units,)
        Units of any effect, sorted.
    effect_ids : (n_effects,)
    influence : (n_units, n_effects)
        Scaled to ``n_units``, so that the covariance of the estimates is ``influence' influence /
        n_units^2``; zero for units that an outcome does not have.
    """
    parts = [part for result in results for part in result.effects]
    unit_ids = np.unique(np.concatenate([part.unit_ids for part in parts]))
    blocks = []
    for part in parts:
        block = np.zeros((len(unit_ids), len(part.keys)))
        block[np.searchsorted(unit_ids, part.unit_ids)] = part.influence * (
            len(unit_ids) / len(part.unit_ids)
        )
        blocks.append(block)
    ids = np.array([name for result in results for name in result.effect_ids], dtype=np.str_)
    return unit_ids, ids, np.hstack(blocks)

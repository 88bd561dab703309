"""Rows of the tables of estimates and of cells: effects with their errors, bands and counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D, Int1D
from impacteval.design import CLUSTER_BY_UNIT, Outcome, Plan
from impacteval.designs import Design
from impacteval.effects import EffectKey, Effects, Estimates
from impacteval.estimation import stream
from impacteval.few_treated import randomisation_remark
from impacteval.inference.bands import Computed, Drawn, critical_values, event_study_family
from impacteval.inference.errors import NOT_CLUSTERED, clusters_with, with_errors
from impacteval.panel import Panel
from impacteval.power import minimum_detectable_effect
from impacteval.tables import CELL_COLUMNS, ESTIMATE_COLUMNS, table_of

SUPPORTING = "supporting"
NOT_ESTIMATED = "not_estimated"
HEADLINE_ESTIMANDS = ("simple", "coefficient")
HEADLINE_TERMS = (None, "treated", "assigned")
# With fewer treated units nominal intervals cover far too little to head a report: see docs/methods.md.
FEWEST_FOR_HEADLINE = 5
LOG_RATE = "log rate ratio"
REFUSED = f"fewer than {FEWEST_FOR_HEADLINE} {{}} on one side: no headline, since intervals cover too little"
# As in the notes of small cohorts: with fewer on a side a nominal 95% interval covers below 92%.
FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where effects come from: study, plan, design, outcome and panel."""

    study: str
    seed: int
    plan: Plan
    design: Design
    outcome: Outcome
    panel: Panel

    @property
    def is_primary(self) -> bool:
        """Whether the design gives the headline of the outcome."""
        return self.design.name == (self.outcome.design or self.plan.primary)

    def id_of(self, key: EffectKey) -> str:
        """Id of an effect before an error convention is chosen."""
        return effect_id(self.outcome.name, self.design.name, key)


def effect_id(outcome: str, design: str, key: EffectKey) -> str:
    """Readable, stable id of an effect before an error convention is chosen."""
    parts = [outcome, design, key.estimand]
    for name in ("arm", "term", "subgroup", "cohort", "period", "event_time"):
        value = getattr(key, name)
        if value is not None:
            parts.append(f"{name}={_slug(value)}")
    return ".".join(parts)


def _slug(value: object) -> str:
    """A value without what would cut an id in two or need quotes in a file."""
    return re.sub(r"[^A-Za-z0-9_=:<>+-]+", "_", str(value))


def is_whole(key: EffectKey) -> bool:
    """Whether an effect is that of an arm over all its cohorts and periods."""
    is_average = key.estimand in HEADLINE_ESTIMANDS and key.term in HEADLINE_TERMS
    return is_average and key.arm is not None and key.period is None and key.subgroup is None


def estimate_rows(effects: Effects, origin: Origin) -> list[dict[str, object]]:
    """Rows of ``estimates.csv``, one an effect and error convention of its design."""
    plan, found = origin.plan, _with_every_error(effects, origin)
    critical = _critical_values(found, origin)
    shared = [_keys_of(effects, key, origin) | counts for key, counts in _counted(effects)]
    fewest = _fewest_on_a_side(effects, origin)
    too_few = _too_few_for_headline(effects, origin, fewest)
    rows: list[dict[str, object]] = []
    for position, estimates in enumerate(found):
        mde = minimum_detectable_effect(estimates.std_error, estimates.df, level=plan.level, power=plan.power)
        for j, key in enumerate(effects.keys):
            is_headline = origin.is_primary and position == 0 and is_whole(key) and j not in too_few
            caution = _caution(estimates, j, int(fewest[j]), origin) if j not in too_few else ""
            notes = (estimates.notes[j], caution, too_few.get(j, ""))
            numbers = _numbers_of(estimates, j) | _band_of(estimates, j, critical)
            rows.append(
                {
                    **shared[j],
                    **numbers,
                    "role": origin.outcome.role if is_headline else SUPPORTING,
                    "mde": float(mde[j]),
                    "note": "; ".join(filter(None, notes)),
                }
            )
    return rows


def rows_without_estimate(
    problem: str, study: str, *, plan: Plan, design: Design, outcome: Outcome, subgroup: str = ""
) -> list[dict[str, object]]:
    """One row an arm and error convention for what cannot be estimated, with the reason in its note."""
    is_headline = design.name == (outcome.design or plan.primary) and not subgroup
    within = [f"subgroup={_slug(subgroup)}"] if subgroup else []
    return [
        {
            "estimate_id": ".".join(
                (outcome.name, design.name, NOT_ESTIMATED, f"arm={_slug(arm.name)}", *within)
            ),
            "study": study,
            "outcome": outcome.name,
            "family": outcome.family,
            "role": outcome.role if is_headline and position == 0 else SUPPORTING,
            "estimator": design.estimator,
            "estimand": HEADLINE_ESTIMANDS[0],
            "arm": arm.name,
            "vcov": vcov,
            "scale": outcome.unit,
            "subgroup": subgroup,
            "note": f"not estimated: {problem}",
        }
        for arm in plan.treatment.arms
        for position, vcov in enumerate(design.vcov)
    ]


def _too_few_for_headline(effects: Effects, origin: Origin, fewest: Int1D) -> dict[int, str]:
    """Averages of the primary design with too few on a side, each with what is offered instead."""
    if not origin.is_primary:
        return {}
    return {
        j: f"{REFUSED.format(_counted_in(origin))}; "
        + randomisation_remark(origin.panel, origin.design, key, seed=origin.seed)
        for j, key in enumerate(effects.keys)
        if is_whole(key) and fewest[j] < FEWEST_FOR_HEADLINE
    }


def _fewest_on_a_side(effects: Effects, origin: Origin) -> Int1D:
    """Clusters on the treated or the comparison side, whichever has fewer, (n_effects,)."""
    sides = (effects.treated_side, effects.comparison_side)
    return np.asarray(np.min([clusters_with(side, origin.panel.cluster) for side in sides], axis=0))


def _counted_in(origin: Origin) -> str:
    return "enterprises" if origin.plan.cluster == CLUSTER_BY_UNIT else "clusters"


def _caution(estimates: Estimates, j: int, fewest: int, origin: Origin) -> str:
    """A note on few clusters, for errors by clusters that are known and not noted already."""
    is_known = np.isfinite(estimates.std_error[j]) and estimates.n_clusters[j] != NOT_CLUSTERED
    if not is_known or not 0 < fewest < FEW or "cover too little" in estimates.notes[j]:
        return ""
    return f"{fewest} {_counted_in(origin)} on one side: nominal intervals cover too little"


def _with_every_error(effects: Effects, origin: Origin) -> list[Estimates]:
    plan = origin.plan
    name = plan.panel.unit if plan.cluster == CLUSTER_BY_UNIT else plan.cluster
    return [
        with_errors(effects, vcov, origin.panel.cluster, level=plan.level, cluster_name=name)
        for vcov in origin.design.vcov
    ]


def _critical_values(found: Sequence[Estimates], origin: Origin) -> Float1D:
    """Critical values of simultaneous bands, shared by all conventions with clusters; else NaN."""
    by_cluster = [e for e in found if (e.n_clusters != NOT_CLUSTERED).all()]
    if not by_cluster:
        return np.full(len(found[0].effects.keys) if found else 0, np.nan)
    rng = stream(origin.seed, "bands", origin.design.name, origin.outcome.name)
    quantile = Drawn(origin.plan.draws, rng) if origin.plan.bands == "draws" else Computed()
    return critical_values(by_cluster[0], origin.panel.cluster, event_study_family, quantile)


def _band_of(estimates: Estimates, j: int, critical: Float1D) -> dict[str, object]:
    if estimates.n_clusters[j] == NOT_CLUSTERED:
        return {}
    value, margin = float(estimates.effects.estimate[j]), float(critical[j] * estimates.std_error[j])
    return {"band_low": value - margin, "band_high": value + margin}


def _keys_of(effects: Effects, key: EffectKey, origin: Origin) -> dict[str, object]:
    return {
        "estimate_id": origin.id_of(key),
        "study": origin.study,
        "outcome": origin.outcome.name,
        "family": origin.outcome.family,
        "estimator": effects.estimator,
        "estimand": key.estimand,
        "comparison": effects.comparison,
        "arm": key.arm,
        "term": key.term,
        "scale": LOG_RATE if key.estimand == "rate_ratio" else origin.outcome.unit,
        "subgroup": key.subgroup or "",
        "cohort": key.cohort,
        "period": key.period,
        "event_time": key.event_time,
    }


def _counted(effects: Effects) -> list[tuple[EffectKey, dict[str, object]]]:
    """Keys with the counts that hold under every error convention."""
    n_units = effects.in_sample.sum(axis=0)
    n_treated, n_comparison = effects.n_treated, effects.n_comparison
    return [
        (
            key,
            {
                "n_units": int(n_units[j]),
                "n_treated": int(n_treated[j]),
                "n_comparison": int(n_comparison[j]),
                "n_obs": int(effects.n_obs[j]),
                "baseline_mean": float(effects.baseline_mean[j]),
            },
        )
        for j, key in enumerate(effects.keys)
    ]


def _numbers_of(estimates: Estimates, j: int) -> dict[str, object]:
    n_clusters = int(estimates.n_clusters[j])
    return {
        "vcov": estimates.vcov,
        "estimate": float(estimates.effects.estimate[j]),
        "std_error": float(estimates.std_error[j]),
        "statistic": float(estimates.statistic[j]),
        "df": float(estimates.df[j]),
        "p_value": float(estimates.p_value[j]),
        "conf_low": float(estimates.conf_low[j]),
        "conf_high": float(estimates.conf_high[j]),
        "n_clusters": None if n_clusters == NOT_CLUSTERED else n_clusters,
    }


def cell_rows(effects: Effects, origin: Origin) -> list[dict[str, object]]:
    """Rows of ``cells.csv``: what each comparison of a cohort in a period rests on."""
    if not effects.cells:
        return []
    return [
        {
            "effect_id": origin.id_of(key),
            "study": origin.study,
            "outcome": origin.outcome.name,
            "design": origin.design.name,
            "arm": key.arm,
            "subgroup": key.subgroup or "",
            "cohort": key.cohort,
            "period": key.period,
            "base_period": facts.base_period,
            "n_treated": facts.n_treated,
            "n_comparison": facts.n_comparison,
            "n_treated_dropped": facts.n_treated_dropped,
            "n_comparison_dropped": facts.n_comparison_dropped,
            "n_trimmed": facts.n_trimmed,
            "score_treated_low": facts.score_treated[0],
            "score_treated_high": facts.score_treated[1],
            "score_comparison_low": facts.score_comparison[0],
            "score_comparison_high": facts.score_comparison[1],
            "note": key.note,
        }
        for key, facts in zip(effects.keys, effects.cells, strict=True)
    ]


def estimates_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put rows into the table of estimates: ids made unique by error convention, sorted by id."""
    identified = [{**row, "estimate_id": f"{row['estimate_id']}.{_plain(str(row['vcov']))}"} for row in rows]
    table = table_of(identified, ESTIMATE_COLUMNS)
    if table["estimate_id"].duplicated().any():
        raise ValueError("two estimates share an id")
    return table.sort_values("estimate_id", kind="stable", ignore_index=True)


def cells_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put the ledger of cells into its table, sorted by id."""
    return table_of(list(rows), CELL_COLUMNS).sort_values("effect_id", kind="stable", ignore_index=True)


def _plain(vcov: str) -> str:
    return vcov.replace("(", "-").replace(")", "")

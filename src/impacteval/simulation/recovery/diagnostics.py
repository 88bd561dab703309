"""What a reader of one study could check: trends before, losses, recording, spillovers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.design import Plan
from impacteval.effects import Effects
from impacteval.inference.errors import cluster_covariance
from impacteval.panel import Panel
from impacteval.sensitivity.influence import joint_test
from impacteval.simulation.recovery.contrasts import difference, double_difference
from impacteval.simulation.recovery.studies import DrawnStudy

VALUE, RECORDED, PRACTICES = "ln_va_per_worker", "ln_defect_rate", "mgmt_score"
Row = dict[str, object]


def diagnostic_rows(
    study: DrawnStudy, plan: Plan, panels: Mapping[str, Panel], found: Mapping[str, tuple[Effects, ...]]
) -> Iterator[Row]:
    """Every diagnostic of one study.

    Parameters
    ----------
    found : mapping
        Effects of the primary design by outcome.
    """
    for name, effects in found.items():
        yield from _pretrend(effects[0], panels[name])
    yield from _losses(study, plan)
    yield from _recording(study, plan)
    yield from _exposure(study, plan)


def exposed_comparisons(study: DrawnStudy) -> list[str]:
    """Comparison enterprises that share estate and main buyer with a participant."""
    firms = study.truth.firms
    place = firms["estate"].astype("str") + "/" + firms["lead_buyer"].astype("str")
    treated = (firms["arm"] == "score").to_numpy()
    near = place.isin(set(place[treated])).to_numpy()
    return firms.loc[near & ~treated, "enterprise_id"].tolist()


def _pretrend(cells: Effects, panel: Panel) -> Iterator[Row]:
    """Tests that effects before training are zero; none for an outcome without such periods.

    ``pretrend`` tests all of them together, ``pretrend_before_all`` the mean over cohorts in the last
    period before anyone was trained.
    """
    known = np.isfinite(cells.estimate)
    before = known & np.array([_is_before(k.cohort, k.period) for k in cells.keys])
    if before.any():
        test = joint_test(cells.estimate[before], cells.influence[:, before], panel.cluster)
        yield {"outcome": panel.name, "design": "pretrend", "df": float(test.df), "p_value": test.p_value}
    last = panel.periods[panel.base_column(float(panel.cohort.min()))]
    first = before & np.array([k.period == last for k in cells.keys])
    if first.any():
        size = cells.treated_side.sum(axis=0) * first
        share = size / size.sum()
        estimate, influence = np.nan_to_num(cells.estimate) @ share, np.nan_to_num(cells.influence) @ share
        mean = joint_test(np.array([estimate]), influence[:, None], panel.cluster)
        error = np.sqrt(cluster_covariance(influence[:, None], panel.cluster)[0, 0])
        yield {
            "outcome": panel.name,
            "design": "pretrend_before_all",
            "estimate": float(estimate),
            "std_error": float(error),
            "df": float(mean.df_error),
            "p_value": mean.p_value,
        }


def _is_before(cohort: int | None, period: int | None) -> bool:
    return cohort is not None and period is not None and period < cohort


def _losses(study: DrawnStudy, plan: Plan) -> Iterator[Row]:
    """Losses by arm, and whether participants who are lost had changed otherwise than others who are."""
    wide, treated = _wide(study, VALUE, plan)
    first, second, last = plan.panel.periods[1], plan.panel.periods[2], plan.panel.periods[-1]
    met = study.panel[study.panel["period"] == last]["unit"]
    lost = ~wide.index.isin(met)
    yield {"design": "attrition_rate", **difference(lost.astype(float), treated, ~treated)}
    change = (wide[second] - wide[first]).to_numpy()
    yield {
        "outcome": VALUE,
        "design": "attrition_change",
        **double_difference(change, (treated & lost, treated & ~lost, ~treated & lost, ~treated & ~lost)),
    }


def _recording(study: DrawnStudy, plan: Plan) -> Iterator[Row]:
    """Whether participants began to record more often, and new recorders among them differ more from old."""
    wide, treated = _wide(study, RECORDED, plan)
    first, last = plan.panel.periods[1], plan.panel.periods[-1]
    met = [set(study.panel.loc[study.panel["period"] == p, "unit"]) for p in (first, last)]
    both = wide.index.isin(list(met[0] & met[1]))
    known_first, known_last = wide[first].notna().to_numpy(), wide[last].notna().to_numpy()
    change = np.where(both, known_last.astype(float) - known_first, np.nan)
    yield {"outcome": RECORDED, "design": "recording_change", **difference(change, treated, ~treated)}
    new, old = known_last & ~known_first, known_last & known_first
    yield {
        "outcome": RECORDED,
        "design": "recording_level",
        **double_difference(
            wide[last].to_numpy(), (treated & new, treated & old, ~treated & new, ~treated & old)
        ),
    }


def _exposure(study: DrawnStudy, plan: Plan) -> Iterator[Row]:
    """Whether comparison enterprises near participants changed their practices more than others."""
    wide, treated = _wide(study, PRACTICES, plan)
    exposed = wide.index.isin(exposed_comparisons(study))
    change = (wide[plan.panel.periods[-1]] - wide[plan.panel.periods[1]]).to_numpy()
    yield {
        "outcome": PRACTICES,
        "design": "spillover",
        **difference(change, ~treated & exposed, ~treated & ~exposed),
    }


def _wide(study: DrawnStudy, outcome: str, plan: Plan) -> tuple[pd.DataFrame, Bool1D]:
    """An outcome by enterprise and period, and which enterprises participate."""
    wide = study.panel.pivot(index="unit", columns="period", values=outcome)
    wide = wide.reindex(columns=list(plan.panel.periods)).astype("float64")
    arm = study.panel.drop_duplicates("unit").set_index("unit")["arm"].reindex(wide.index)
    return wide, (arm != plan.treatment.comparison.name).to_numpy()

"""Rows of results of the R package fixest: which effect and error each is, and why some have none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scipy import stats

from impacteval.designs import EventStudy, SunAbraham, TwoWayFixedEffects, Vcov
from impacteval.effects import EffectKey, Effects
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel
from support.golden import options_of

CLUSTERED: dict[str, Vcov] = {
    "": "cr1_nested",
    "K.fixef=full": "cr1_counted",
    "K.adj=FALSE,G.adj=FALSE": "cr0",
}
BY_ROW: dict[str, Vcov] = {"iid": "classical", "hetero": "hc1"}
OF_EVENT_TIME = re.compile(r"^(?:rel_|year)::(-?\d+)$")
OF_COHORT = re.compile(r"^cohort::(\d+)$")
OF_CELL = re.compile(r"^year::(-?\d+):cohort::(\d+)$")


def why_left_out(row: Mapping[str, str]) -> str:
    """Why a row of regressions has no counterpart here; empty where it is compared."""
    options = options_of(row)
    if row["estimator"] == "feols_fd":
        return "first differences are not offered"
    if row["estimator"] in {"did2s", "did_imputation"}:
        return "compared with the two-stage and imputation estimators"
    if options["vcov"].startswith("twoway"):
        return "errors clustered by unit and period are not offered"
    if options.get("ssc") == "K.fixef=none":
        return "no convention here leaves out the period effects"
    if re.match(r"^year::\d+:l(emp0|pop)$", row["term"]):
        return "coefficients of covariates are not reported"
    return ""


def cluster_of(row: Mapping[str, str]) -> str:
    """The column that a row's errors are clustered by; empty for errors by row."""
    return options_of(row)["vcov"].partition(":")[2]


def covariates_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """The covariate by period of a row's formula, if any."""
    return tuple(re.findall(r"i\(year, (\w+),", options_of(row)["fml"]))


def fixest_effects(panel: Panel, estimator: str, covariates_by_period: tuple[str, ...] = ()) -> Effects:
    """Effects of the regression of a row."""
    match estimator:
        case "feols_twfe":
            return two_way_fixed_effects(
                panel, TwoWayFixedEffects(name="twfe", covariates_by_period=covariates_by_period)
            )
        case "feols_eventstudy":
            return event_study(panel, EventStudy(name="es", covariates_by_period=covariates_by_period))
        case _:
            return sun_abraham(panel, SunAbraham(name="sa", covariates_by_period=covariates_by_period))


def position_of(row: Mapping[str, str], keys: tuple[EffectKey, ...]) -> int:
    """Which effect a row is about."""
    if row["estimator"] == "feols_fe":
        return next(j for j, k in enumerate(keys) if k.term == row["term"])
    return next(j for j, k in enumerate(keys) if (k.estimand, k.cohort, k.event_time) == _wanted(row["term"]))


def _wanted(term: str) -> tuple[str, int | None, int | None]:
    if found := OF_EVENT_TIME.match(term):
        return ("event_time", None, int(found[1]))
    if found := OF_COHORT.match(term):
        return ("cohort", int(found[1]), None)
    if found := OF_CELL.match(term):
        return ("att_gt", int(found[2]), int(found[1]))
    return {"treat_": ("coefficient", None, None), "ATT": ("simple", None, None)}[term]


def numbers_of(row: Mapping[str, str], effects: Effects, panel: Panel) -> list[tuple[str, float, float]]:
    """Name, our value and fixest's value of all that a row holds."""
    options = options_of(row)
    vcov = BY_ROW.get(options["vcov"]) or CLUSTERED[options.get("ssc", "")]
    found = with_errors(effects, vcov, panel.cluster)
    j = position_of(row, effects.keys)
    ours = {
        "estimate": effects.estimate[j],
        "std_error": found.std_error[j],
        "ci_low": found.conf_low[j],
        "ci_high": found.conf_high[j],
        "p_value": found.p_value[j],
        "crit_val": stats.t.ppf(0.975, found.df[j]),
    }
    pairs = [(name, float(value), float(row[name])) for name, value in ours.items() if row[name]]
    n_obs, df = map(int, re.search(r"nobs=(\d+); t df=(\d+)", row["note"]).groups())  # type: ignore[union-attr]
    return [*pairs, ("n_obs", float(effects.n_obs[j]), n_obs), ("df", float(found.df[j]), df)]

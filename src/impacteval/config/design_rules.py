"""What a design of a plan may not say, and which designs cannot head a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from impacteval.config.folder import StudyFolder
from impacteval.design import Outcome, Plan
from impacteval.designs import (
    Ancova,
    CallawaySantAnna,
    Design,
    Dose,
    EventStudy,
    ExtendedTwoWay,
    Imputation,
    Stacked,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoWayFixedEffects,
)
from impacteval.errors import nearest


def wrong_designs(folder: StudyFolder) -> Iterator[str]:
    """Everything that is wrong with the designs of a plan."""
    outcomes = [o.name for o in folder.outcomes]
    for design in folder.plan.designs:
        yield from (
            f"plan.yaml: {design.name}: outcome {o!r} is not in outcomes.csv; {nearest(o, outcomes)}"
            for o in design.outcomes
            if o not in outcomes
        )
        if not design.vcov:
            yield f"plan.yaml: {design.name}: vcov is empty; name at least one"
        for rule in RULES:
            problem = rule(design, folder.plan)
            if problem:
                yield f"plan.yaml: {design.name}: {problem}"


def wrong_headline(plan: Plan, design: Design, outcome: Outcome) -> Iterator[str]:
    """Why a design cannot give the headline of an outcome."""
    where = f"plan.yaml: {design.name!r} cannot be the headline of {outcome.name}"
    if isinstance(design, Ancova) and plan.assignment != "random":
        yield (
            f"{where}: an ANCOVA is one only under random assignment, and assignment is {plan.assignment!r}; "
            "choose a difference-in-differences design"
        )
    if design.outcomes and outcome.name not in design.outcomes:
        yield (
            f"{where}: it does not cover it; add it to the design's outcomes or name its design in "
            "outcomes.csv"
        )
    if not _gives_one_effect(design):
        yield f"{where}: it gives no single effect an arm; choose another"


def _gives_one_effect(design: Design) -> bool:
    match design:
        case EventStudy() | TripleDifference() | Dose():
            return False
        case Ancova():
            return not design.by_period
        case TwoWayFixedEffects():
            return not design.regressors and not design.dose
        case Stacked() | Synthetic():
            return True
    return "simple" in design.averages


def _anticipation(design: Design, plan: Plan) -> str:
    periods = getattr(design, "anticipation", 0)
    return f"anticipation {periods}: 0 or more" if periods < 0 else ""


def _scores(design: Design, plan: Plan) -> str:
    if isinstance(design, TwoByTwo | CallawaySantAnna) and not 0 < design.highest_score <= 1:
        return f"highest_score {design.highest_score}: above 0 and at most 1"
    return ""


def _balance(design: Design, plan: Plan) -> str:
    if isinstance(design, CallawaySantAnna) and (design.balance_event_time or 0) < 0:
        return f"balance_event_time {design.balance_event_time}: 0 or more"
    return ""


def _regressors(design: Design, plan: Plan) -> str:
    if not isinstance(design, TwoWayFixedEffects):
        return ""
    if design.regressors and design.dose:
        return "either `regressors` or `dose`, not both"
    if not (design.period_effects or design.regressors):
        return "period_effects is false only where `regressors` are named"
    return ""


def _windows(design: Design, plan: Plan) -> str:
    if isinstance(design, Imputation) and design.pretrend_periods < 0:
        return f"pretrend_periods {design.pretrend_periods}: 0 (all) or more"
    if isinstance(design, Stacked) and (design.periods_before < 1 or design.periods_after < 0):
        return "periods_before is 1 or more, periods_after 0 or more"
    return ""


def _counts(design: Design, plan: Plan) -> str:
    if not isinstance(design, ExtendedTwoWay):
        return ""
    if design.exposure and design.model != "poisson":
        return "exposure goes with `model: poisson` only"
    unfit = sorted(set(design.vcov) - {"cr0", "cr1_groups"})
    if design.model == "poisson" and unfit:
        return f"vcov {', '.join(unfit)}: a Poisson model has cr0 and cr1_groups"
    return ""


def _draws(design: Design, plan: Plan) -> str:
    if not isinstance(design, Synthetic):
        return ""
    if plan.weight:
        return "synthetic difference-in-differences takes no sampling weights; take it or `weight` out"
    return f"replications {design.replications}: 2 or more" if design.replications < 2 else ""


def _columns(design: Design, plan: Plan) -> str:
    if isinstance(design, Dose) and not design.dose:
        return "dose: name the column"
    if isinstance(design, Dose) and (
        list(design.cuts) != sorted(set(design.cuts)) or min(design.cuts, default=1) <= 0
    ):
        return f"cuts {list(design.cuts)}: above 0, rising, none twice"
    if isinstance(design, TripleDifference) and not design.subgroup:
        return "subgroup: name the column"
    return ""


RULES: tuple[Callable[[Design, Plan], str], ...] = (
    _anticipation,
    _scores,
    _balance,
    _regressors,
    _windows,
    _counts,
    _draws,
    _columns,
)

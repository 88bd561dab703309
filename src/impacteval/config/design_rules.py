"""What a design of a plan may not say, and which designs cannot head a report."""

from __future__ import annotations

from collections.abc import Iterator

from impacteval.config.folder import StudyFolder
from impacteval.design import Outcome, Plan
from impacteval.designs import (
    Ancova,
    Design,
    Dose,
    EventStudy,
    Stacked,
    Synthetic,
    TripleDifference,
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
        if isinstance(design, Synthetic) and folder.plan.weight:
            yield (
                f"plan.yaml: {design.name}: synthetic difference-in-differences takes no sampling weights; "
                "take it or `weight` out"
            )


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

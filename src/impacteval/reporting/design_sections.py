"""The section of a report that says how effects are identified."""

from __future__ import annotations

from impacteval.designs import (
    VCOV_LABELS,
    Ancova,
    CallawaySantAnna,
    Design,
    Dose,
    EventStudy,
    ExtendedTwoWay,
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoStage,
    TwoWayFixedEffects,
)
from impacteval.reporting.content import Facts, Parts, Table, number_cell, text_cell
from impacteval.reporting.numbers import EMPTY, count, is_known
from impacteval.reporting.sentences import cluster_label
from impacteval.tables import records

ESTIMATOR_LABELS = {
    "drdid": "Two-by-two difference-in-differences",
    "callaway_santanna": "Group-time effects (Callaway and Sant'Anna)",
    "twfe": "Two-way fixed effects",
    "event_study_twfe": "Event study, two-way fixed effects",
    "sun_abraham": "Event study by cohort (Sun and Abraham)",
    "imputation": "Imputation (Borusyak, Jaravel and Spiess)",
    "two_stage": "Two-stage (Gardner)",
    "etwfe": "Extended two-way fixed effects (Wooldridge)",
    "stacked": "Stacked difference-in-differences",
    "synthetic": "Synthetic difference-in-differences",
    "dose": "Effect by dose",
    "ancova": "Analysis of covariance",
    "triple_difference": "Triple difference",
}
NEVER_TREATED = "never-treated enterprises"
UNTREATED_ROWS = "all rows not yet treated"
OTHER_ROWS = "all other rows"
TREATED_ROWS_TOO = f"{OTHER_ROWS}, also of enterprises already treated"
TREATED_LAST = "the enterprises treated last"


def design_parts(facts: Facts) -> Parts:
    """The assumption, the designs of the plan, and who is treated when."""
    return (facts.plan.identification, _designs(facts), _exposure(facts))


def _designs(facts: Facts) -> Table:
    headline = {o.design or facts.plan.primary for o in facts.outcomes}
    rows = tuple(
        (
            text_cell(d.label),
            text_cell(ESTIMATOR_LABELS[d.estimator]),
            text_cell(compared_with(facts, d)),
            text_cell(given(facts, d)),
            text_cell("; ".join(VCOV_LABELS[v] for v in d.vcov)),
            text_cell("headline" if d.name in headline else "supporting"),
        )
        for d in facts.plan.designs
    )
    return Table(
        name="designs",
        caption="Designs of the plan",
        header=("Design", "Estimator", "Compared with", "Given", "Errors", "Use"),
        rows=rows,
        note=(
            f"Clusters: {cluster_label(facts)}. Given: what effects are adjusted for, beside enterprises and "
            "periods."
        ),
    )


def compared_with(facts: Facts, design: Design) -> str:
    """Name the enterprises or rows that a design sets treated ones against."""
    match design:
        case Imputation() | TwoStage():
            return UNTREATED_ROWS
        case ExtendedTwoWay():
            return NEVER_TREATED if design.control_group == "never_treated" else UNTREATED_ROWS
        case TwoWayFixedEffects() | EventStudy() | TripleDifference():
            return TREATED_ROWS_TOO if _is_staggered(facts) else OTHER_ROWS
        case SunAbraham():
            return NEVER_TREATED if design.control_group == "never_treated" else TREATED_LAST
        case Synthetic():
            return f"{NEVER_TREATED}, weighted"
        case Ancova():
            return facts.arm_label(facts.plan.treatment.comparison.name)
    return _control_group(design)


def _control_group(design: TwoByTwo | CallawaySantAnna | Dose | Stacked) -> str:
    if design.control_group == "never_treated":
        return NEVER_TREATED
    when = "the window of a cohort" if isinstance(design, Stacked) else "either period of a comparison"
    return f"enterprises not yet treated in {when}"


def _is_staggered(facts: Facts) -> bool:
    return bool(facts.tables["exposure"]["first_treat"].nunique() > 1)


def given(facts: Facts, design: Design) -> str:
    """Name what a design adjusts for; a dash where it adjusts for nothing."""
    label = facts.variable_label
    said = [label(name) for name in getattr(design, "covariates", ())]
    said += [f"{label(name)}, by period" for name in getattr(design, "covariates_by_period", ())]
    said += [f"effects of {label(name)} by period" for name in getattr(design, "effects_by_period", ())]
    match design:
        case TwoWayFixedEffects() if design.regressors:
            said.append("its own regressors: " + ", ".join(label(name) for name in design.regressors))
        case ExtendedTwoWay() if design.exposure:
            said.append(f"{label(design.exposure)} as exposure")
        case Ancova() if design.baseline == "own":
            said.append("the outcome before treatment")
    return "; ".join(said) or EMPTY


def _exposure(facts: Facts) -> Table:
    label_of = facts.plan.panel.label_of
    return Table(
        name="exposure",
        caption="Enterprises by arm and first treated period",
        header=(
            "Arm",
            f"First treated ({facts.plan.panel.period_name.lower()})",
            "Enterprises",
            "Periods treated",
        ),
        rows=tuple(
            (
                text_cell(facts.arm_label(r.arm)),
                text_cell(label_of(int(r.first_treat)) if is_known(r.first_treat) else "never"),
                number_cell(count(r.n_units)),
                number_cell(count(r.n_periods_treated)),
            )
            for r in records(facts.tables["exposure"])
        ),
    )

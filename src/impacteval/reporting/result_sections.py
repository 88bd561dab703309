"""The sections of a report about its findings: effects, and what would overturn them."""

from __future__ import annotations

from collections.abc import Mapping

from impacteval.designs import CallawaySantAnna, TwoByTwo
from impacteval.reporting.comparison_tables import cells_table, crosscheck_table, subgroups_table
from impacteval.reporting.content import (
    Cell,
    Facts,
    Figure,
    Part,
    Parts,
    Table,
    effect_unit,
    number_cell,
    text_cell,
)
from impacteval.reporting.event_studies import design_of
from impacteval.reporting.family_sections import families_sentence
from impacteval.reporting.numbers import (
    count,
    decimals_for,
    fixed,
    interval,
    is_known,
    p_value,
    percent,
    share,
)
from impacteval.reporting.sentences import (
    NO_EVENT_STUDY,
    error_label,
    has_event_study,
    headline_sentences,
    pretrend_sentence,
    pretrend_tests,
    specification_sentence,
)
from impacteval.reporting.specifications import errors_legend
from impacteval.tables import records

# Columns of estimates that hold p-values adjusted for the number of outcomes, and their headers.
ADJUSTED = {"p_adjusted": "p-value, adjusted", "q_value": "q-value"}
OTHERS_IN_FILES = (
    "For the outcomes that have a section of their own; the same for all others stands in "
    "tables/sensitivity.csv, specifications.csv, crosscheck.csv and bounds.csv."
)
ROWS_OF_PAIRS = (
    " Rows: both rows of each comparison of two periods, so that an enterprise counts once for each "
    "comparison that it is in."
)


def findings_parts(facts: Facts) -> Parts:
    """The headline estimates, as sentences and as a table."""
    primary = [o for o in facts.told if o.role == "primary"]
    others = [o for o in facts.told if o.role == "secondary"]
    named = "Primary outcomes" if len(primary) > 1 else "Primary outcome"
    parts: list[Part] = []
    for label, part in ((named, primary), ("Secondary outcomes", others)):
        if part:
            parts += [f"{label}:", headline_sentences(facts, [o.name for o in part])]
    if facts.tabled:
        parts.append(families_sentence(facts))
    return (*parts, _headline_table(facts))


def _headline_table(facts: Facts) -> Table:
    rows = []
    headlines = facts.of_told(facts.headlines)
    adjusted = [name for name in ADJUSTED if headlines[name].notna().any()]
    for _, r in headlines.iterrows():
        outcome, d, source = facts.outcome(r["outcome"]), decimals_for(r["std_error"]), str(r["estimate_id"])
        rows.append(
            (
                text_cell(f"{outcome.label}, {effect_unit(outcome)}"),
                text_cell(facts.arm_label(r["arm"])),
                number_cell(fixed(r["estimate"], d), source),
                number_cell(fixed(r["std_error"], d), source),
                number_cell(interval(r["conf_low"], r["conf_high"], d), source),
                number_cell(p_value(r["p_value"]), source),
                *(number_cell(p_value(r[name]), source) for name in adjusted),
                number_cell(fixed(r["mde"], d), source),
                number_cell(fixed(r["baseline_mean"], d), source),
                number_cell(f"{count(r['n_treated'])} / {count(r['n_comparison'])}", source),
                number_cell(count(r["n_obs"]), source),
                number_cell(count(r["n_clusters"]), source),
            )
        )
    errors = sorted({error_label(facts, v) for v in headlines["vcov"]})
    designs = [facts.design(design_of(str(i))) for i in headlines["estimate_id"]]
    has_pairs = any(isinstance(design, TwoByTwo | CallawaySantAnna) for design in designs)
    return Table(
        name="headline",
        caption="Headline estimates",
        header=(
            "Outcome, unit",
            "Arm",
            "Effect",
            "Standard error",
            f"{facts.level_text} interval",
            "p-value",
            *(ADJUSTED[name] for name in adjusted),
            "Smallest detectable effect",
            "Mean of the arm before",
            "Enterprises, arm / comparison",
            "Rows",
            "Clusters",
        ),
        rows=tuple(rows),
        note=(
            f"Errors: {'; '.join(errors)}. Intervals and p-values are for one estimate at a time, not "
            f"adjusted for the number of outcomes{', but for the adjusted ones' if adjusted else ''}. "
            "The smallest detectable effect is that which a test at "
            f"the {percent(1 - facts.plan.level)} level finds with a probability of at least "
            f"{percent(facts.plan.power)}. It uses the error found here; the table of what the study could "
            "have seen uses what was known before. Mean of the arm before: each cohort in its own base "
            "period." + (ROWS_OF_PAIRS if has_pairs else "")
        ),
    )


def results_parts(facts: Facts, figures: Mapping[str, Figure], outcome_name: str) -> Parts:
    """All there is on one outcome."""
    names = (f"means_{outcome_name}", f"event_study_{outcome_name}", f"specifications_{outcome_name}")
    return (
        headline_sentences(facts, [outcome_name]),
        *(figures[name] for name in names if name in figures),
        *subgroups_table(facts, outcome_name),
        _all_estimates(facts, outcome_name),
        *cells_table(facts, outcome_name),
    )


def _all_estimates(facts: Facts, outcome_name: str) -> Table:
    table = facts.tables["estimates"]
    mine = table[table["outcome"] == outcome_name]
    labels = {d.name: d.label for d in facts.plan.designs}
    rows = []
    for r in records(mine):
        d = decimals_for(r.std_error)
        rows.append(
            (
                Cell(text=r.estimate_id, source=r.estimate_id),
                text_cell(labels[r.estimate_id.split(".")[1]]),
                text_cell(r.vcov),
                number_cell(fixed(r.estimate, d), r.estimate_id),
                number_cell(fixed(r.std_error, d), r.estimate_id),
                number_cell(interval(r.conf_low, r.conf_high, d), r.estimate_id),
                number_cell(p_value(r.p_value), r.estimate_id),
                number_cell(count(r.n_units), r.estimate_id),
                number_cell(count(r.n_obs), r.estimate_id),
                text_cell(r.note),
            )
        )
    outcome = facts.outcome(outcome_name)
    return Table(
        name=f"estimates-{outcome_name}",
        caption=f"{outcome.label}: every estimate of the plan ({effect_unit(outcome)})",
        header=(
            "Estimate id",
            "Design",
            "Errors",
            "Estimate",
            "Standard error",
            f"{facts.level_text} interval",
            "p-value",
            "Enterprises",
            "Rows",
            "Note",
        ),
        rows=tuple(rows),
        note=(
            "Full precision stands in tables/estimates.csv under the same id. " + errors_legend(mine["vcov"])
        ),
        is_folded=True,
    )


def sensitivity_parts(facts: Facts) -> Parts:
    """Pre-trends, specifications, single enterprises and attrition bounds."""
    table = facts.of_told(facts.tables["sensitivity"])
    left_out = table[table["measure"] == "leave_one_out"]
    flips = table[table["measure"] == "fewest_to_flip_sign"].set_index(["outcome", "arm"])
    rows = []
    for r in records(left_out):
        outcome = facts.outcome(r.outcome)
        errors = facts.headlines.set_index(["outcome", "arm"])["std_error"]
        d = decimals_for(errors[r.outcome, r.arm])
        fewest = flips.loc[(r.outcome, r.arm)]
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
                number_cell(fixed(r.value, d)),
                number_cell(interval(r.low, r.high, d) if is_known(r.low) else r.note),
                number_cell(count(fewest["value"]) if is_known(fewest["value"]) else str(fewest["note"])),
            )
        )
    return (
        *((OTHERS_IN_FILES,) if facts.tabled else ()),
        "Before treatment, did arms already move apart?",
        _pretrends(facts),
        "Would another defensible choice have changed the answer?",
        tuple(specification_sentence(facts, row) for _, row in facts.of_told(facts.headlines).iterrows()),
        Table(
            name="influence",
            caption="How much single enterprises matter",
            header=(
                "Outcome",
                "Arm",
                "Effect",
                "Range when any one enterprise is left out",
                "Fewest enterprises whose removal turns the sign",
            ),
            rows=tuple(rows),
            note="First-order approximations from influence functions (Broderick, Giordano and Meager 2020).",
        ),
        "Do other estimators, and other software, say the same?",
        crosscheck_table(facts),
        _bounds_table(facts),
    )


def _pretrends(facts: Facts) -> Part:
    if not has_event_study(facts):
        return NO_EVENT_STUDY
    pretrends = facts.of_told(pretrend_tests(facts))
    if pretrends.empty:
        return "Not defined: no event study of the plan could be estimated."
    return tuple(pretrend_sentence(facts, row) for _, row in pretrends.iterrows())


def _bounds_table(facts: Facts) -> Table:
    rows = []
    unbounded: list[str] = []
    errors = facts.headlines.set_index(["outcome", "arm"])["std_error"]
    for r in records(facts.of_told(facts.tables["bounds"])):
        if not is_known(r.lower):
            unbounded.append(f"{facts.outcome(r.outcome).label}, {facts.arm_label(r.arm)}: {r.note}")
            continue
        outcome = facts.outcome(r.outcome)
        d = decimals_for(errors.get((r.outcome, r.arm)))
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
                text_cell(facts.plan.panel.label_of(int(r.cohort))),
                text_cell(facts.plan.panel.label_of(int(r.period))),
                number_cell(share(r.share_observed_treated)),
                number_cell(share(r.share_observed_comparison)),
                number_cell(interval(r.lower, r.upper, d)),
            )
        )
    return Table(
        name="bounds",
        caption="Bounds on the change since the base period if treatment changed who is observed",
        header=(
            "Outcome",
            "Arm",
            "First treated in",
            facts.plan.panel.period_name,
            "Observed, arm",
            "Observed, comparison",
            "Lower to upper bound",
        ),
        rows=tuple(rows),
        note=(
            "Lee (2009): the side observed more often is trimmed. "
            "Bounds of the estimate, without sampling error."
            + "".join(f" {text}." for text in dict.fromkeys(unbounded))
        ),
        is_folded=True,
    )

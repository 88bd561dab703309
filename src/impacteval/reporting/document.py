"""The report of a study, section by section, from its finished tables."""

from __future__ import annotations

from collections.abc import Mapping

from impacteval.design import VCOV_LABELS, TwoByTwo
from impacteval.reporting.content import Cell, Facts, Figure, Section, Table, number_cell, text_cell
from impacteval.reporting.exhibits import level_text
from impacteval.reporting.numbers import EMPTY, count, decimals_for, fixed, interval, is_known, p_value, share
from impacteval.reporting.sentences import (
    cluster_label,
    error_label,
    headline_sentence,
    pretrend_sentence,
    specification_sentence,
)
from impacteval.tables import records

ESTIMATOR_LABELS = {
    "drdid": "Two-by-two difference-in-differences",
    "twfe": "Two-way fixed effects",
    "event_study_twfe": "Event study, two-way fixed effects",
    "ancova": "Analysis of covariance",
}
ASSIGNMENT_LABELS = {
    "random": "at random",
    "voluntary": "by the enterprises' own choice",
    "administrative": "by a rule of the administration",
}
Parts = tuple[str | tuple[str, ...] | Table | Figure, ...]


def sections_of(
    facts: Facts, figures: Mapping[str, Figure], record: Mapping[str, object]
) -> tuple[Section, ...]:
    """Build all sections of the report.

    Parameters
    ----------
    facts : Facts
    figures : mapping
        Drawn figures by name.
    record : mapping
        Inputs of the run: files, digests and versions.
    """
    return (
        Section(name="findings", title="What was found", parts=_findings(facts)),
        Section(name="question", title="Question and programme", parts=_question(facts)),
        Section(name="design", title="How effects are identified", parts=_design(facts)),
        Section(name="sample", title="Who is compared", parts=_sample(facts, figures)),
        Section(name="quality", title="How good the data are", parts=_quality(facts)),
        Section(name="power", title="What the study could have seen", parts=_power(facts)),
        *(
            Section(
                name=f"outcome-{o.name}", title=f"Results: {o.label}", parts=_results(facts, figures, o.name)
            )
            for o in facts.outcomes
        ),
        Section(name="sensitivity", title="What would overturn the findings", parts=_sensitivity(facts)),
        Section(name="limitations", title="Limitations", parts=_limitations(facts)),
        Section(name="statements", title="Statements", parts=_statements(facts)),
        Section(name="rerun", title="How to run it again", parts=_rerun(facts)),
        Section(name="manifest", title="What this report was made from", parts=_manifest(record)),
    )


def _findings(facts: Facts) -> Parts:
    rows = facts.headlines
    primary = rows[rows["role"] == "primary"]
    others = rows[rows["role"] == "secondary"]
    parts: list[str | tuple[str, ...] | Table | Figure] = []
    for label, part in (("Primary outcome", primary), ("Secondary outcomes", others)):
        if len(part):
            parts += [f"{label}:", tuple(headline_sentence(facts, row) for _, row in part.iterrows())]
    return (*parts, _headline_table(facts))


def _headline_table(facts: Facts) -> Table:
    rows = []
    for _, r in facts.headlines.iterrows():
        outcome, d, source = facts.outcome(r["outcome"]), decimals_for(r["std_error"]), str(r["estimate_id"])
        rows.append(
            (
                text_cell(f"{outcome.label}, {outcome.unit}"),
                text_cell(facts.arm_label(r["arm"])),
                number_cell(fixed(r["estimate"], d), source),
                number_cell(fixed(r["std_error"], d), source),
                number_cell(interval(r["conf_low"], r["conf_high"], d), source),
                number_cell(p_value(r["p_value"]), source),
                number_cell(fixed(r["mde"], d), source),
                number_cell(fixed(r["baseline_mean"], d), source),
                number_cell(f"{count(r['n_treated'])} / {count(r['n_comparison'])}", source),
                number_cell(count(r["n_obs"]), source),
                number_cell(count(r["n_clusters"]), source),
            )
        )
    errors = sorted({error_label(facts, v) for v in facts.headlines["vcov"]})
    return Table(
        name="headline",
        caption="Headline estimates",
        header=(
            "Outcome, unit",
            "Arm",
            "Effect",
            "Standard error",
            f"{level_text(facts)} interval",
            "p-value",
            "Smallest detectable effect",
            "Mean of the arm before",
            "Enterprises, arm / comparison",
            "Rows",
            "Clusters",
        ),
        rows=tuple(rows),
        note=(
            f"Errors: {'; '.join(errors)}. Intervals and p-values are for one estimate at a time, not adjusted for the "
            f"number of outcomes. The smallest detectable effect is that which a test at this level finds with "
            f"a probability of {share(facts.plan.power).replace('.0%', '%')}."
        ),
    )


def _question(facts: Facts) -> Parts:
    return (
        facts.study.question,
        facts.study.programme,
        f"Setting: {facts.study.setting}.",
        f"Assignment was {ASSIGNMENT_LABELS[facts.plan.assignment]}. {facts.plan.assignment_note}",
    )


def _design(facts: Facts) -> Parts:
    rows = tuple(
        (
            text_cell(d.label),
            text_cell(ESTIMATOR_LABELS[d.estimator]),
            text_cell(
                d.control_group.replace("_", "-") + " enterprises"
                if isinstance(d, TwoByTwo)
                else facts.arm_label(facts.plan.treatment.comparison.name)
            ),
            text_cell("; ".join(VCOV_LABELS[v] for v in d.vcov)),
            text_cell("headline" if d.name in _headline_designs(facts) else "supporting"),
        )
        for d in facts.plan.designs
    )
    exposure = tuple(
        (
            text_cell(facts.arm_label(r.arm)),
            text_cell(facts.plan.panel.label_of(int(r.first_treat)) if is_known(r.first_treat) else "never"),
            number_cell(count(r.n_units)),
            number_cell(count(r.n_periods_treated)),
        )
        for r in records(facts.tables["exposure"])
    )
    return (
        facts.plan.identification,
        Table(
            name="designs",
            caption="Designs of the plan",
            header=("Design", "Estimator", "Compared with", "Errors", "Use"),
            rows=rows,
            note=f"Clusters: {cluster_label(facts)}.",
        ),
        Table(
            name="exposure",
            caption="Enterprises by arm and first treated period",
            header=(
                "Arm",
                f"First treated ({facts.plan.panel.period_name.lower()})",
                "Enterprises",
                "Periods treated",
            ),
            rows=exposure,
        ),
    )


def _headline_designs(facts: Facts) -> set[str]:
    return {o.design or facts.plan.primary for o in facts.outcomes}


def _sample(facts: Facts, figures: Mapping[str, Figure]) -> Parts:
    return tuple(figures[name] for name in ("flow", "balance", "attrition") if name in figures)


def _quality(facts: Facts) -> Parts:
    findings, checks = facts.findings, facts.checks
    n_open = int((findings["status"] == "open").sum())
    said = (
        f"{count(len(checks))} checks were run on the raw and on the corrected data. {count(len(facts.corrections))} "
        f"corrections were applied from the log; raw files are never changed. No error is open; {count(n_open)} "
        "warnings are."
    )
    by_check = checks[(checks["n_open"] > 0) | (checks["n_corrected"] > 0)]
    warned = Table(
        name="findings",
        caption="Checks with findings",
        header=("Check", "Severity", "What it says", "Open", "Corrected"),
        rows=tuple(
            (
                text_cell(r.check_id),
                text_cell(r.severity),
                text_cell(r.message),
                number_cell(count(r.n_open)),
                number_cell(count(r.n_corrected)),
            )
            for r in records(by_check)
        ),
        note="Each finding with its file, row and value is in validation/findings.csv.",
    )
    read = Table(
        name="read",
        caption="Columns read from the raw files",
        header=("Column", "Table", "Type", "Rows", "Values", "Empty", "Missing by code", "Unreadable"),
        rows=tuple(
            (
                text_cell(r.column),
                text_cell(r.table),
                text_cell(r.type),
                number_cell(count(r.n_rows)),
                number_cell(count(r.n_values)),
                number_cell(count(r.n_empty)),
                number_cell(count(r.n_missing_code + r.n_extended_missing)),
                number_cell(count(r.n_unreadable)),
            )
            for r in records(facts.read)
        ),
        is_folded=True,
    )
    return (said, *((warned,) if len(by_check) else ()), read)


def _power(facts: Facts) -> Parts:
    power = share(facts.plan.power).replace(".0%", "%")
    rows = []
    for r in records(facts.tables["power"]):
        outcome, d = facts.outcome(r.outcome), decimals_for(r.mde_did)
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
                text_cell(outcome.unit),
                number_cell(fixed(r.sd_baseline, d)),
                number_cell(fixed(r.autocorrelation, 2)),
                number_cell(fixed(r.mde_post, d)),
                number_cell(fixed(r.mde_did, d)),
                number_cell(fixed(r.mde_ancova, d)),
                number_cell(f"{count(r.n_treated)} / {count(r.n_comparison)}"),
            )
        )
    return (
        f"The smallest effects that a test at the {level_text(facts)} level would find with a probability of {power}, "
        "from the spread of outcomes before treatment and their correlation over time in the comparison group, "
        "before any effect is looked at. Effects smaller than these can be there and go unseen.",
        Table(
            name="power",
            caption="Smallest detectable effects by design",
            header=(
                "Outcome",
                "Arm",
                "Unit",
                "Standard deviation before",
                "Autocorrelation",
                "Means after",
                "Difference-in-differences",
                "ANCOVA",
                "Enterprises, arm / comparison",
            ),
            rows=tuple(rows),
            note="McKenzie (2012), equal variances in all periods, all interviews taking place. A dash: no values before treatment.",
        ),
    )


def _results(facts: Facts, figures: Mapping[str, Figure], outcome_name: str) -> Parts:
    mine = facts.headlines[facts.headlines["outcome"] == outcome_name]
    names = (f"means_{outcome_name}", f"event_study_{outcome_name}", f"specifications_{outcome_name}")
    return (
        tuple(headline_sentence(facts, row) for _, row in mine.iterrows()),
        *(figures[name] for name in names if name in figures),
        _all_estimates(facts, outcome_name),
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
        caption=f"{outcome.label}: every estimate of the plan ({outcome.unit})",
        header=(
            "Estimate id",
            "Design",
            "Errors",
            "Estimate",
            "Standard error",
            "Interval",
            "p-value",
            "Enterprises",
            "Rows",
            "Note",
        ),
        rows=tuple(rows),
        note="Full precision stands in tables/estimates.csv under the same id.",
        is_folded=True,
    )


def _sensitivity(facts: Facts) -> Parts:
    table = facts.tables["sensitivity"]
    pretrends = table[table["measure"] == "joint_pretrend"]
    left_out = table[table["measure"] == "leave_one_out"]
    flips = table[table["measure"] == "fewest_to_flip_sign"].set_index(["outcome", "arm"])["value"]
    rows = []
    for r in records(left_out):
        outcome = facts.outcome(r.outcome)
        errors = facts.headlines.set_index(["outcome", "arm"])["std_error"]
        d = decimals_for(errors[r.outcome, r.arm])
        fewest = flips[r.outcome, r.arm]
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
                number_cell(fixed(r.value, d)),
                number_cell(interval(r.low, r.high, d)),
                number_cell(count(fewest) if is_known(fewest) else "no set found"),
            )
        )
    return (
        "Before treatment, did arms already move apart?",
        tuple(pretrend_sentence(facts, row) for _, row in pretrends.iterrows()),
        "Would another defensible choice have changed the answer?",
        tuple(specification_sentence(facts, row) for _, row in facts.headlines.iterrows()),
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
        _bounds_table(facts),
    )


def _bounds_table(facts: Facts) -> Table:
    rows = []
    for r in records(facts.tables["bounds"]):
        if not is_known(r.lower):
            continue
        outcome = facts.outcome(r.outcome)
        d = decimals_for(abs(r.upper - r.lower) or abs(r.upper) / 10)
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
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
            facts.plan.panel.period_name,
            "Observed, arm",
            "Observed, comparison",
            "Lower to upper bound",
        ),
        rows=tuple(rows),
        note="Lee (2009): the side observed more often is trimmed. Bounds of the estimate, without sampling error.",
        is_folded=True,
    )


def _limitations(facts: Facts) -> Parts:
    computed = []
    if facts.plan.written == "after_outcomes":
        computed.append(
            "The plan was written after the outcomes were known. Choices in it were not blind to results."
        )
    pretrends = facts.tables["sensitivity"]
    pretrends = pretrends[pretrends["measure"] == "joint_pretrend"]
    if len(pretrends) and not pretrends["p_value"].map(is_known).any():
        computed.append(
            "There is no more than one period before treatment: whether trends differed before it cannot be examined."
        )
    computed.append(
        "p-values and intervals are not adjusted for the number of outcomes, arms and designs looked at."
    )
    return (tuple([*facts.study.limitations, *computed]),)


def _statements(facts: Facts) -> Parts:
    statements = facts.study.statements
    labels = {
        "commissioner": "Commissioned by",
        "authors": "Authors",
        "funding": "Funding",
        "conflicts_of_interest": "Conflicts of interest",
        "ethics": "Ethics approval",
        "data_source": "Data",
        "data_licence": "Licence of the data",
    }
    rows = tuple(
        (text_cell(label), text_cell(getattr(statements, name) or "open: not stated in study.yaml"))
        for name, label in labels.items()
    )
    return (
        Table(
            name="statements",
            caption="Statements about this study",
            header=("Statement", "As given"),
            rows=rows,
        ),
    )


def _rerun(facts: Facts) -> Parts:
    return (
        f"From a copy of the project: make report STUDY={facts.study_name}. It needs Python and make, sets up what else "
        "it needs at locked versions, and writes the same bytes from the same inputs.",
        f"Every table of this report is a CSV file below results/{facts.study_name}/, estimates with full precision in "
        "tables/estimates.csv; audit/manifest.json lists every file with its hash.",
    )


def _manifest(record: Mapping[str, object]) -> Parts:
    rows = []
    for kind, entries in record.items():
        if isinstance(entries, Mapping):
            rows += [
                (text_cell(name), text_cell(kind), text_cell(str(value) or EMPTY))
                for name, value in entries.items()
            ]
    return (
        Table(
            name="inputs",
            caption="Inputs, code and versions",
            header=("Item", "Kind", "SHA-256 or version"),
            rows=tuple(rows),
            is_folded=True,
        ),
    )

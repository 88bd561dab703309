"""The report of a study, section by section, from its finished tables."""

from __future__ import annotations

from collections.abc import Mapping

from impacteval.design import Outcome
from impacteval.reporting.content import Facts, Figure, Parts, Section, Table, text_cell
from impacteval.reporting.data_sections import power_parts, quality_parts, sample_parts
from impacteval.reporting.design_sections import design_parts
from impacteval.reporting.expectation_sections import before_after_parts
from impacteval.reporting.family_sections import family_sections
from impacteval.reporting.glossary import glossary_parts
from impacteval.reporting.numbers import EMPTY
from impacteval.reporting.programme_sections import cost_parts, delivered_parts
from impacteval.reporting.recording_sections import annex_parts, recording_parts
from impacteval.reporting.result_sections import findings_parts, results_parts, sensitivity_parts
from impacteval.reporting.sentences import NO_EVENT_STUDY, has_event_study

ASSIGNMENT_LABELS = {
    "random": "at random",
    "voluntary": "by the enterprises' own choice",
    "administrative": "by a rule of the administration",
}


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
        Section(name="findings", title="What was found", parts=findings_parts(facts)),
        Section(name="question", title="Question and programme", parts=_question(facts)),
        Section(name="delivered", title="What the programme delivered", parts=delivered_parts(facts)),
        Section(name="design", title="How effects are identified", parts=design_parts(facts)),
        Section(name="sample", title="Who is compared", parts=sample_parts(facts, figures)),
        Section(
            name="recording",
            title="Which indicators enterprises record",
            parts=recording_parts(facts, figures),
        ),
        Section(name="quality", title="How good the data are", parts=quality_parts(facts)),
        Section(name="power", title="What the study could have seen", parts=power_parts(facts)),
        *(_results_section(facts, figures, outcome) for outcome in facts.told),
        *family_sections(facts, figures),
        Section(name="before-after", title="Before and after", parts=before_after_parts(facts)),
        Section(name="sensitivity", title="What would overturn the findings", parts=sensitivity_parts(facts)),
        Section(name="cost", title="What it cost", parts=cost_parts(facts)),
        Section(name="limitations", title="Limitations", parts=_limitations(facts)),
        Section(name="statements", title="Statements", parts=_statements(facts)),
        Section(name="rerun", title="How to run it again", parts=_rerun(facts)),
        Section(name="manifest", title="What this report was made from", parts=_manifest(record)),
        Section(name="glossary", title="Words used in this report", parts=glossary_parts(facts)),
        Section(name="annex", title="Indicators and indices", parts=annex_parts(facts, figures)),
    )


def _results_section(facts: Facts, figures: Mapping[str, Figure], outcome: Outcome) -> Section:
    return Section(
        name=f"outcome-{outcome.name}",
        title=f"Results: {outcome.label}",
        parts=results_parts(facts, figures, outcome.name),
    )


def _question(facts: Facts) -> Parts:
    return (
        facts.study.question,
        facts.study.programme,
        f"Setting: {facts.study.setting}.",
        f"Assignment was {ASSIGNMENT_LABELS[facts.plan.assignment]}. {facts.plan.assignment_note}",
    )


def _limitations(facts: Facts) -> Parts:
    computed = []
    if facts.plan.written == "after_outcomes":
        computed.append(
            "The plan was written after the outcomes were known. Choices in it were not blind to results."
        )
    pretrends = facts.tables["sensitivity"]
    pretrends = pretrends[pretrends["measure"] == "joint_pretrend"]
    if not has_event_study(facts):
        computed.append(NO_EVENT_STUDY)
    # A test that could not be computed has degrees of freedom; one without periods to test has none.
    elif len(pretrends) and pretrends["df"].isna().all():
        computed.append(
            "There is no more than one period before treatment: whether trends differed before it cannot be "
            "examined."
        )
    computed.append(_multiplicity(facts))
    return ((*facts.study.limitations, *computed),)


def _multiplicity(facts: Facts) -> str:
    if facts.tables["estimates"][["p_adjusted", "q_value"]].notna().any(axis=None):
        return (
            "Intervals are not adjusted for the number of outcomes, arms and designs looked at; adjusted "
            "p-values and q-values are for outcomes only, not for arms and designs."
        )
    return "p-values and intervals are not adjusted for the number of outcomes, arms and designs looked at."


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
        f"From a copy of the project: make report STUDY={facts.study_name}. It needs Python and make, sets "
        "up what else it needs at locked versions, and writes the same bytes from the same inputs.",
        f"Every table of this report is a CSV file below results/{facts.study_name}/, estimates with full "
        "precision in tables/estimates.csv; audit/manifest.json lists every file with its hash.",
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

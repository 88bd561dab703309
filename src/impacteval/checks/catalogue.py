"""The fifty checks a survey should pass: what each asks, and what a study must name for it to run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A check of the catalogue: its number, its question, and what has to be declared for it."""

    code: str
    question: str
    needs: str


CATALOGUE: tuple[Entry, ...] = (
    Entry("C01", "Are the raw files those that were locked?", "raw.lock (`impacteval lock`)"),
    Entry("C02", "Is every character readable, every column name one of a kind?", "nothing"),
    Entry("C03", "Has every record as many cells as the header, every file its rows?", "nothing"),
    Entry("C04", "Can every value be read as its declared type?", "codebook.csv: type, format"),
    Entry("C05", "Are all columns and all choices known?", "codebook.csv: allowed"),
    Entry("C06", "Are special codes declared before they enter a mean?", "codebook.csv: missing_codes"),
    Entry("C07", "Is every number possible?", "codebook.csv: hard_minimum, hard_maximum, constraint"),
    Entry("C08", "Is every number plausible?", "codebook.csv: minimum, maximum"),
    Entry("C09", "Is there one row an enterprise and round?", "roles: unit, period, submission"),
    Entry("C10", "Does every worker belong to an interviewed enterprise?", "checks.yaml: foreign_key"),
    Entry("C11", "Were as many workers interviewed as agreed?", "checks.yaml: quota"),
    Entry("C12", "Are two enterprises really two?", "checks.yaml: duplicate_firms; roles: name"),
    Entry("C13", "Is the arm the one that was assigned?", "checks.yaml: assignment_frozen"),
    Entry("C14", "Do register and arms agree on who was trained?", "checks.yaml: register_link"),
    Entry("C15", "Do baseline, training and follow-up come in this order?", "checks.yaml: exposure_order"),
    Entry("C16", "Is there personal data in open columns?", "checks.yaml: personal_data"),
    Entry("C17", "Is a question empty where it did not apply?", "codebook.csv: relevant"),
    Entry("C18", "Is a question answered where it applied?", "codebook.csv: required, relevant"),
    Entry("C19", "Is nothing recorded without consent?", "checks.yaml: consent; roles: consent"),
    Entry("C20", "Do parts add up to the whole?", "checks.yaml: adds_up"),
    Entry("C21", "Is no part larger than its whole?", "checks.yaml: at_most"),
    Entry("C22", "Do the accounts balance?", "checks.yaml: balance"),
    Entry("C23", "Do shares add up to a hundred, on one scale?", "checks.yaml: shares"),
    Entry("C24", "Is an amount off by a thousand or a million?", "checks.yaml: unit_slip"),
    Entry("C25", "Is the wage that the accounts imply one that is paid?", "checks.yaml: implied_wage"),
    Entry("C26", "Do workers and employer report the same wages?", "checks.yaml: wage_agreement"),
    Entry("C27", "Is every worker of working age?", "checks.yaml: worker_age"),
    Entry("C28", "Are hours and tenure possible?", "checks.yaml: hours, tenure"),
    Entry("C29", "Are batteries of items answered one by one?", "checks.yaml: straight_line"),
    Entry("C30", "Was the interview held when the round was in the field?", "checks.yaml: interview_time"),
    Entry("C31", "Did the interview take as long as it takes?", "checks.yaml: duration"),
    Entry("C32", "Was the enumerator in one place at a time?", "checks.yaml: overlap"),
    Entry("C33", "Was the interview held at the enterprise?", "checks.yaml: location"),
    Entry("C34", "Was the newest form used?", "checks.yaml: form_version; study.yaml: forms"),
    Entry("C35", "Is an amount far from those of similar enterprises?", "checks.yaml: outlier"),
    Entry("C36", "Are amounts unusual together?", "checks.yaml: multivariate_outlier"),
    Entry("C37", "Are amounts rounded by one enumerator more than by others?", "checks.yaml: heaping"),
    Entry("C38", "Are questions answered, alike in both arms?", "checks.yaml: item_non_response"),
    Entry("C39", "Does `other` hold what the list has?", "checks.yaml: other_specify"),
    Entry("C40", "Do answers depend on who asks?", "checks.yaml: enumerator_effect"),
    Entry("C41", "Are modules skipped by one enumerator more than by others?", "checks.yaml: gate"),
    Entry("C42", "Are two interviews nearly the same?", "checks.yaml: near_duplicates"),
    Entry("C43", "Do back-checks give the same answers?", "checks.yaml: back_check"),
    Entry("C44", "Is it the same enterprise in every round?", "checks.yaml: same_identity"),
    Entry("C45", "Does what cannot change stay the same?", "checks.yaml: constant_within_unit"),
    Entry("C46", "Did an enterprise grow faster than enterprises do?", "checks.yaml: growth"),
    Entry("C47", "Has every sampled enterprise one final outcome a round?", "checks.yaml: disposition"),
    Entry("C48", "Did as many leave in both arms?", "checks.yaml: attrition"),
    Entry("C49", "Was the same thing asked in every round?", "checks.yaml: comparable"),
    Entry("C50", "Are weights whole and do they add up to the frame?", "checks.yaml: weights"),
)

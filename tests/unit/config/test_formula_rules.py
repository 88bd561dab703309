"""What a study says of what it derives, and what is wrong with it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from impacteval.config import load_study
from impacteval.config.formula_rules import unused_derived
from impacteval.derivation import DerivedColumn, Parameter, Prior
from impacteval.design import Outcome
from impacteval.errors import ConfigError
from support.study import NAME, OUTCOMES, csv_text, make_study

DAYS = '  days: ["2009-12-31", "2010-05-15", "2011-07-15"]\n'
DERIVED = [
    {"name": "rate", "table": "firms", "formula": "output / workers / deflator"},
    {"name": "is_big", "table": "firms", "formula": "1 if workers > 50 else 0"},
]
RATE = {"name": "real_rate", "label": "Rate", "family": "productivity", "role": "secondary", "transform": "log", "unit": "x", "direction": "higher", "formula": "rate * 2"}  # fmt: skip
PARAMETERS = [
    {"parameter": "deflator", "valid_to": "2010-12-31", "value": "1.0"},
    {"parameter": "deflator", "valid_from": "2011-01-01", "value": "1.1"},
]
PRIOR = {"outcome": "real_rate", "effect_full_dose": "0.1", "sd": "0.8", "autocorrelation": "0.7", "coverage": "0.9", "attrition": "0.1", "overlap": "1", "variance_inflation": "1.2", "n_before": "1", "n_after": "2", "source": "x"}  # fmt: skip


def names(type_):
    return [f.name for f in fields(type_)]


def study(*, derived=DERIVED, outcome=RATE, parameters=PARAMETERS, priors=(PRIOR,), days=DAYS):
    """The small study with formulas; ``outcome`` is one more."""
    files = make_study()
    if days:
        files = files.edit_config("plan.yaml", "  period_name: Round\n", f"  period_name: Round\n{days}")
    texts = {
        "derived.csv": csv_text(names(DerivedColumn), derived),
        "parameters.csv": csv_text(names(Parameter), parameters),
        "priors.csv": csv_text(names(Prior), priors),
        "outcomes.csv": csv_text(names(Outcome), (*OUTCOMES, outcome)),
    }
    for name, text in texts.items():
        files = files.put(files.config(name), text)
    return files


def told(files, root):
    with pytest.raises(ConfigError) as caught:
        load_study(files.write(root), NAME)
    return str(caught.value)


def test_a_sound_study_with_formulas_is_read(tmp_path):
    folder = load_study(study().write(tmp_path), NAME)
    assert [d.name for d in folder.derived] == ["rate", "is_big"]
    assert folder.parameters[1].value == 1.1
    assert folder.priors[0].n_after == 2
    assert folder.outcomes[-1].formula == "rate * 2"
    assert unused_derived(folder) == ("is_big",)


def test_a_study_without_these_files_has_none_of_it(tmp_path):
    folder = load_study(make_study().write(tmp_path), NAME)
    assert (folder.derived, folder.parameters, folder.priors) == ((), (), ())


def test_only_families_with_an_estimated_outcome_are_families(tmp_path):
    described = {**RATE, "family": "other", "role": "descriptive", "direction": "neutral"}
    folder = load_study(study(outcome=described).write(tmp_path), NAME)
    assert folder.families == ("productivity", "safety")


def test_columns_of_the_plan_may_be_derived(tmp_path):
    files = study().edit_config("plan.yaml", "balance: [workers]", "balance: [workers, is_big]")
    folder = load_study(files.write(tmp_path), NAME)
    assert folder.plan.balance == ("workers", "is_big")
    assert unused_derived(folder) == ()


def test_an_arm_that_is_derived_names_the_columns_behind_it(tmp_path):
    derived = [*DERIVED, {"name": "side", "table": "firms", "formula": "group2 - 1"}, {"name": "group2", "table": "firms", "formula": "arm + 1 + 0 * period"}]  # fmt: skip
    files = study(derived=derived).edit_config("plan.yaml", "column: arm", "column: side")
    folder = load_study(files.write(tmp_path), NAME)
    assert folder.arm_columns == ("firms.arm",)
    assert folder.roles["firms"].arm == ""
    assert "firms-side-changes" not in {c.id for c in folder.checks}


def test_a_day_of_entry_may_be_derived(tmp_path):
    rule = "treatment:\n  rule: entry_day\n  column: entry\n  comparison: {name: control, label: No}\n  arm: {name: workshop, label: W}\n"
    files = study(
        derived=[*DERIVED, {"name": "entry", "table": "firms", "formula": "day if arm == 1 else day - 1"}]
    )
    plan = files.texts[files.config("plan.yaml")]
    begin, end = plan.index("treatment:"), plan.index("primary:")
    files = files.put(files.config("plan.yaml"), plan[:begin] + rule + plan[end:])
    folder = load_study(files.write(tmp_path), NAME)
    assert folder.arm_labels == {}
    assert folder.arm_columns == ("firms.arm",)
    without_days = files.edit_config("plan.yaml", DAYS, "")
    message = told(without_days, tmp_path)
    assert "plan.yaml: panel.days is missing; with the rule entry_day each period needs a day" in message
    assert "formulas use 'day'" in message


def derived(formula, name="more", table="firms"):
    return {"derived": [*DERIVED, {"name": name, "table": table, "formula": formula}]}


def outcome_with(**changes):
    return {"outcome": {**RATE, **changes}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (derived("1 +"), "derived.csv: more: position 4: invalid syntax"),
        (derived("outptu + 1"), "derived.csv: more: position 1: no column, derived column or parameter 'outptu' for the rows of firms; did you mean 'output'?"),
        (derived("estate + 1"), "derived.csv: more: position 1: + takes numbers, and this is text"),
        (derived("more + 1"), "derived.csv: formulas in a circle: more uses more"),
        (derived("1", name="Rate"), "derived.csv: the name 'Rate' is not allowed"),
        (derived("1", name="rate"), "derived.csv: the name 'rate' stands twice"),
        (derived("1", name="output"), "derived.csv: output: the codebook has a column of this name"),
        (derived("1", name="day"), "derived.csv: day: this name has a meaning of its own"),
        (derived("1", name="ln"), "derived.csv: ln: this name has a meaning of its own"),
        (derived("1", name="cluster"), "derived.csv: the name 'cluster' is taken by the panel"),
        (derived("1", table="frms"), "derived.csv: more: table 'frms' is not in study.yaml; allowed: firms; did you mean 'firms'?"),
        (outcome_with(column="output"), "outcomes.csv: real_rate: a formula stands beside column or divide_by"),
        (outcome_with(formula=""), "outcomes.csv: real_rate: column and formula are both empty"),
        (outcome_with(formula="estate"), "outcomes.csv: real_rate: the formula gives text; an outcome is a number"),
        (outcome_with(formula="rte"), "did you mean 'rate'?"),
        (outcome_with(winsorise="0"), "outcomes.csv: real_rate: winsorise 0: above 0 and at most 25 percent an end"),
        (outcome_with(winsorise="26"), "winsorise 26: above 0 and at most 25"),
        (outcome_with(winsorise="x"), "found 'x' where a number with a decimal point is expected"),
        (outcome_with(winsorise="1", transform="recorded"), "winsorise has no meaning with the transform recorded"),
        (outcome_with(minimum="5", maximum="5"), "minimum 5 is not below maximum 5"),
        (outcome_with(minimum="0", maximum="-5"), "minimum 0 is not below maximum -5"),
        (outcome_with(role="primary", direction="neutral"), "a primary outcome says which way is better"),
        (outcome_with(role="descriptive", design="two_by_two"), "a descriptive outcome is not estimated; leave design empty"),
        (outcome_with(name="rate", formula="rate + 1"), "outcomes.csv: rate: derived.csv has a column of this name"),
        (outcome_with(name="output", formula="rate"), "outcomes.csv: output: the codebook has a column of this name"),
        ({"days": DAYS.replace(', "2011-07-15"', "")}, "plan.yaml: panel.days has 2 days for 3 periods"),
        ({"days": DAYS.replace("2011-07-15", "2011-7-15")}, "plan.yaml: panel.days: '2011-7-15' is no day YYYY-MM-DD"),
        ({"days": DAYS.replace("2011-07-15", "2009-07-15")}, "rising, none twice"),
        ({"days": ""}, "parameters.csv: deflator: it is valid for some days only, and plan.yaml gives periods no panel.days"),
        ({"days": DAYS + "  baseline: 7\n"}, "plan.yaml: panel.baseline 7: one of [1, 2, 3]"),
        ({"days": DAYS + "  place: estat\n"}, "plan.yaml: panel.place 'estat' is no column"),
        ({"days": DAYS + "  place: workers\n"}, "plan.yaml: panel.place 'workers' holds numbers; places are texts"),
        ({"parameters": PARAMETERS[:1]}, "parameters.csv: deflator: no value on 2011-07-15, and formulas use it; add a row"),
        ({"parameters": [{**PARAMETERS[0], "valid_to": ""}, PARAMETERS[1]]}, "parameters.csv: deflator: two values are valid on 2011-01-01 (1 and 1.1)"),
        ({"parameters": [{**PARAMETERS[0], "valid_from": "2011"}]}, "parameters.csv: deflator: valid_from '2011' is no day"),
        ({"parameters": [{**PARAMETERS[0], "valid_from": "2011-01-01"}]}, "valid from 2011-01-01 to 2010-12-31, which is before it"),
        ({"parameters": [{**p, "place": "E1"} for p in PARAMETERS]}, "parameters.csv: deflator: it differs between places, and plan.yaml names no column panel.place"),
        ({"parameters": [*PARAMETERS, {"parameter": "output", "value": "1"}]}, "parameters.csv: output: a column has this name"),
        ({"parameters": [{**PARAMETERS[0], "value": ""}]}, "found '' where a number with a decimal point is expected"),
        ({"priors": [{**PRIOR, "outcome": "real_rat"}]}, "priors.csv: real_rat: no such outcome"),
        ({"priors": [PRIOR, PRIOR]}, "priors.csv: the outcome 'real_rate' stands twice"),
        ({"priors": [{**PRIOR, "sd": "0"}]}, "priors.csv: real_rate: sd 0: above 0"),
        ({"priors": [{**PRIOR, "autocorrelation": "1"}]}, "autocorrelation 1: 0 or more and below 1"),
        ({"priors": [{**PRIOR, "autocorrelation": "-0.1"}]}, "autocorrelation -0.1: 0 or more"),
        ({"priors": [{**PRIOR, "n_before": "0"}]}, "n_before 0: 1 or more"),
        ({"priors": [{**PRIOR, "coverage": "90"}]}, "coverage 90: above 0 and at most 1"),
        ({"priors": [{**PRIOR, "overlap": "0"}]}, "overlap 0: above 0 and at most 1"),
        ({"priors": [{**PRIOR, "attrition": "1"}]}, "attrition 1: 0 or more and below 1"),
        ({"priors": [{**PRIOR, "variance_inflation": "0"}]}, "variance_inflation 0: above 0"),
        ({"priors": [{**PRIOR, "n_after": "0"}]}, "n_after 0"),
        ({"priors": [{**PRIOR, "n_after": "2.5"}]}, "found '2.5' where a whole number is expected"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_place(tmp_path, changes, expected):
    assert expected in told(study(**changes), tmp_path)


def test_a_text_that_a_column_never_holds_is_a_slip(tmp_path):
    files = study(**derived("remark == 'good'")).edit_config(
        "codebook.csv", ",remark,text,,no,no,,,,", ",remark,category,,no,no,,,good|bad,"
    )
    load_study(files.write(tmp_path), NAME)
    files = files.edit_config("derived.csv", "'good'", "'goood'")
    assert "position 1: remark never holds 'goood'; allowed: good, bad; did you mean 'good'?" in told(
        files, tmp_path
    )


def test_a_place_without_a_value_is_named(tmp_path):
    files = study(
        days=DAYS + "  place: remark\n", parameters=[{**p, "place": "good"} for p in PARAMETERS]
    ).edit_config("codebook.csv", ",remark,text,,no,no,,,,", ",remark,category,,no,no,,,good|bad,")
    message = told(files, tmp_path)
    assert (
        "parameters.csv: deflator: no value on 2009-12-31 in bad, and formulas use it; add a row" in message
    )
    assert message.count("in bad") == 3


def test_a_design_does_not_name_what_is_only_described(tmp_path):
    files = study(outcome={**RATE, "role": "descriptive"}).edit_config(
        "plan.yaml", "    vcov: [cr1_nested]\n", "    vcov: [cr1_nested]\n    outcomes: [real_rate]\n"
    )
    assert "plan.yaml: two_way: outcome 'real_rate' is descriptive; take it out" in told(files, tmp_path)


def test_a_study_estimates_something(tmp_path):
    files = make_study()
    rows = [{**o, "role": "descriptive"} for o in OUTCOMES]
    files = files.put(files.config("outcomes.csv"), csv_text(names(Outcome), rows))
    assert "outcomes.csv: no outcome is estimated" in told(files, tmp_path)

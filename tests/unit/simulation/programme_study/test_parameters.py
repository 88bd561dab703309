from __future__ import annotations

import pytest

from impacteval.errors import ConfigError
from impacteval.simulation.programme_study.reading import OUTCOMES, read_generator, scenario_of
from support.programme_parameters import changed_file, parameters


def refusal(folder, *changes):
    with pytest.raises(ConfigError) as caught:
        read_generator(changed_file(folder, *changes))
    return str(caught.value)


def test_the_parameters_of_the_study_are_read_with_all_outcomes_and_scenarios():
    generator = parameters()
    assert set(generator.outcomes) == set(OUTCOMES)
    assert set(generator.scenarios) == {
        "null_all",
        "central",
        "pretrend_violation_0.03_per_yr",
        "selection_on_shock_ashenfelter",
        "differential_attrition",
        "spillover",
        "heterogeneous_staggered",
        "kpi_mnar",
    }


def test_each_scenario_says_in_a_sentence_what_it_breaks():
    sentences = [scenario.breaks for scenario in parameters().scenarios.values()]
    assert all(text.endswith(".") and len(text) > 40 for text in sentences)
    assert len(set(sentences)) == len(sentences)


def test_unknown_missing_and_wrong_keys_are_reported_together(tmp_path):
    said = refusal(
        tmp_path,
        (("design", "treatd"), 60),
        (("workers", "icc"), "high"),
        (("outcomes", "mgmt", "sd"), None),
    )
    assert "key 'design.treatd' is unknown" in said
    assert "key 'workers.icc': found 'high'" in said
    assert "key 'outcomes.mgmt.sd' is missing" in said


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("frame", "tier", "t1"), 0.5, "shares are 0 or more and add up to 1; these add up to 1.15"),
        (("design", "treated"), 61, "cohorts add up to 60, treated is 61"),
        (("design", "no_show"), 1.2, "a probability lies between 0 and 1"),
        (("outcomes", "otd", "rho_2y"), 1.0, "a correlation between 0 and 1 is expected"),
        (("outcomes", "otd", "sd"), 0.0, "a standard deviation is above 0"),
        (("outcomes", "otd", "shape"), "round", "found 'round'"),
        (("reporting", "reliability", "default"), 0.0, "above 0 and at most 1"),
        (("economy", "wpi"), [100.0, 101.0], "one value is expected for each of 4 rounds"),
        (("rounds", "days"), ["2010-01-01"], "4 rounds are expected"),
        (("missing", "kpi_offset_pp", "smiles"), 1.0, "unknown ['smiles']"),
        (("scenarios", "spillover", "cohort_effects"), {"C9": 1.0}, "unknown ['C9']"),
    ],
)
def test_values_that_make_no_sense_are_refused(tmp_path, keys, value, said):
    assert said in refusal(tmp_path, (keys, value))


def test_parts_must_agree_with_each_other(tmp_path):
    said = refusal(
        tmp_path,
        (("correlated_with", "mgmt"), {"fives": 0.2}),
        (("trends", "ln_va"), [0.0, 0.1]),
        (("buyer_shock", "tesla"), 0.1),
        (("economy", "minimum_wage", "bekasi"), None),
    )
    assert "key 'correlated_with.mgmt': one outcome listed before it is expected" in said
    assert "key 'trends.ln_va': 4 numbers" in said
    assert "key 'buyer_shock'" in said
    assert "key 'economy.minimum_wage'" in said


def test_every_parameter_needs_a_source_and_every_source_a_parameter(tmp_path):
    said = refusal(tmp_path, (("sources", "workers"), None), (("sources", "weather"), "assumption"))
    assert "key 'workers.icc' has no source" in said
    assert "key 'sources.weather': there is no such parameter" in said


def test_an_unknown_scenario_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'central'"):
        scenario_of(parameters(), "centrall")

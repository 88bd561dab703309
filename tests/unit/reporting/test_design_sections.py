"""The table of designs says what each compares with, and given what."""

from pathlib import Path

import pytest

from impacteval.designs import (
    Ancova,
    CallawaySantAnna,
    Design,
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
from impacteval.reporting.content import Facts, Table
from impacteval.reporting.design_sections import (
    NEVER_TREATED,
    OTHER_ROWS,
    TREATED_LAST,
    TREATED_ROWS_TOO,
    UNTREATED_ROWS,
    compared_with,
    design_parts,
    given,
)
from support.reports import make_facts
from support.study import make_study

STAGGERED = [{"arm": "workshop", "first_treat": c} for c in (2, 3)]
NOT_YET = "enterprises not yet treated in "


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return make_facts(tmp_path, make_study(), {"exposure": STAGGERED})


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (TwoByTwo(), NEVER_TREATED),
        (CallawaySantAnna(control_group="not_yet_treated"), NOT_YET + "either period of a comparison"),
        (Imputation(), UNTREATED_ROWS),
        (TwoStage(), UNTREATED_ROWS),
        (ExtendedTwoWay(), UNTREATED_ROWS),
        (ExtendedTwoWay(control_group="never_treated"), NEVER_TREATED),
        (TwoWayFixedEffects(), TREATED_ROWS_TOO),
        (EventStudy(), TREATED_ROWS_TOO),
        (TripleDifference(subgroup="workers"), TREATED_ROWS_TOO),
        (SunAbraham(), NEVER_TREATED),
        (SunAbraham(control_group="last_treated"), TREATED_LAST),
        (Stacked(), NOT_YET + "the window of a cohort"),
        (Synthetic(), f"{NEVER_TREATED}, weighted"),
        (Ancova(), "No workshop"),
    ],
    ids=lambda value: getattr(value, "estimator", None),
)
def test_designs_name_whom_they_compare_with(facts: Facts, design: Design, said: str) -> None:
    """Bug: imputation and regressions were said to compare with the comparison arm alone."""
    assert compared_with(facts, design) == said


def test_with_one_cohort_no_enterprise_is_already_treated(tmp_path: Path) -> None:
    facts = make_facts(tmp_path, make_study(), {"exposure": STAGGERED[:1]})
    assert compared_with(facts, TwoWayFixedEffects()) == OTHER_ROWS


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (TwoByTwo(), "\N{EN DASH}"),
        (TwoByTwo(covariates=("workers", "output")), "Workers; Output"),
        (
            TwoWayFixedEffects(covariates_by_period=("workers",), effects_by_period=("estate",)),
            "Workers, by period; effects of Industrial estate by period",
        ),
        (TwoWayFixedEffects(regressors=("workers",)), "its own regressors: Workers"),
        (ExtendedTwoWay(model="poisson", exposure="workers"), "Workers as exposure"),
        (Ancova(covariates=("workers",)), "Workers; the outcome before treatment"),
        (Ancova(baseline="none"), "\N{EN DASH}"),
    ],
)
def test_designs_name_what_they_are_given(facts: Facts, design: Design, said: str) -> None:
    assert given(facts, design) == said


def test_the_table_of_designs_has_both_columns(facts: Facts) -> None:
    table = design_parts(facts)[1]
    assert isinstance(table, Table)
    assert table.header == ("Design", "Estimator", "Compared with", "Given", "Errors", "Use")

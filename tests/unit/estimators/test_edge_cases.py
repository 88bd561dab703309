"""What data can do to an estimator: each refuses in words, or leaves out and says so; nothing is silent.

Cases against estimators. A new estimator is one line in ``ESTIMATORS`` and its answers in the cases
where they differ from those of its family.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import (
    Ancova,
    CallawaySantAnna,
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
from impacteval.effects import Effects
from impacteval.errors import ConfigError, DataError, IdentificationError, ImpactEvalError
from impacteval.estimators.aggregate import aggregate, overall
from impacteval.estimators.ancova import ancova
from impacteval.estimators.dose import dose_effects
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.imputation import imputation
from impacteval.estimators.stacked import stacked
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.synthetic import synthetic
from impacteval.estimators.triple_difference import triple_difference
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from impacteval.panel import NEVER_TREATED, Panel
from support.panels import make_panel

NAN = float("nan")


def run_synthetic(panel, design):
    return synthetic(panel, design, np.random.default_rng(1))


# Function and design, by the name that cases know an estimator by.
ESTIMATORS = {
    "two_by_two": (att_group_time, TwoByTwo(name="d")),
    "two_by_two_reg": (att_group_time, TwoByTwo(name="d", method="reg")),
    "two_by_two_ipw": (att_group_time, TwoByTwo(name="d", method="ipw")),
    "two_by_two_improved": (att_group_time, TwoByTwo(name="d", method="dr_improved")),
    "group_time": (att_group_time, CallawaySantAnna(name="d")),
    "group_time_not_yet": (att_group_time, CallawaySantAnna(name="d", control_group="not_yet_treated")),
    "group_time_complete": (att_group_time, CallawaySantAnna(name="d", missing="complete_units")),
    "group_time_rows": (att_group_time, CallawaySantAnna(name="d", missing="rows")),
    "dose": (dose_effects, Dose(name="d", dose="dose")),
    "two_way": (two_way_fixed_effects, TwoWayFixedEffects(name="d")),
    "event_study": (event_study, EventStudy(name="d")),
    "triple": (triple_difference, TripleDifference(name="d", subgroup="half")),
    "sun_abraham": (sun_abraham, SunAbraham(name="d")),
    "sun_abraham_last": (sun_abraham, SunAbraham(name="d", control_group="last_treated")),
    "imputation": (imputation, Imputation(name="d")),
    "two_stage": (two_stage, TwoStage(name="d")),
    "extended": (extended_two_way, ExtendedTwoWay(name="d")),
    "extended_never": (extended_two_way, ExtendedTwoWay(name="d", control_group="never_treated")),
    "extended_cohorts": (extended_two_way, ExtendedTwoWay(name="d", unit_effects=False)),
    "extended_poisson": (extended_two_way, ExtendedTwoWay(name="d", model="poisson")),
    "stacked": (stacked, Stacked(name="d", periods_before=1)),
    "synthetic": (run_synthetic, Synthetic(name="d")),
    "ancova": (ancova, Ancova(name="d")),
}
BY_SCORE = ("two_by_two", "two_by_two_ipw", "group_time", "group_time_complete", "group_time_rows")
BY_CELL = (*BY_SCORE, "two_by_two_reg", "two_by_two_improved")
REGRESSIONS = ("two_way", "event_study", "triple", "sun_abraham")
UNTREATED = ("imputation", "two_stage")
EXTENDED = ("extended", "extended_never", "extended_cohorts", "extended_poisson")


@dataclass(frozen=True)
class Refused:
    """An error whose message matches."""

    words: str
    error: type[ImpactEvalError] = IdentificationError


@dataclass(frozen=True)
class Noted:
    """Estimates, with a matching note on some of them; empty: none is needed."""

    words: str = ""


@dataclass(frozen=True)
class Unknown:
    """A matching note on an effect that is NaN or whose error is."""

    words: str


@dataclass(frozen=True)
class Case:
    """A panel, the covariates asked for, and the answers of estimators; those not listed get no run."""

    panel: Callable[[], Panel]
    answers: dict[str, Refused | Noted | Unknown]
    covariates: tuple[str, ...] = field(default=())


def panel_of(cohorts=None, *, n_periods=5, **covariates):
    """Six units of cohorts 2 and 3 each and eight never-treated, outcomes above 0, an effect of 1.

    ``dose`` and ``half`` are there for estimators that need them; further covariates are functions of
    the panel's cohort (n_units, 1), of a draw by unit (n_units, 1) and of one by cell.
    """
    cohorts = cohorts or {2: 6, 3: 6, NEVER_TREATED: 8}
    rng = np.random.default_rng(3)
    cohort = np.repeat(list(cohorts), list(cohorts.values())).astype(float)[:, None]
    n_units, period = len(cohort), np.arange(n_periods)
    level, noise = rng.normal(size=(n_units, 1)), rng.normal(size=(2, n_units, n_periods))
    fixed, place = rng.normal(size=(n_units, 1)), np.arange(n_units)[:, None]
    columns = {
        "dose": np.where(np.isfinite(cohort), 1 + place % 2, 0),
        "half": place // 2 % 2,
        **{name: build(cohort, fixed, noise[1]) for name, build in covariates.items()},
    }
    return make_panel(
        6 + level + 0.3 * period + (period >= cohort) + 0.5 * noise[0],
        cohort[:, 0],
        covariates={name: values * np.ones(n_periods) for name, values in columns.items()},
    )


def with_cells(panel, units, periods, value):
    """The panel with the outcome of some cells set."""
    outcome = panel.outcome.copy()
    outcome[np.ix_(units, periods)] = value
    return replace(panel, outcome=outcome)


def weightless(*cohorts):
    panel = panel_of()
    weight = 1.0 + np.arange(panel.n_units)[:, None] % 3 + np.zeros(panel.outcome.shape)
    weight[np.isin(panel.cohort, cohorts)] = 0
    return replace(panel, weight=weight)


def each(names, answer):
    return dict.fromkeys(names, answer)


def separated(cohort, fixed, cell):
    return np.where(np.isfinite(cohort), 5.0, -5.0) + 0 * cell + fixed


NOT_TWICE = r"no unit of the comparison group 'control' is observed twice.*; name another comparison group"
NO_REFERENCE = "cohort 0 has no period one before its treatment"
NOT_BEFORE = r"cohort 0 of arm 'trained' is not observed before its treatment; drop these units"
NO_CELL = "no cohort can be compared with never_treated units in any period .*choose another control_group"
ONE_UNIT = "one treated unit: its error is not known"
ONE_ROW = "one treated row in the base period: its error is not known"
ONE_CLUSTER = "one side of the comparison lies in one cluster: the error is not known"
CONSTANT = "the outcome does not vary within the sample: the error is not known"
SEPARATED = (
    "the covariates tell treated from comparison units: 6 of 6 treated units have a propensity score of 1"
)
NO_WEIGHT = "8 comparison units with weight zero take no part"
CASES = {
    "no never-treated units": Case(
        lambda: panel_of({2: 6, 3: 6, 4: 6}),
        {
            **each((*BY_CELL, "dose"), Refused(NO_CELL)),
            "group_time_not_yet": Unknown(
                "cohort 4 is treated last and nobody never: it serves as comparison only"
            ),
            **each(REGRESSIONS, Refused(NOT_TWICE)),
            "sun_abraham_last": Noted("compared with cohort 4 before its treatment"),
            **each(UNTREATED, Unknown(r"left out: 6 treated cells in period 4, which no untreated unit")),
            **each(EXTENDED, Noted("18 cells of period 4 are left out: no not_yet_treated unit there")),
            "extended_never": Refused("no never_treated unit is observed; choose another control_group"),
            "stacked": Noted("cohort 4 is left out: not all periods 3 to 5 exist"),
            "synthetic": Refused(r"no never-treated unit \('control'\) is observed in every period"),
            "ancova": Refused("no comparison unit in period 2, 3, 4; take this outcome out"),
        },
    ),
    "one cohort and nothing else": Case(
        lambda: panel_of({2: 10}),
        {
            **each((*BY_CELL, "dose"), Refused(NO_CELL)),
            "group_time_not_yet": Refused("no cohort can be compared with not_yet_treated units"),
            **each(REGRESSIONS, Refused(NOT_TWICE)),
            "sun_abraham_last": Refused("1 cohort, none treated later to compare it with"),
            **each(UNTREATED, Refused("period 2, 3, 4 has no untreated unit to learn its effect from")),
            **each(EXTENDED, Refused("no treated unit is observed together with a comparison unit")),
            "extended_never": Refused("no never_treated unit is observed; choose another control_group"),
            "stacked": Refused("cohort 2 is left out: no not_yet_treated unit is observed"),
            "synthetic": Refused(r"no never-treated unit \('control'\) is observed in every period"),
            "ancova": Refused("no comparison unit in period 2, 3, 4; take this outcome out"),
        },
    ),
    "no comparison unit for a cohort and period": Case(
        lambda: with_cells(panel_of(), range(12, 20), [3], NAN),
        {
            **each(BY_CELL, Unknown("no comparison unit is observed in both periods")),
            "group_time_complete": Refused(NO_CELL),
            "group_time_rows": Unknown("no comparison row in the period"),
            "group_time_not_yet": Unknown("no comparison unit is observed in both periods"),
            "dose": Noted("1 of 2 effects could not be estimated and are left out"),
            **each(UNTREATED, Noted(r"left out: 12 treated cells in period 3, which no untreated unit")),
            **each(EXTENDED, Noted("12 cells of period 3 are left out: no not_yet_treated unit there")),
            "extended_never": Noted("12 cells of period 3 are left out: no never_treated unit there"),
            "sun_abraham": Refused("regressor cohort 3 in period 3, arm trained: explained entirely"),
            "triple": Refused(
                "regressor cohort 3 in period 3, arm trained, with half = 0, cohort 3 in period"
            ),
            "sun_abraham_last": Noted("compared with cohort 3 before its treatment"),
            "stacked": Refused("no not_yet_treated unit is observed in its whole window"),
            "synthetic": Refused(r"no never-treated unit \('control'\) is observed in every period"),
        },
    ),
    "a cohort treated from the first period": Case(
        lambda: panel_of({0: 5, 2: 6, 3: 5, NEVER_TREATED: 8}),
        {
            **each(
                (*BY_CELL, "group_time_not_yet"),
                Refused(
                    r"cohort 0 of arm 'trained.*' has no period before its treatment \(\d+ units\).*; drop"
                ),
            ),
            **each(("event_study", "sun_abraham", "sun_abraham_last"), Refused(NO_REFERENCE)),
            "triple": Refused(NO_REFERENCE),
            **each(UNTREATED, Noted(r"left out: 5 treated units without an untreated observation")),
            **each(EXTENDED, Refused(NOT_BEFORE)),
            "stacked": Noted("cohort 0 is left out: not all periods -1 to 1 exist"),
            "synthetic": Refused("cohort 0 has 0 periods before its treatment and 8 comparison units"),
            "ancova": Refused("no unit has a baseline value"),
        },
    ),
    "one period": Case(
        lambda: panel_of({0: 5, NEVER_TREATED: 5}, n_periods=1),
        {
            **each((*BY_CELL, "group_time_not_yet"), Refused("has no period before its treatment")),
            **each(("two_way", "sun_abraham"), Refused(NOT_TWICE)),
            "triple": Refused("cohort 0|control"),
            "event_study": Refused(NO_REFERENCE),
            "sun_abraham_last": Refused("1 cohort, none treated later"),
            **each(
                UNTREATED, Refused("no untreated outcome can be imputed: 5 treated units have no untreated")
            ),
            **each(
                ("extended", "extended_never", "extended_poisson"),
                Refused("no treated unit is observed together"),
            ),
            "extended_cohorts": Refused(NOT_BEFORE),
            "stacked": Refused("cohort 0 is left out: not all periods -1 to 1 exist"),
            "synthetic": Refused("cohort 0 has 0 periods before its treatment"),
            "ancova": Refused("no unit has a baseline value"),
        },
    ),
    "nobody treated": Case(
        lambda: panel_of({NEVER_TREATED: 10}),
        {
            **each((*BY_CELL, "group_time_not_yet"), Refused("no unit is treated in periods 0 to 4")),
            "dose": Refused("the dose 'dose' is not known of any of 0 treated units"),
            **each(("two_way", "event_study", "triple"), Refused("no treated unit has a value")),
            **each(("sun_abraham", "stacked"), Refused("no .*unit is treated|no treated unit")),
            "sun_abraham_last": Refused("0 cohort, none treated later"),
            **each(UNTREATED, Refused("no treated unit has a value after treatment")),
            **each(EXTENDED, Refused("no treated unit is observed together with a comparison unit")),
            "synthetic": Refused("no unit is treated"),
            "ancova": Refused("no comparison unit in period"),
        },
    ),
    "a cohort of one unit": Case(
        lambda: panel_of({2: 1, 3: 6, NEVER_TREATED: 8}),
        {
            **each((*BY_CELL, "group_time_not_yet"), Unknown(ONE_UNIT)),
            "group_time_rows": Unknown(ONE_ROW),
            "dose": Unknown("1 of 1 averaged effects rest on one unit: the error is not known"),
            **each(("event_study", "sun_abraham", "sun_abraham_last"), Unknown(ONE_UNIT)),
            "two_stage": Unknown(ONE_CLUSTER),
            "imputation": Unknown("averaged effects rest on one unit: the error is not known"),
            **each(EXTENDED, Unknown(ONE_UNIT)),
            "synthetic": Unknown("jackknife: the error is not known with one treated unit"),
            "triple": Unknown("3 of 5 averaged effects rest on one unit: the error is not known"),
            **each(("two_way", "stacked", "ancova"), Noted()),
        },
    ),
    "one treated unit": Case(
        lambda: panel_of({2: 1, NEVER_TREATED: 8}),
        {
            **each((*BY_CELL, "group_time_not_yet"), Unknown(ONE_UNIT)),
            "group_time_rows": Unknown(ONE_ROW),
            "dose": Unknown("averaged effects rest on one unit: the error is not known"),
            **each(("two_way", "event_study", "sun_abraham", "ancova"), Unknown(ONE_UNIT)),
            "stacked": Unknown(ONE_UNIT),
            "triple": Refused("no unit of 'trained' with half = 1 is observed twice"),
            "sun_abraham_last": Refused("1 cohort, none treated later"),
            **each(UNTREATED, Unknown("the error is not known")),
            **each(EXTENDED, Unknown(ONE_UNIT)),
            "synthetic": Unknown("jackknife: the error is not known with one treated unit"),
        },
    ),
    "one comparison unit": Case(
        lambda: panel_of({2: 6, 3: 5, NEVER_TREATED: 1}),
        {
            **each((*BY_CELL, "group_time_not_yet"), Unknown("one comparison unit: its error is not known")),
            "group_time_rows": Unknown("one comparison row in the base period: its error is not known"),
            "dose": Unknown("averaged effects rest on one unit: the error is not known"),
            **each(
                ("two_way", "event_study", "sun_abraham", "ancova"),
                Unknown("one comparison unit: its error is not known"),
            ),
            "stacked": Unknown("one comparison unit: its error is not known"),
            "triple": Refused("no unit of 'control' with half = 0 is observed twice"),
            **each((*UNTREATED, *EXTENDED), Unknown(ONE_CLUSTER)),
            "synthetic": Refused("1 comparison units; kind 'sdid' needs 2 of either"),
        },
    ),
    "treated after the last period": Case(
        lambda: panel_of({2: 6, 9: 5, NEVER_TREATED: 8}),
        {
            **each(
                (*BY_CELL, "group_time_not_yet"),
                Noted(r"units treated after the last period \(5 of cohort 9\) are taken as never treated"),
            ),
            "group_time_rows": Noted("units treated after the last period .* are taken as never treated"),
            "dose": Noted(),
            **each(
                ("event_study", "sun_abraham", "triple"),
                Refused("cohort 9 is treated after the last period, 4, .* code its units as never treated"),
            ),
            "stacked": Noted("cohort 9 is left out: not all periods 8 to 10 exist"),
            "synthetic": Noted("5 units treated after the last period are taken as never treated"),
            "sun_abraham_last": Noted("compared with cohort 9 before its treatment"),
            **each((*UNTREATED, *EXTENDED), Noted()),
        },
    ),
    "constant outcome": Case(
        lambda: with_cells(panel_of(), range(20), range(5), 3.0),
        each(ESTIMATORS, Unknown(CONSTANT)),
    ),
    "constant covariate": Case(
        lambda: panel_of(c=lambda cohort, fixed, cell: 2 + 0 * cell),
        {
            **each(BY_CELL, Refused("covariate c: explained entirely by the columns before it among")),
            "group_time_not_yet": Refused("covariate c: explained entirely by the columns before it among"),
            **each(
                (*REGRESSIONS, "sun_abraham_last", "stacked", "ancova"),
                Refused("regressor c: explained entirely"),
            ),
            **each(UNTREATED, Refused("covariate c: explained entirely by unit effects, period effects")),
            **each(EXTENDED, Refused("regressor c in period 1, .*explained entirely")),
        },
        ("c",),
    ),
    "collinear covariates": Case(
        lambda: panel_of(z=lambda cohort, fixed, cell: cell, z2=lambda cohort, fixed, cell: 1 - 2 * cell),
        {
            **each(BY_CELL, Refused("covariate z2: explained entirely by the columns before it among")),
            "group_time_not_yet": Refused("covariate z2: explained entirely by the columns before it among"),
            **each(
                (*REGRESSIONS, "sun_abraham_last", "stacked", "ancova"),
                Refused("regressor z2: explained entirely"),
            ),
            **each(UNTREATED, Refused("covariate z2: explained entirely by unit effects, period effects")),
            **each(EXTENDED, Refused("regressor .*z2 in period 1.*: explained entirely")),
        },
        ("z", "z2"),
    ),
    "covariates that tell treated from comparison": Case(
        lambda: panel_of(s=separated),
        {
            **each(BY_SCORE, Refused(SEPARATED)),
            "group_time_rows": Refused("the covariates tell treated from comparison rows: 12 of 12 treated"),
            "two_by_two_improved": Refused(
                "no weights give the 8 comparison units the covariate means of the 6"
            ),
            "dose": Refused("the covariates tell treated from comparison units: 3 of 3 treated units"),
            "group_time_not_yet": Unknown(SEPARATED),
            **each((*REGRESSIONS, "sun_abraham_last", "stacked"), Refused("regressor s: explained entirely")),
            **each(UNTREATED, Refused("covariate s: explained entirely by unit effects")),
        },
        ("s",),
    ),
    "covariate that changes after treatment": Case(
        lambda: panel_of(z=lambda cohort, fixed, cell: cell),
        {
            **each(
                ("two_way", "event_study", "triple", "sun_abraham", "ancova", *UNTREATED, "stacked"),
                Noted("covariate z changes after treatment in 12 treated units; the coefficient may absorb"),
            ),
            "sun_abraham_last": Noted("covariate z changes after treatment in 6 treated units"),
            **each(
                EXTENDED, Noted("z changes over time in 20 units: its value in their first period is used")
            ),
        },
        ("z",),
    ),
    "a covariate that is treatment": Case(
        lambda: panel_of(s=lambda cohort, fixed, cell: (np.arange(5) >= cohort) + 0 * cell),
        {
            **each(
                (*REGRESSIONS, "sun_abraham_last", "stacked", "ancova"),
                Refused("regressor s: explained entirely"),
            ),
            **each(UNTREATED, Refused("covariate s: explained entirely by unit effects")),
        },
        ("s",),
    ),
    "a cohort without weight": Case(
        lambda: weightless(3),
        {
            **each(
                (*BY_CELL, "group_time_not_yet"),
                Unknown("no treated unit with a positive weight; nothing can be compared"),
            ),
            "dose": Noted("1 of 2 effects could not be estimated and are left out"),
            **each(
                ("two_way", "event_study", "triple", "ancova"),
                Noted("6 treated units with weight zero take no part"),
            ),
            "sun_abraham": Refused("no unit of cohort 3, arm trained, is observed one period before"),
            "sun_abraham_last": Refused("no unit of the cohort treated last, 3, is observed twice before"),
            "stacked": Noted(
                "cohort 3 is left out: no treated unit is observed in its whole window; 6 treated units with "
                "weight zero take no part"
            ),
            **each((*UNTREATED, *EXTENDED), Noted("6 treated units with weight zero take no part")),
            "synthetic": Refused("takes no sampling weights", ConfigError),
        },
    ),
    "the treated without weight": Case(
        lambda: weightless(2, 3),
        {
            **each(
                UNTREATED,
                Refused(r"no treated unit has a value after treatment \(12 treated units with weight zero"),
            ),
            **each(
                EXTENDED,
                Refused(
                    r"no treated unit is observed together with a comparison unit \(12 treated units with weight"
                ),
            ),
            "stacked": Refused("12 treated units with weight zero take no part"),
        },
    ),
    "a comparison without weight": Case(
        lambda: weightless(NEVER_TREATED),
        {
            **each(BY_CELL, Refused("no comparison unit with a positive weight; nothing can be compared")),
            "group_time_not_yet": Unknown("no comparison unit with a positive weight"),
            **each(REGRESSIONS, Refused(NOT_TWICE)),
            **each(UNTREATED, Unknown(rf"{NO_WEIGHT}; left out: \d+ treated cells in period 3")),
            **each(EXTENDED, Noted(f"{NO_WEIGHT}; 24 cells of period 3, 4 are left out: no not_yet_treated")),
            "extended_never": Refused(rf"no never_treated unit is observed \({NO_WEIGHT}\)"),
            "stacked": Refused("no not_yet_treated unit is observed in its whole window"),
            "synthetic": Refused("takes no sampling weights", ConfigError),
            "ancova": Refused("no comparison unit in period 2, 3, 4"),
        },
    ),
}


ROWS = [(case, name) for case, of_case in CASES.items() for name in of_case.answers]


def run(name: str, panel: Panel, covariates: tuple[str, ...] = ()) -> Effects:
    function, design = ESTIMATORS[name]
    return function(panel, replace(design, covariates=covariates) if covariates else design)


def errors_of(effects, panel):
    """Errors and notes, after what holds for every estimator in every case."""
    estimates = with_errors(effects, "cr0", panel.cluster)
    unknown = np.isnan(effects.estimate) | np.isnan(estimates.std_error)
    assert not np.isinf(effects.estimate).any()
    assert not np.isinf(estimates.std_error).any()
    assert not (estimates.std_error == 0).any()
    assert all(note for note, is_unknown in zip(estimates.notes, unknown, strict=True) if is_unknown)
    alone = np.minimum(effects.n_treated, effects.n_comparison) == 1
    assert np.isnan(estimates.std_error[alone]).all()
    return unknown, estimates.notes


@pytest.mark.parametrize(("case", "name"), ROWS)
def test_an_estimator_answers_a_case(case, name):
    of_case = CASES[case]
    panel, answer = of_case.panel(), of_case.answers[name]
    if isinstance(answer, Refused):
        with pytest.raises(answer.error, match=answer.words):
            run(name, panel, of_case.covariates)
        return
    unknown, notes = errors_of(run(name, panel, of_case.covariates), panel)
    found = [
        note
        for note, is_unknown in zip(notes, unknown, strict=True)
        if is_unknown or isinstance(answer, Noted)
    ]
    assert any(re.search(answer.words, note) for note in found)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_sound_panel_has_all_estimates_and_errors(name):
    panel = panel_of()
    unknown, _ = errors_of(run(name, panel), panel)
    assert not unknown.any()


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("where", ["outcome", "covariate", "weight"])
def test_infinite_values_meet_no_estimator(where, value):
    panel = panel_of()
    cells = panel.outcome.copy()
    cells[3, 2] = value
    change = {"covariates": {"z": cells}} if where == "covariate" else {where: cells}
    with pytest.raises(DataError, match="infinite values; treat them as missing or correct them"):
        replace(panel, **change)


def test_negative_weights_meet_no_estimator():
    panel = panel_of()
    with pytest.raises(DataError, match="negative weights; a sampling weight is 0 or more"):
        replace(panel, weight=-np.ones(panel.outcome.shape))


TAKE_COVARIATES = [name for name, (_, design) in ESTIMATORS.items() if hasattr(design, "covariates")]


@pytest.mark.parametrize("name", TAKE_COVARIATES)
def test_a_unit_without_a_covariate_is_as_no_unit(name):
    """Not filled in, and not a reason to leave covariates out for the others."""
    panel = panel_of(z=lambda cohort, fixed, cell: cell)
    z = panel.covariates["z"].copy()
    z[3] = np.nan
    lacking = replace(panel, covariates={**panel.covariates, "z": z})
    kept = np.arange(panel.n_units) != 3
    without = replace(
        panel,
        **{
            field: getattr(panel, field)[kept] for field in ("unit_ids", "outcome", "cohort", "arm", "weight")
        },
        cluster=np.arange(panel.n_units - 1),
        covariates={column: values[kept] for column, values in panel.covariates.items()},
    )
    one, other = run(name, lacking, ("z",)), run(name, without, ("z",))
    assert not one.in_sample[3].any()
    if name != "dose":
        # Averages over cohorts weigh these by all their units, as they do for R did.
        assert_allclose(one.estimate, other.estimate, rtol=1e-9)


@pytest.mark.parametrize("name", ["two_by_two", "two_by_two_reg", "two_by_two_ipw", "two_by_two_improved"])
def test_covariates_after_treatment_change_no_difference_of_two_periods(name):
    """The earlier period's value counts, so that what treatment does to a covariate cannot matter."""
    panel = panel_of(z=lambda cohort, fixed, cell: cell)
    z = panel.covariates["z"].copy()
    z[panel.is_treated] += 50
    changed = replace(panel, covariates={**panel.covariates, "z": z})
    one, other = run(name, panel, ("z",)), run(name, changed, ("z",))
    assert_allclose(other.estimate, one.estimate, rtol=1e-12)


@pytest.mark.parametrize("name", ["two_by_two", "group_time", "group_time_not_yet"])
def test_an_average_that_holds_a_cohort_of_one_unit_has_no_error(name):
    panel = panel_of({2: 1, 3: 6, NEVER_TREATED: 8})
    average = aggregate(run(name, panel), panel, overall)
    estimates = with_errors(average, "cr0", panel.cluster)
    assert np.isfinite(average.estimate).all()
    assert np.isnan(estimates.std_error).all()
    assert "averaged effects rest on one unit: the error is not known" in estimates.notes[0]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_no_treated_unit_counts_as_certain(name):
    """A cohort of one unit is fitted exactly where it has its own coefficients: its variance is unknown.

    An error of an effect that is about the unit, from the others' influence alone, would be too small.
    """
    panel = panel_of({2: 1, 3: 6, NEVER_TREATED: 8})
    effects = run(name, panel)
    known = np.isfinite(with_errors(effects, "cr0", panel.cluster).std_error)
    influence = np.abs(effects.influence[:, known & effects.treated_side[0]])
    assert (influence[0] > 1e-9 * influence.max(axis=0)).all()

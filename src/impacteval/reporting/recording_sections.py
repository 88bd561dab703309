"""Which indicators enterprises record, and the annex with the levels of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from impacteval.design import Outcome
from impacteval.reporting.content import (
    Facts,
    Figure,
    Part,
    Parts,
    Table,
    number_cell,
    text_cell,
    unit_of_level,
    words,
)
from impacteval.reporting.numbers import EMPTY, count, decimals_for, fixed, is_known, share
from impacteval.tables import records

TOLD = "recorded"


def recorded_name(family: str) -> str:
    """Name of the figure of a family's coverage."""
    return f"recorded_{family}"


def recorded_outcomes(facts: Facts, name: str) -> tuple[Outcome, ...]:
    """Outcomes that a figure of coverage shows."""
    chosen = facts.told if name == TOLD else facts.families[name.removeprefix("recorded_")]
    known = set(facts.tables["coverage"]["outcome"])
    return tuple(o for o in chosen if o.name in known)


def recorded_shares(facts: Facts, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Coverage, a row an outcome and a column an arm and period; missing where nobody was interviewed."""
    table = facts.tables["coverage"]
    mine = table[table["outcome"].isin([o.name for o in outcomes])]
    wide = mine.set_index(["outcome", "arm", "period"])["share_with_value"].unstack(["arm", "period"])
    columns = [(a, float(p)) for a in facts.arms for p in facts.plan.panel.periods]
    return wide.reindex(index=[o.name for o in outcomes], columns=pd.MultiIndex.from_tuples(columns))


def recorded_figures(facts: Facts) -> tuple[Figure, ...]:
    """Heat maps of coverage: one of the outcomes told in full, one a family where there are more."""
    names = [TOLD, *map(recorded_name, facts.families)]
    return tuple(_figure(facts, name) for name in names if recorded_outcomes(facts, name))


def _figure(facts: Facts, name: str) -> Figure:
    outcomes = recorded_outcomes(facts, name)
    shares = recorded_shares(facts, outcomes)
    title = "" if name == TOLD else f"{words(name.removeprefix('recorded_'))}: "
    known = pd.Series(shares.to_numpy(dtype=np.float64).ravel()).dropna()
    said = (
        f"run from {share(known.min())} to {share(known.max())}, with a median of {share(known.median())}"
        if len(known)
        else "are not defined"
    )
    return Figure(
        name=name,
        caption=words(f"{title}share of interviewed enterprises with a value, by arm and period"),
        alt=f"Heat map of {count(len(outcomes))} outcomes by arm and period. Shares {said}.",
        data=_coverage_table(facts, outcomes, name=name, title=title),
    )


def _columns(facts: Facts) -> list[tuple[str, int, str]]:
    label_of = facts.plan.panel.label_of
    return [
        (arm, period, f"{facts.arm_label(arm)}, {label_of(period)}")
        for arm in facts.arms
        for period in facts.plan.panel.periods
    ]


def _coverage_table(facts: Facts, outcomes: Sequence[Outcome], *, name: str, title: str) -> Table:
    found = {(r.outcome, r.arm, int(r.period)): r for r in records(facts.tables["coverage"])}
    columns = _columns(facts)

    def cell(outcome: str, arm: str, period: int) -> str:
        r = found.get((outcome, arm, period))
        if r is None or not is_known(r.share_with_value):
            return EMPTY
        return f"{share(r.share_with_value)} ({count(r.n_values)} of {count(r.n_interviewed)})"

    return Table(
        name=f"{name.replace('_', '-')}-data",
        caption=words(f"{title}interviewed enterprises with a value"),
        header=("Outcome", *(label for _, _, label in columns)),
        rows=tuple(
            (text_cell(o.label), *(number_cell(cell(o.name, arm, period)) for arm, period, _ in columns))
            for o in outcomes
        ),
        note="In brackets: enterprises with a value, of those interviewed. A dash: nobody was interviewed.",
        is_folded=True,
    )


def recording_parts(facts: Facts, figures: Mapping[str, Figure]) -> Parts:
    """Coverage of the outcomes told in full, and where arms differ most."""
    if facts.tables["coverage"].empty:
        return ("Which indicators enterprises record is missing: tables/coverage.csv is empty.",)
    where = " Those of all outcomes stand in the last section." if facts.families else ""
    said = (
        "An outcome counts where an enterprise gave a value. Training can lead enterprises to record what "
        "they did not record before: then means are of other enterprises than before, and a difference "
        f"between arms in who has a value can bias a comparison.{where}"
    )
    return (said, *_widest(facts), *((figures[TOLD],) if TOLD in figures else ()))


def _widest(facts: Facts) -> Parts:
    """The estimated outcome whose coverage differs most from the comparison's, in percentage points."""
    table = facts.tables["coverage"]
    table = table[table["outcome"].isin([o.name for o in facts.estimated])]
    comparison = facts.plan.treatment.comparison.name
    shares = table.set_index(["outcome", "period", "arm"])["share_with_value"].unstack("arm")
    if comparison not in shares:
        return ()
    gaps = shares.drop(columns=comparison).sub(shares[comparison], axis=0).stack().dropna()
    if gaps.empty:
        return ()
    name, period, arm = gaps.index[int(gaps.abs().to_numpy().argmax())]
    row = shares.loc[(name, period)]
    return (
        f"Arms differ most in {facts.outcome(name).label}, {facts.plan.panel.label_of(int(period))}: "
        f"{share(row[arm])} of enterprises of arm {facts.arm_label(str(arm))} have a value, "
        f"{share(row[comparison])} of those of {facts.arm_label(comparison)}.",
    )


def annex_parts(facts: Facts, figures: Mapping[str, Figure]) -> Parts:
    """All outcomes by family: who has a value, and observed means; and what indices are made of."""
    parts: list[Part] = []
    if facts.families:
        parts.append(
            "All outcomes that have no section of their own, and those of their families, also ones that are "
            "described only. Observed levels; a difference between arms in one period is not an effect."
        )
    else:
        parts.append("Every outcome has a section of its own, with its means and coverage.")
    for family, outcomes in facts.families.items():
        name = recorded_name(family)
        parts += [figures[name]] if name in figures else []
        parts.append(_means_table(facts, family, outcomes))
    return (*parts, *_indices(facts))


def _means_table(facts: Facts, family: str, outcomes: Sequence[Outcome]) -> Table:
    found = {(r.outcome, r.arm, int(r.period)): r for r in records(facts.tables["means"])}
    columns = _columns(facts)

    def cell(outcome: str, arm: str, period: int) -> str:
        r = found.get((outcome, arm, period))
        if r is None or not is_known(r.mean):
            return EMPTY
        return f"{fixed(r.mean, max(decimals_for(r.std_error) - 1, 0))} ({count(r.n_units)})"

    return Table(
        name=f"means-{family}",
        caption=f"{words(family)}: observed means by arm and period",
        header=("Outcome", "Role", "Unit", *(label for _, _, label in columns)),
        rows=tuple(
            (
                text_cell(o.label),
                text_cell(o.role),
                text_cell(unit_of_level(o)),
                *(number_cell(cell(o.name, arm, period)) for arm, period, _ in columns),
            )
            for o in outcomes
        ),
        note="In brackets: enterprises with a value. Errors and intervals stand in tables/means.csv.",
        is_folded=True,
    )


def _indices(facts: Facts) -> Parts:
    table = facts.tables["indices"]
    if table.empty:
        return ("No outcome is an index of several standardised items.",)
    return (
        "Indices are weighted means of standardised items: each item less its mean over its standard "
        "deviation, both among comparison enterprises at baseline. Cronbach's alpha says how far the items "
        "of an index move together.",
        Table(
            name="indices",
            caption="What indices are made of",
            header=(
                "Index",
                "Item",
                "n at baseline",
                "Mean",
                "Standard deviation",
                "Weight",
                "Cronbach's alpha of the index",
            ),
            rows=tuple(
                (
                    text_cell(_label(facts, r.index)),
                    text_cell(r.item),
                    number_cell(count(r.n)),
                    number_cell(fixed(r.mean, decimals_for(r.sd))),
                    number_cell(fixed(r.sd, decimals_for(r.sd))),
                    number_cell(fixed(r.weight, 3)),
                    number_cell(fixed(r.alpha, 2)),
                )
                for r in records(table)
            ),
            is_folded=True,
        ),
    )


def _label(facts: Facts, name: str) -> str:
    try:
        return facts.variable_label(name)
    except KeyError:
        return words(name)

"""What could be expected before the data, and what a comparison with oneself before would have claimed."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from impacteval.design import Outcome
from impacteval.reporting.content import (
    LOG_UNIT,
    Cell,
    Facts,
    Parts,
    Table,
    effect_unit,
    number_cell,
    text_cell,
)
from impacteval.reporting.numbers import (
    EMPTY,
    count,
    decimals_for,
    fixed,
    interval,
    is_known,
    percent_change,
    share,
)
from impacteval.tables import records

METHODS = {"did": "difference-in-differences", "ancova": "ANCOVA"}
DOSES = {"full": "full", "received": "as received"}


def prior_power_parts(facts: Facts) -> Parts:
    """Power from what was expected before the data; a sentence why not where nothing was."""
    table = facts.tables["prior_power"]
    if table.empty:
        return (
            "What could be expected to be found, before any data, is not said: the study lists no expected "
            "effects (priors.csv).",
        )
    return (
        "What could be expected to be found: expected effects, spreads and losses were written down before "
        "the data. From these alone follows the chance that the design finds an effect of that size.",
        tuple(_chances(facts, table)),
        _prior_table(facts, table),
    )


def _chances(facts: Facts, table: pd.DataFrame) -> list[str]:
    """One sentence an outcome and arm: its chances by dose, over the methods."""
    said = []
    for (name, arm), mine in table.groupby(["outcome", "arm"], sort=False):
        outcome = facts.outcome(str(name))
        doses = [_chance(outcome, str(dose), part) for dose, part in mine.groupby("dose", sort=False)]
        weak = mine[mine["dose"] == mine["dose"].iloc[-1]]
        text = f"{outcome.label}, {facts.arm_label(str(arm))}: {'; '.join(doses)}."
        if weak["power"].max() < 0.5:
            ratio = fixed(weak["exaggeration"].max(), 1)
            text += (
                " More likely than not the study would not see it; an estimate that reaches significance "
                f"would be on average {ratio} times the effect."
            )
        said.append(text)
    return said


def _chance(outcome: Outcome, dose: str, part: pd.DataFrame) -> str:
    effect, low, high = part["effect"].iloc[0], part["power"].min(), part["power"].max()
    said = " to ".join(dict.fromkeys((percent_of(low), percent_of(high))))
    size = f"{_amount(effect)} {effect_unit(outcome)}"
    if dose == "full":
        return f"an effect of {size} at full dose is found with a probability of {said}"
    return f"of {size} at the dose received ({percent_of(part['dose_share'].iloc[0])} of it) with {said}"


def percent_of(value: object) -> str:
    """A share as whole percent."""
    return f"{fixed(100 * float(value), 0)}%" if is_known(value) else EMPTY


def _amount(value: object) -> str:
    return fixed(value, max(decimals_for(abs(float(value))) - 1, 0)) if is_known(value) else EMPTY


def _prior_table(facts: Facts, table: pd.DataFrame) -> Table:
    sources = "; ".join(dict.fromkeys(s for s in table["source"] if s))
    keys = ["outcome", "arm", "dose"]
    methods = [m for m in METHODS if m in set(table["method"])]
    has_arms = len(facts.plan.treatment.arms) > 1
    return Table(
        name="prior-power",
        caption="What could be expected to be found, before any data",
        header=(
            "Outcome",
            *(("Arm",) if has_arms else ()),
            "Unit",
            "Dose",
            "Expected effect",
            *(f"Smallest detectable effect, {METHODS[m]}" for m in methods),
            *(f"Power, {METHODS[m]}" for m in methods),
            "Significant estimates are too large by a factor of",
            "Significant estimates with the wrong sign",
            "Enterprises expected, arm / comparison",
        ),
        rows=tuple(
            _prior_row(facts, {r.method: r for r in records(part)}, methods, has_arms=has_arms)
            for _, part in table.groupby(keys, sort=False)
        ),
        note=(
            f"Enterprises after expected losses. Factor and wrong sign: {METHODS[methods[0]]}."
            f"{' Source: ' + sources + '.' if sources else ''}"
        ),
    )


def _prior_row(
    facts: Facts, by_method: dict[str, SimpleNamespace], methods: list[str], *, has_arms: bool
) -> tuple[Cell, ...]:
    r = by_method.get(methods[0]) or next(iter(by_method.values()))
    outcome, d = facts.outcome(r.outcome), max(decimals_for(r.std_error) - 1, 0)
    found = [by_method[m] for m in methods if m in by_method]
    return (
        text_cell(outcome.label),
        *((text_cell(facts.arm_label(r.arm)),) if has_arms else ()),
        text_cell(effect_unit(outcome)),
        text_cell(f"{DOSES.get(r.dose, r.dose)} ({percent_of(r.dose_share)})"),
        number_cell(_amount(r.effect)),
        *(number_cell(fixed(each.mde, d)) for each in found),
        *(number_cell(percent_of(each.power)) for each in found),
        number_cell(fixed(r.exaggeration, 1)),
        number_cell(share(r.wrong_sign)),
        number_cell(f"{count(r.n_treated)} / {count(r.n_comparison)}"),
    )


def before_after_parts(facts: Facts) -> Parts:
    """The change of treated enterprises beside the estimate: a warning."""
    table = facts.tables["before_after"]
    if table.empty:
        return (
            "A comparison of enterprises with themselves before is missing: no outcome has values both "
            "before and after treatment began.",
        )
    told, tabled = facts.of_told(table), facts.of_tabled(table)
    headlines = _headlines(facts)
    shown: list[Table] = [_before_after_table(facts, told, name="before-after", which="")]
    if len(tabled):
        shown.append(
            _before_after_table(facts, tabled, name="before-after-others", which=", secondary outcomes")
        )
    return (
        "A warning, and no result: what one would have claimed from treated enterprises alone, without "
        "comparison. Everything else that changed in the same years is in it.",
        tuple(_claim(facts, r, headlines) for r in records(told)),
        *shown,
    )


def _headlines(facts: Facts) -> dict[tuple[str, str], SimpleNamespace]:
    rows = records(facts.headlines.drop(columns="_order"))
    found: dict[tuple[str, str], SimpleNamespace] = {}
    for r in rows:
        found.setdefault((r.outcome, r.arm), r)
    return found


def _claim(facts: Facts, r: SimpleNamespace, headlines: dict[tuple[str, str], SimpleNamespace]) -> str:
    outcome, d = facts.outcome(r.outcome), decimals_for(r.std_error)
    said = (
        f"{outcome.label}, {facts.arm_label(r.arm)}: from {_span(facts, r)} "
        f"it changed by {_size(outcome, r.change, d)} in {count(r.n_units)} "
        "treated enterprises, which a comparison of before and after would have claimed for the programme. "
    )
    if is_known(r.change_comparison):
        said += (
            f"In {count(r.n_comparison)} comparison enterprises it changed by "
            f"{_size(outcome, r.change_comparison, d)}. "
        )
    else:
        said += "No comparison enterprise has both values. "
    estimate = headlines.get((r.outcome, r.arm))
    if estimate is None or not is_known(estimate.estimate):
        return said + "This report has no estimate of its effect."
    if estimate.scale != outcome.unit:
        return said + f"The estimate of this report is on another scale ({estimate.scale})."
    return said + f"Against comparison enterprises the estimate is {_size(outcome, estimate.estimate, d)}."


def _size(outcome: Outcome, value: object, d: int) -> str:
    said = f"{fixed(value, d)} {effect_unit(outcome)}"
    return f"{said} ({percent_change(value)})" if outcome.unit == LOG_UNIT and is_known(value) else said


def _before_after_table(facts: Facts, table: pd.DataFrame, *, name: str, which: str) -> Table:
    headlines = _headlines(facts)
    has_arms = len(facts.plan.treatment.arms) > 1
    spans = {_span(facts, r) for r in records(table)}
    span = f" ({min(spans)})" if len(spans) == 1 else ""
    return Table(
        name=name,
        caption=f"Before and after, beside the estimate{which}{span}",
        header=(
            "Outcome",
            *(("Arm",) if has_arms else ()),
            *(("Periods",) if not span else ()),
            "Unit",
            "Change of treated (n)",
            f"{facts.level_text} interval",
            "Change of comparison (n)",
            "Estimated effect",
            f"{facts.level_text} interval of the effect",
        ),
        rows=tuple(
            (
                text_cell(facts.outcome(r.outcome).label),
                *((text_cell(facts.arm_label(r.arm)),) if has_arms else ()),
                *((text_cell(_span(facts, r)),) if not span else ()),
                *_before_after_cells(facts, r, headlines.get((r.outcome, r.arm))),
            )
            for r in records(table)
        ),
        note=(
            "n: enterprises with both values. The estimate may rest on other periods and enterprises, so "
            "that it is not the difference of the two changes."
        ),
        is_folded=bool(which),
    )


def _span(facts: Facts, r: SimpleNamespace) -> str:
    label_of = facts.plan.panel.label_of
    return f"{label_of(int(r.period_before))} to {label_of(int(r.period_after))}"


def _before_after_cells(facts: Facts, r: SimpleNamespace, found: SimpleNamespace | None) -> tuple[Cell, ...]:
    outcome, d = facts.outcome(r.outcome), decimals_for(r.std_error)
    effect: tuple[Cell, ...] = (number_cell(EMPTY), number_cell(EMPTY))
    if found is not None and found.scale == outcome.unit:
        d_effect = decimals_for(found.std_error)
        effect = (
            number_cell(fixed(found.estimate, d_effect), found.estimate_id),
            number_cell(interval(found.conf_low, found.conf_high, d_effect), found.estimate_id),
        )
    return (
        text_cell(effect_unit(outcome)),
        number_cell(f"{fixed(r.change, d)} ({count(r.n_units)})"),
        number_cell(interval(r.conf_low, r.conf_high, d)),
        number_cell(f"{fixed(r.change_comparison, d)} ({count(r.n_comparison)})"),
        *effect,
    )

"""What a programme delivered against its targets, and what it cost."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from impacteval.programme.types import PANEL, FrameworkRow
from impacteval.reporting.content import (
    Cell,
    Facts,
    Part,
    Parts,
    Table,
    effect_unit,
    number_cell,
    text_cell,
    words,
)
from impacteval.reporting.numbers import EMPTY, count, fixed, is_known, share
from impacteval.tables import records

ALL = "all"
MOST_NAMED = 3
LEVELS = ("output", "outcome", "impact")
AVERAGES = ("mean", "share", "on_time")
OBSERVED = (
    "These are observed levels. They include what would have changed without the programme: no effect can be "
    "read from them, and reaching a target is not one. What the programme changed is estimated elsewhere in "
    "this report, against comparison enterprises."
)
MEASURES = {
    "per_enterprise": "For each enterprise served",
    "per_person_trained": "For each person trained",
    "cost_recovery": "Recovered by fees, share of all costs",
}


def delivered_parts(facts: Facts) -> Parts:
    """Who was reached, and each indicator's latest level against its target."""
    table = facts.tables["monitoring"]
    reached = _reached(facts)
    if table.empty:
        return (
            *reached,
            "Indicators of delivery are missing: the study has no results framework (results_framework.csv).",
        )
    latest = _latest(table)
    with_target = latest[latest["target"].notna() & latest["actual"].notna()]
    n_indicators = count(table["indicator"].nunique())
    said = (
        f"Of {n_indicators} indicators of the results framework {count(len(with_target))} have a target and "
        "a value. " + OBSERVED
    )
    return (*reached, said, _compact(facts, latest), *_whole(facts, table))


def _reached(facts: Facts) -> Parts:
    """Enterprises of each arm by when their treatment began."""
    table = facts.tables["exposure"]
    said = []
    for arm in facts.plan.treatment.arms:
        mine = table[(table["arm"] == arm.name) & table["first_treat"].notna()]
        if mine.empty:
            continue
        label_of = facts.plan.panel.label_of
        starts = ", ".join(
            f"{count(r.n_units)} first in {label_of(int(r.first_treat))}" for r in records(mine)
        )
        n_units = count(mine["n_units"].sum())
        said.append(f"{arm.label}: {n_units} enterprises of the study were treated, {starts}.")
    return tuple(said)


def _rows_of(facts: Facts) -> dict[str, FrameworkRow]:
    return {row.indicator: row for row in facts.account.framework}


def _label(facts: Facts, indicator: str) -> str:
    row = _rows_of(facts).get(indicator)
    return row.label if row and row.label else words(indicator)


def _is_less_better(facts: Facts, indicator: str) -> bool:
    """Whether an indicator is the level of an outcome of which less is better."""
    row = _rows_of(facts).get(indicator)
    lower = {o.name for o in facts.outcomes if o.direction == "lower"}
    return row is not None and row.table == PANEL and row.column in lower


def _latest(table: pd.DataFrame) -> pd.DataFrame:
    """The last period with a value of each indicator over all groups; the last of all where none has."""
    mine = table[table["group"] == ALL].assign(_known=lambda t: t["actual"].notna())
    last: pd.DataFrame = mine.sort_values("_known", kind="stable").drop_duplicates("indicator", keep="last")
    level = last["level"].map({name: i for i, name in enumerate(LEVELS)})
    place = last["indicator"].map({name: i for i, name in enumerate(table["indicator"].unique())})
    ordered = last.assign(_level=level, _place=place).sort_values(["_level", "_place"], kind="stable")
    return ordered.drop(columns=["_known", "_level", "_place"])


def _compact(facts: Facts, latest: pd.DataFrame) -> Table:
    rows = []
    for r in records(latest):
        of_target = EMPTY if _is_less_better(facts, r.indicator) else share(r.share_of_target)
        rows.append(
            (
                text_cell(_label(facts, r.indicator)),
                text_cell(words(r.level)),
                text_cell(r.unit),
                number_cell(_amount(r.baseline)),
                number_cell(_amount(r.actual)),
                text_cell(r.period or "to the end"),
                number_cell(_amount(r.target)),
                number_cell(r.target_on or EMPTY),
                number_cell(of_target),
                number_cell(count(r.n_rows)),
            )
        )
    return Table(
        name="monitoring",
        caption="Indicators: latest level observed, and target",
        header=(
            "Indicator",
            "Level",
            "Unit",
            "At the start",
            "Latest",
            "Of",
            "Target",
            "By",
            "Latest, share of target",
            "Rows counted",
        ),
        rows=tuple(rows),
        note=(
            "Outputs are cumulative to the end of the period; levels of enterprises are those of enterprises "
            "served that gave a value. Share of target, a dash: no target, or less is better. "
            + _notes(facts, latest)
        ).strip(),
    )


def _notes(facts: Facts, latest: pd.DataFrame) -> str:
    """What is said of indicators and where targets come from, each said once."""
    said = []
    for note, part in latest[latest["note"] != ""].groupby("note", sort=False):
        labels = "; ".join(_label(facts, str(i)) for i in part["indicator"])
        if len(part) > MOST_NAMED:
            labels = f"{count(len(part))} indicators"
        said.append(f"{str(note).rstrip('.')} ({labels}).")
    sources = "; ".join(dict.fromkeys(s for s in latest["source"] if s))
    return " ".join([*said, *([f"Source: {sources}."] if sources else [])])


def _amount(value: object) -> str:
    """Whole numbers whole, others with as many digits as say something."""
    if not is_known(value):
        return EMPTY
    number = float(value)
    if number.is_integer() or abs(number) >= 1000:
        return count(number)
    return fixed(number, 1 if abs(number) >= 10 else 2)


def _whole(facts: Facts, table: pd.DataFrame) -> Parts:
    """One table for each way of reporting: a row an indicator and group, a column a period."""
    names = {"quarter": "by quarter", "round": f"by {facts.plan.panel.period_name.lower()}"}
    shown = []
    for reporting, part in table.groupby("reporting", sort=False):
        how = names.get(str(reporting), "over the whole time")
        shown.append(_by_period(facts, part, name=f"monitoring-{reporting}", how=how))
    return tuple(shown)


def _by_period(facts: Facts, part: pd.DataFrame, *, name: str, how: str) -> Table:
    periods = list(dict.fromkeys(part["period"]))
    if name.endswith("quarter"):
        periods.sort()
    cells = {(r.indicator, r.group, r.period): _level(facts, r) for r in records(part)}
    lines = dict.fromkeys(zip(part["indicator"], part["group"], strict=True))
    return Table(
        name=name,
        caption=f"Indicators {how} and group",
        header=("Indicator", "Group", *(p or "All" for p in periods)),
        rows=tuple(
            (
                text_cell(_label(facts, indicator)),
                text_cell(_group(facts, indicator, group)),
                *(number_cell(cells.get((indicator, group, p), EMPTY)) for p in periods),
            )
            for indicator, group in lines
        ),
        note="Observed levels, not effects. In brackets: rows behind a mean or a share.",
        is_folded=True,
    )


def _level(facts: Facts, r: SimpleNamespace) -> str:
    framework = _rows_of(facts).get(r.indicator)
    is_average = framework is None or framework.measure in AVERAGES
    return _amount(r.actual) + (f" ({count(r.n_rows)})" if is_average and is_known(r.actual) else "")


def _group(facts: Facts, indicator: str, group: str) -> str:
    if group == ALL:
        return "all"
    column, _, value = group.partition("=")
    row = _rows_of(facts).get(indicator)
    label = facts.choice_label(row.table, column, value) if row else words(value)
    return f"{words(column)}: {label}"


def cost_parts(facts: Facts) -> Parts:
    """Costs by component, year and payer, and what a unit cost."""
    table = facts.tables["costs"]
    if table.empty:
        return ("Costs are missing: the study has no ledger of costs (programme.yaml).",)
    total = records(table[_is_total(table) & (table["payer"] == ALL)])[0]
    payers = table[_is_total(table) & (table["payer"] != ALL)]
    paid = "; ".join(
        f"{_payer(facts, r.payer)} {count(r.amount)} ({share(r.share)})" for r in records(payers)
    )
    said = f"The programme cost {total.currency} {count(total.amount)}, in {count(total.n_entries)} entries."
    return (f"{said} Paid by: {paid}.", _costs_table(facts, table), *_unit_costs(facts))


def _is_total(table: pd.DataFrame) -> pd.Series:
    return (table["component"] == ALL) & table["year"].isna()


def _payer(facts: Facts, value: str) -> str:
    if value == ALL or not facts.account.programme:
        return words(value)
    rule = facts.account.programme[0].costs
    return facts.choice_label(rule.table, rule.payer, value)


def _component(facts: Facts, value: str) -> str:
    if value == ALL:
        return "All costs"
    if not facts.account.programme:
        return words(value)
    rule = facts.account.programme[0].costs
    return facts.choice_label(rule.table, rule.component, value)


def _costs_table(facts: Facts, table: pd.DataFrame) -> Table:
    years = sorted(int(y) for y in table["year"].dropna().unique())
    amounts = {
        (r.component, r.payer, int(r.year) if is_known(r.year) else None): r.amount for r in records(table)
    }
    whole = table[table["year"].isna()]
    order = whole.assign(_last=whole["component"] == ALL, _all=whole["payer"] == ALL)
    order = order.sort_values(["_last", "_all"], kind="stable")
    currency = table["currency"].iloc[0]
    return Table(
        name="costs",
        caption=f"Costs by component, payer and year ({currency})",
        header=("Component", "Paid by", *(str(y) for y in years), "All years", "Share"),
        rows=tuple(
            (
                text_cell(_component(facts, r.component)),
                text_cell(_payer(facts, r.payer)),
                *(number_cell(count(amounts.get((r.component, r.payer, y)))) for y in years),
                number_cell(count(r.amount)),
                number_cell(share(r.share)),
            )
            for r in records(order.drop(columns=["_last", "_all"]))
        ),
        note=("Each entry at the exchange rate of its own day. A dash: nothing booked, or no such total."),
    )


def _unit_costs(facts: Facts) -> Parts:
    table = facts.tables["unit_costs"]
    if table.empty:
        return ("What a unit cost is missing: tables/unit_costs.csv is empty.",)
    parts: list[Part] = [
        "What a unit of effect cost is the cost for each enterprise over the effect on each. It says what "
        "was paid for it, not whether it was worth it; where the interval of the effect includes zero it has "
        "no upper limit and none is given."
    ]
    return (
        *parts,
        Table(
            name="unit-costs",
            caption="What a unit cost",
            header=(
                "Measure",
                "Currency or unit",
                "Value",
                f"{facts.level_text} interval",
                "Numerator",
                "Denominator",
                "Note",
            ),
            rows=tuple(_unit_row(facts, r) for r in records(table)),
        ),
    )


def _unit_row(facts: Facts, r: SimpleNamespace) -> tuple[Cell, ...]:
    is_share = r.measure == "cost_recovery"
    outcome = next((o for o in facts.outcomes if o.name == r.outcome), None)
    label = MEASURES.get(r.measure, words(r.measure))
    if outcome:
        label = f"For an effect of one unit ({effect_unit(outcome)}): {outcome.label}"
    has_interval = is_known(r.low) and is_known(r.high)
    return (
        text_cell(label),
        text_cell(r.currency),
        number_cell(share(r.value) if is_share else _amount(r.value)),
        number_cell(f"{_amount(r.low)} to {_amount(r.high)}" if has_interval else EMPTY),
        number_cell(_amount(r.numerator)),
        number_cell(_amount(r.denominator)),
        text_cell(r.note),
    )

"""The same effect by every design of a plan: equal estimates count once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.design import Outcome
from impacteval.designs import VCOV_LABELS
from impacteval.reporting.content import (
    SAMPLE_LABELS,
    Facts,
    Figure,
    Table,
    effect_unit,
    number_cell,
    text_cell,
)
from impacteval.reporting.numbers import count, decimals_for, fixed, interval
from impacteval.tables import records

# Estimates that differ by less than this share of their size are the same.
SAME = 1e-9
ONE_SAMPLE = "All enterprises with a value have one in all periods: there is no smaller sample to compare. "


def specification_figure(facts: Facts, outcome: Outcome) -> Figure:
    """The same effect by every design of the plan."""
    table = facts.tables["specifications"]
    mine = table[table["outcome"] == outcome.name]
    labels = {d.name: d.label for d in facts.plan.designs}
    return Figure(
        name=f"specifications_{outcome.name}",
        caption=f"{outcome.label}: the effect by every design of the plan that gives one",
        alt=_specifications_in_words(mine.dropna(subset=["estimate"]), outcome),
        data=Table(
            name=f"specifications-{outcome.name}-data",
            caption=f"{outcome.label}: estimates by design and sample ({effect_unit(outcome)})",
            header=(
                "Design",
                "Sample",
                "Arm",
                "Estimate",
                "Standard error",
                f"{facts.level_text} interval",
                "Enterprises",
                "Errors",
                "Note",
            ),
            rows=tuple(
                (
                    text_cell(labels[r.design]),
                    text_cell(SAMPLE_LABELS[r.sample]),
                    text_cell(facts.arm_label(r.arm)),
                    number_cell(fixed(r.estimate, decimals_for(r.std_error))),
                    number_cell(fixed(r.std_error, decimals_for(r.std_error))),
                    number_cell(interval(r.conf_low, r.conf_high, decimals_for(r.std_error))),
                    number_cell(count(r.n_units)),
                    text_cell(r.vcov),
                    text_cell(r.note),
                )
                for r in records(mine)
            ),
            note=("" if "balanced" in set(mine["sample"]) else ONE_SAMPLE) + errors_legend(mine["vcov"]),
            is_folded=True,
        ),
    )


def errors_legend(conventions: pd.Series) -> str:
    """Explain the error conventions of a table, which it names by code and cluster."""
    codes = sorted({str(v).partition("(")[0] for v in conventions} - {""})
    said = "; ".join(f"{code}: {VCOV_LABELS[code]}" for code in codes)
    return f"Errors, with what they cluster by in brackets: {said}." if said else ""


def different(table: pd.DataFrame) -> pd.DataFrame:
    """Rows whose estimates differ by more than rounding; of equal ones the first."""
    ordered = table[table["estimate"].notna()].sort_values("estimate", kind="stable")
    value = ordered["estimate"].to_numpy(dtype=np.float64)
    size = np.maximum(np.abs(value[1:]), np.abs(value[:-1]))
    is_new = np.concatenate([np.ones(min(len(value), 1), dtype=bool), np.diff(value) > SAME * size])
    return ordered[is_new].sort_index()


def _specifications_in_words(known: pd.DataFrame, outcome: Outcome) -> str:
    if known.empty:
        return "Forest plot without points: no design gives an estimate."
    estimates = different(known)["estimate"]
    d = min(decimals_for(error) for error in known["std_error"])
    same_sign = int(max((estimates > 0).sum(), (estimates < 0).sum()))
    return (
        f"Forest plot of {count(len(known))} estimates, {count(len(estimates))} of them different, in "
        f"{effect_unit(outcome)}, from {fixed(estimates.min(), d)} to {fixed(estimates.max(), d)}; of the "
        f"different ones {count(same_sign)} have the same sign."
    )

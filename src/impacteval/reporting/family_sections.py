"""Outcomes that have no section of their own: one table and one figure a family."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from impacteval.reporting.content import (
    Facts,
    Figure,
    Part,
    Parts,
    Section,
    Table,
    effect_unit,
    number_cell,
    text_cell,
    words,
)
from impacteval.reporting.numbers import count, decimals_for, fixed, interval, p_value, percent
from impacteval.tables import records

NOT_FINDINGS = (
    "These outcomes are secondary. With as many of them some intervals leave out zero by chance alone: they "
    "show where to look, and none of them is a finding of this report."
)


def family_sections(facts: Facts, figures: Mapping[str, Figure]) -> tuple[Section, ...]:
    """A section for each family with estimated outcomes that are told in tables only."""
    tabled = {o.family for o in facts.tabled}
    return tuple(
        Section(
            name=f"family-{name}",
            title=f"Secondary outcomes: {words(name)}",
            parts=_family_parts(facts, figures, name),
        )
        for name in facts.families
        if name in tabled
    )


def families_sentence(facts: Facts) -> str:
    """Say how many outcomes have no section of their own, and where they stand."""
    n = len(facts.tabled)
    families = list(dict.fromkeys(words(o.family) for o in facts.tabled))
    return (
        f"{count(n)} secondary outcomes stand in tables, by family ({', '.join(families)}), and are not told "
        "here."
    )


def _family_parts(facts: Facts, figures: Mapping[str, Figure], family: str) -> Parts:
    parts: list[Part] = [NOT_FINDINGS, _standing(facts, family)]
    if forest_name(family) in figures:
        parts.append(figures[forest_name(family)])
    return (*parts, _family_table(facts, family))


def _standing(facts: Facts, family: str) -> str:
    """Say how many of a family's intervals leave out zero."""
    rows = _rows(facts, family)
    known = rows[rows["std_error"].notna()]
    n_out = int(((known["conf_low"] > 0) | (known["conf_high"] < 0)).sum())
    said = (
        f"Of {count(len(rows))} estimates {count(len(known))} have a standard error; {count(n_out)} of these "
        f"have a {facts.level_text} interval that leaves out zero."
    )
    if rows["q_value"].notna().any():
        kept = int((rows["q_value"] < 1 - facts.plan.level).sum())
        size = percent(1 - facts.plan.level)
        said += f" Of {count(kept)} the q-value, adjusted for the outcomes of the family, is below {size}."
    return said


def _rows(facts: Facts, family: str) -> pd.DataFrame:
    """Headlines of a family's tabled outcomes, in the order of ``outcomes.csv``."""
    rows = facts.of_tabled(facts.headlines)
    mine = rows[rows["family"] == family]
    order = {o.name: i for i, o in enumerate(facts.outcomes)}
    place = mine["outcome"].map(order)
    return mine.assign(_order=place).sort_values(["_order", "arm"], kind="stable")


def _family_table(facts: Facts, family: str) -> Table:
    rows = _rows(facts, family)
    has_arms, has_q = len(facts.plan.treatment.arms) > 1, bool(rows["q_value"].notna().any())
    has_notes = bool((rows["note"] != "").any())
    lines = []
    for r in records(rows.drop(columns="_order")):
        outcome, d, source = facts.outcome(r.outcome), decimals_for(r.std_error), str(r.estimate_id)
        printed = (
            f"{count(r.n_treated)} / {count(r.n_comparison)}",
            fixed(r.baseline_mean, d),
            fixed(r.estimate, d),
            fixed(r.std_error, d),
            interval(r.conf_low, r.conf_high, d),
            p_value(r.p_value),
            *((p_value(r.q_value),) if has_q else ()),
            fixed(r.mde, d),
        )
        lines.append(
            (
                text_cell(outcome.label),
                *((text_cell(facts.arm_label(r.arm)),) if has_arms else ()),
                text_cell(effect_unit(outcome) if r.scale == outcome.unit else r.scale),
                *(number_cell(text, source) for text in printed),
                *((text_cell(r.note),) if has_notes else ()),
            )
        )
    without = [o.label for o in facts.tabled if o.family == family and o.name not in set(rows["outcome"])]
    return Table(
        name=f"family-{family}",
        caption=f"{words(family)}: secondary outcomes",
        header=(
            "Outcome",
            *(("Arm",) if has_arms else ()),
            "Unit",
            "Enterprises, arm / comparison",
            "Mean of the arm before",
            "Effect",
            "Standard error",
            f"{facts.level_text} interval",
            "p-value",
            *(("q-value",) if has_q else ()),
            "Smallest detectable effect",
            *(("Note",) if has_notes else ()),
        ),
        rows=tuple(lines),
        note=_note(facts, without, has_q=has_q),
    )


def _note(facts: Facts, without: list[str], *, has_q: bool) -> str:
    said = (
        "Intervals and p-values are for one estimate at a time. A dash: not defined. An effect smaller than "
        "the smallest detectable one can be there and go unseen; a mean of percentages is in percent, their "
        "difference in percentage points."
    )
    if has_q:
        said += " q-values are adjusted for the outcomes of the family."
    if without:
        said += f" No estimate at all: {'; '.join(without)}."
    return said


def forest_name(family: str) -> str:
    """Name of a family's forest figure."""
    return f"forest_{family}"


def forest_rows(facts: Facts, family: str) -> pd.DataFrame:
    """Headlines of all estimated outcomes of a family that have an error and a spread before treatment.

    Estimates and intervals are in standard deviations of the outcome before treatment, which stand in the
    table of power; one on another scale than its outcome, say a ratio of rates, has none.
    """
    rows = facts.headlines[facts.headlines["family"] == family]
    units = {o.name: o.unit for o in facts.outcomes}
    spread = facts.tables["power"].set_index(["outcome", "arm"])["sd_baseline"]
    sd = [spread.get((o, a)) for o, a in zip(rows["outcome"], rows["arm"], strict=True)]
    shown = rows.assign(sd=pd.Series(sd, index=rows.index, dtype="float64"))
    is_drawn = (
        shown["std_error"].notna() & (shown["sd"] > 0) & (shown["scale"] == shown["outcome"].map(units))
    )
    drawn = shown[is_drawn]
    scaled = {name: drawn[name] / drawn["sd"] for name in ("estimate", "conf_low", "conf_high")}
    return drawn.assign(**scaled)


def forest_figure(facts: Facts, family: str) -> Figure:
    """Effects on all outcomes of a family on one scale."""
    rows = forest_rows(facts, family)
    n_out = int(((rows["conf_low"] > 0) | (rows["conf_high"] < 0)).sum())
    estimates = rows["estimate"]
    has_primary = any(facts.outcome(str(o)).role == "primary" for o in rows["outcome"])
    range_ = f" from {fixed(estimates.min(), 2)} to {fixed(estimates.max(), 2)}" if len(rows) else ""
    left_out = [
        facts.outcome(str(o)).label
        for o in facts.headlines.loc[facts.headlines["family"] == family, "outcome"].unique()
        if o not in set(rows["outcome"])
    ]
    return Figure(
        name=forest_name(family),
        caption=(
            f"{words(family)}: effects in standard deviations of each outcome before treatment, with "
            f"{facts.level_text} intervals; an arrow shows on which side of zero an effect is an improvement"
            f"{'; filled: primary outcomes' if has_primary else ''}"
        ),
        alt=(
            f"Forest plot of {count(len(rows))} estimates{range_} standard deviations; {count(n_out)} "
            "intervals leave out zero."
        ),
        data=Table(
            name=f"forest-{family}-data",
            caption=f"{words(family)}: effects in standard deviations before treatment",
            header=(
                "Outcome",
                "Arm",
                "Role",
                "Effect, standard deviations",
                f"{facts.level_text} interval",
                "Standard deviation before",
                "Unit of the outcome",
                "Better",
            ),
            rows=tuple(
                (
                    text_cell(facts.outcome(r.outcome).label),
                    text_cell(facts.arm_label(r.arm)),
                    text_cell(facts.outcome(r.outcome).role),
                    number_cell(fixed(r.estimate, 2)),
                    number_cell(interval(r.conf_low, r.conf_high, 2)),
                    number_cell(fixed(r.sd, decimals_for(r.sd))),
                    text_cell(facts.outcome(r.outcome).unit),
                    text_cell(facts.outcome(r.outcome).direction),
                )
                for r in records(rows.drop(columns="_order"))
            ),
            note=(
                "Estimate and interval over the standard deviation before treatment (tables/power.csv), "
                "which is taken as known."
                + (f" Not drawn, without error or spread: {'; '.join(left_out)}." if left_out else "")
            ),
            is_folded=True,
        ),
    )

"""The figures of a report as SVG, the same bytes on every run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from impacteval.arrays import Float1D
from impacteval.design import Outcome
from impacteval.reporting.content import SAMPLE_LABELS, Facts, effect_unit, unit_of_level
from impacteval.reporting.event_studies import event_study_rows, reference_event_time
from impacteval.reporting.exhibits import balance_rows
from impacteval.reporting.flow_chart import flow_chart
from impacteval.reporting.maps import forest, heat_map
from impacteval.reporting.style import COLOURS, GREY, MARKERS, STYLE, WIDTH_INCHES
from impacteval.reporting.synthetic import draw_mark


@dataclass(frozen=True, slots=True)
class ArmStyle:
    """How an arm looks in every figure."""

    colour: str
    marker: str


def draw(facts: Facts, name: str) -> bytes:
    """Draw one of the figures that ``figures_of`` describes; return its SVG."""
    with sns.axes_style("whitegrid"), matplotlib.rc_context(STYLE):
        canvas = _canvas(facts, name)
        return svg_of(canvas, title=name, is_synthetic=facts.study.synthetic)


def svg_of(canvas: Canvas, title: str, *, is_synthetic: bool) -> bytes:
    """Render a figure without dates or program names, so that equal figures are equal bytes.

    Below one of simulated data it says that they are.
    """
    if is_synthetic:
        draw_mark(canvas)
    buffer = io.BytesIO()
    canvas.savefig(
        buffer,
        format="svg",
        bbox_inches="tight",
        metadata={"Date": None, "Creator": None, "Title": title},
    )
    return buffer.getvalue()


def _canvas(facts: Facts, name: str) -> Canvas:
    for prefix, drawing in (
        ("means_", _means),
        ("event_study_", _event_study),
        ("specifications_", _specifications),
    ):
        if name.startswith(prefix):
            return drawing(facts, facts.outcome(name.removeprefix(prefix)))
    for prefix, map_ in (("forest_", forest), ("recorded", heat_map)):
        if name.startswith(prefix):
            return map_(facts, name)
    return {"flow": flow_chart, "balance": _balance, "attrition": _attrition}[name](facts)


def _axes(height: float) -> tuple[Canvas, Axes]:
    canvas = Canvas(figsize=(WIDTH_INCHES, height), layout="constrained")
    return canvas, canvas.add_subplot()


def _arms(facts: Facts) -> list[str]:
    return list(facts.arms)


def _style_of(facts: Facts, arm: str) -> ArmStyle:
    position = _arms(facts).index(arm)
    if arm == facts.plan.treatment.comparison.name:
        return ArmStyle(GREY, "o")
    return ArmStyle(COLOURS[(position - 1) % len(COLOURS)], MARKERS[position % len(MARKERS)])


def _period_axis(axes: Axes, facts: Facts) -> None:
    periods = facts.plan.panel.periods
    axes.set_xticks(range(len(periods)), [facts.plan.panel.label_of(p) for p in periods])
    axes.set_xlabel(facts.plan.panel.period_name)
    axes.grid(axis="x", visible=False)


def _position(facts: Facts, periods: pd.Series) -> Float1D:
    clock = list(facts.plan.panel.periods)
    return np.array([clock.index(int(p)) for p in periods], dtype=np.float64)


def _legend(axes: Axes, columns: int) -> None:
    if columns == 0:
        return
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2, handletextpad=0.4
    )


def _means(facts: Facts, outcome: Outcome) -> Canvas:
    table = facts.tables["means"]
    mine = table[table["outcome"] == outcome.name]
    canvas, axes = _axes(3.2)
    arms = _arms(facts)
    for shift, arm in zip(_shifts(len(arms)), arms, strict=True):
        part = mine[(mine["arm"] == arm) & mine["mean"].notna()]
        style = _style_of(facts, arm)
        axes.errorbar(
            _position(facts, part["period"]) + shift,
            part["mean"],
            yerr=[part["mean"] - part["conf_low"], part["conf_high"] - part["mean"]],
            label=facts.arm_label(arm),
            linewidth=1.6,
            elinewidth=1,
            markersize=5,
            color=style.colour,
            marker=style.marker,
        )
    _period_axis(axes, facts)
    axes.set_ylabel(_wrapped(unit_of_level(outcome), 34))
    _legend(axes, len(arms))
    return canvas


def _shifts(n: int) -> Float1D:
    """Small sideways steps that keep the intervals of several arms apart."""
    return (np.arange(n, dtype=np.float64) - (n - 1) / 2) * 0.12


def _event_study(facts: Facts, outcome: Outcome) -> Canvas:
    rows = event_study_rows(facts, outcome.name)
    found = reference_event_time(facts, rows)
    reference = [] if found is None else [found]
    canvas, axes = _axes(3.2)
    arms = [a for a in _arms(facts) if a in set(rows["arm"])]
    axes.axhline(0, color=GREY, linewidth=1)
    axes.axvline(-0.5, color=GREY, linewidth=1, linestyle=":")
    for shift, arm in zip(_shifts(len(arms)), arms, strict=True):
        part = rows[rows["arm"] == arm]
        time = part["event_time"].to_numpy(dtype=np.float64)
        style = _style_of(facts, arm)
        axes.vlines(time + shift, part["band_low"], part["band_high"], linewidth=1, color=style.colour)
        axes.errorbar(
            time + shift,
            part["estimate"],
            yerr=[part["estimate"] - part["conf_low"], part["conf_high"] - part["estimate"]],
            label=facts.arm_label(arm),
            linestyle="none",
            elinewidth=2.6,
            markersize=6,
            color=style.colour,
            marker=style.marker,
        )
        axes.plot(
            [t + shift for t in reference],
            [0 for _ in reference],
            linestyle="none",
            markersize=6,
            markerfacecolor="white",
            color=style.colour,
            marker=style.marker,
        )
    ticks = sorted({*reference, *rows["event_time"].astype(int)})
    axes.set_xticks(ticks, [f"{t}".replace("-", "\N{MINUS SIGN}") for t in ticks])
    axes.set_xlabel("Periods since treatment began" + (" (open: reference)" if reference else ""))
    axes.set_ylabel(_wrapped(f"Difference, {effect_unit(outcome)}", 34))
    axes.grid(axis="x", visible=False)
    _legend(axes, len(arms))
    return canvas


def _specifications(facts: Facts, outcome: Outcome) -> Canvas:
    """A line a design; a point an arm and sample, open where only always-observed enterprises count."""
    table = facts.tables["specifications"]
    mine = table[(table["outcome"] == outcome.name) & table["estimate"].notna()]
    labels = {d.name: d.label for d in facts.plan.designs}
    arms = [a for a in _arms(facts) if a in set(mine["arm"])]
    lines = list(dict.fromkeys(mine["design"]))
    series = [(arm, sample) for arm in arms for sample in SAMPLE_LABELS if sample in set(mine["sample"])]
    canvas, axes = _axes(0.9 + (0.22 + 0.1 * len(series)) * max(len(lines), 1))
    axes.axvline(0, color=GREY, linewidth=1)
    for shift, (arm, sample) in zip(_shifts(len(series)) * 1.6, series, strict=True):
        part = mine[(mine["arm"] == arm) & (mine["sample"] == sample)]
        style = _style_of(facts, arm)
        axes.errorbar(
            part["estimate"],
            np.array([lines.index(design) for design in part["design"]]) + shift,
            xerr=[part["estimate"] - part["conf_low"], part["conf_high"] - part["estimate"]],
            label=f"{facts.arm_label(arm)}, {SAMPLE_LABELS[sample]}",
            linestyle="none",
            elinewidth=1.2,
            markersize=5,
            markerfacecolor=style.colour if sample == "all" else "white",
            color=style.colour,
            marker=style.marker,
        )
    axes.set_yticks(range(len(lines)), [_wrapped(labels[d]) for d in lines], fontsize=8)
    axes.set_ylim(max(len(lines), 1) - 0.5, -0.5)
    axes.set_xlabel(effect_unit(outcome))
    axes.grid(axis="y", visible=False)
    _legend(axes, min(len(series), 1))
    return canvas


def _wrapped(text: str, width: int = 44) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def _balance(facts: Facts) -> Canvas:
    table = balance_rows(facts)
    variables = list(dict.fromkeys(table["variable"]))
    shown = table.assign(
        label=table["variable"].map(lambda v: _wrapped(facts.variable_label(v), 40)),
        arm_label=table["arm"].map(facts.arm_label),
    )
    arms = [a for a in _arms(facts) if a in set(table["arm"])]
    canvas, axes = _axes(0.9 + 0.3 * len(variables))
    for limit in (-0.25, 0.25):
        axes.axvline(limit, color=GREY, linewidth=1, linestyle="--")
    axes.axvline(0, color=GREY, linewidth=1)
    for arm in arms:
        style = _style_of(facts, arm)
        sns.stripplot(
            data=shown[shown["arm"] == arm],
            x="normalised_difference",
            y="label",
            order=[_wrapped(facts.variable_label(v), 40) for v in variables],
            jitter=False,
            size=7,
            ax=axes,
            label=facts.arm_label(arm),
            legend=False,
            color=style.colour,
            marker=style.marker,
        )
    _one_legend_entry_an_arm(axes, facts, arms)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("Normalised difference to the comparison (dashed: 0.25 either way)")
    axes.set_ylabel("")
    return canvas


def _one_legend_entry_an_arm(axes: Axes, facts: Facts, arms: Sequence[str]) -> None:
    handles = []
    for arm in arms:
        style = _style_of(facts, arm)
        handles += axes.plot(
            [],
            [],
            linestyle="none",
            markersize=7,
            label=facts.arm_label(arm),
            color=style.colour,
            marker=style.marker,
        )
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(arms), borderaxespad=0.2
    )


def _attrition(facts: Facts) -> Canvas:
    table = facts.tables["attrition"]
    canvas, axes = _axes(2.8)
    for arm in _arms(facts):
        part = table[table["arm"] == arm]
        style = _style_of(facts, arm)
        sns.lineplot(
            x=_position(facts, part["period"]),
            y=100 * part["share_interviewed"].to_numpy(),
            ax=axes,
            label=facts.arm_label(arm),
            errorbar=None,
            markersize=6,
            markeredgecolor="none",
            linewidth=1.6,
            color=style.colour,
            marker=style.marker,
        )
    _period_axis(axes, facts)
    axes.set_ylabel("Interviewed, % of enterprises")
    axes.set_ylim(top=101)
    _legend(axes, len(_arms(facts)))
    return canvas

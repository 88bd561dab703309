"""Figures of the recovery of known effects, drawn from its tables: the same bytes on every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from impacteval.design import Outcome, Plan
from impacteval.reporting.draw import svg_of
from impacteval.reporting.style import COLOURS, GREY, MARKERS, STYLE, WIDTH_INCHES

# Half the width of a 95% interval in Monte Carlo errors.
HALF_WIDTH = 1.96
ROW_INCHES = 0.42


def recovery_figures(recovery: pd.DataFrame, outcomes: tuple[Outcome, ...], plan: Plan) -> dict[str, bytes]:
    """Bias and coverage by scenario and outcome, as SVG.

    The primary design is shown and, beside it, the first with two-way fixed effects if the plan has one.

    Parameters
    ----------
    recovery : DataFrame
        Table of recovery.

    Returns
    -------
    dict
        ``bias``: mean error in standard deviations of the estimate, with 95% Monte Carlo intervals.
        ``coverage``: share of intervals that hold the truth, likewise.
    """
    shown = [plan.primary, *[d.name for d in plan.designs if d.estimator == "twfe"][:1]]
    labels = {o.name: o.label for o in outcomes}
    bias = recovery.assign(at=recovery["bias"] / recovery["sd"], error=recovery["bias_mc"] / recovery["sd"])
    coverage = recovery.assign(at=recovery["coverage"], error=recovery["coverage_mc"])
    with sns.axes_style("whitegrid"), matplotlib.rc_context(STYLE):
        return {
            "bias": _drawn(bias, shown, labels, ("Bias, in standard deviations of the estimate", 0.0)),
            "coverage": _drawn(
                coverage, shown, labels, ("Share of intervals that hold the truth", plan.level)
            ),
        }


def _drawn(
    table: pd.DataFrame, designs: Sequence[str], labels: Mapping[str, str], axis: tuple[str, float]
) -> bytes:
    scenarios = list(dict.fromkeys(table["scenario"]))
    outcomes = [name for name in labels if name in set(table["outcome"])]
    height = 1.1 + ROW_INCHES * len(scenarios) * len(outcomes) / 2
    canvas = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    for number, name in enumerate(outcomes):
        axes = canvas.add_subplot((len(outcomes) + 1) // 2, 2, number + 1)
        _panel(axes, table[table["outcome"] == name], scenarios, designs)
        axes.axvline(axis[1], color=GREY, linewidth=1)
        axes.set_title(labels[name], loc="left")
        if number % 2:
            axes.set_yticklabels([])
    canvas.supxlabel(axis[0], fontsize=10)
    handles, names = canvas.axes[0].get_legend_handles_labels()
    canvas.legend(handles, names, loc="outside upper right", ncols=len(designs))
    return svg_of(canvas, title=axis[0], is_synthetic=True)


def _panel(axes: Axes, table: pd.DataFrame, scenarios: Sequence[str], designs: Sequence[str]) -> None:
    place = {name: -float(row) for row, name in enumerate(scenarios)}
    for number, design in enumerate(designs):
        mine = table[table["design"] == design]
        shift = 0.36 * (number - (len(designs) - 1) / 2)
        axes.errorbar(
            mine["at"].to_numpy(),
            np.array([place[s] for s in mine["scenario"]]) - shift,
            xerr=HALF_WIDTH * mine["error"].to_numpy(),
            fmt=MARKERS[number],
            color=COLOURS[number],
            markersize=4,
            linewidth=1,
            label=design,
        )
    axes.set_yticks(list(place.values()), list(place), fontsize=8)
    axes.tick_params(axis="x", labelsize=8)

"""Figures of many outcomes at once: effects of a family on one scale, and who has a value."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.figure import Figure as Canvas

from impacteval.reporting.content import Facts
from impacteval.reporting.family_sections import forest_rows
from impacteval.reporting.recording_sections import recorded_outcomes, recorded_shares
from impacteval.reporting.style import COLOURS, GREY, MARKERS, WIDTH_INCHES

LABEL_WIDTH = 44
LINE_INCHES = 0.165
MOST_COLUMNS_AT_FULL_SIZE = 16
# On which side of zero an effect is an improvement.
ARROWS = {"higher": " \N{RIGHTWARDS ARROW}", "lower": " \N{LEFTWARDS ARROW}", "neutral": ""}


def _wrapped(text: str, width: int = LABEL_WIDTH) -> str:
    return "\n".join(textwrap.wrap(text, width)) or text


def _height(labels: list[str], each: float) -> float:
    """Inches that labels take, each line of them and a gap between any two."""
    return sum(LINE_INCHES * (label.count("\n") + 1) + each for label in labels)


def forest(facts: Facts, name: str) -> Canvas:
    """A line an outcome, a point an arm; filled where the outcome is a primary one."""
    rows = forest_rows(facts, name.removeprefix("forest_"))
    outcomes = list(dict.fromkeys(str(o) for o in rows["outcome"]))
    labels = [_wrapped(f"{facts.outcome(o).label}{ARROWS[facts.outcome(o).direction]}") for o in outcomes]
    canvas = Canvas(figsize=(WIDTH_INCHES, 0.9 + _height(labels, 0.08)), layout="constrained")
    axes = canvas.add_subplot()
    axes.axvline(0, color=GREY, linewidth=1)
    arms = [a for a in facts.arms if a in set(rows["arm"])]
    steps = (np.arange(len(arms), dtype=np.float64) - (len(arms) - 1) / 2) * 0.22
    for i, (arm, step) in enumerate(zip(arms, steps, strict=True)):
        for is_primary in (True, False):
            part = rows[(rows["arm"] == arm)]
            part = part[[(facts.outcome(str(o)).role == "primary") is is_primary for o in part["outcome"]]]
            if part.empty:
                continue
            axes.errorbar(
                part["estimate"],
                np.array([outcomes.index(str(o)) for o in part["outcome"]]) + step,
                xerr=[part["estimate"] - part["conf_low"], part["conf_high"] - part["estimate"]],
                label=f"{facts.arm_label(arm)}, {'primary' if is_primary else 'secondary'} outcomes",
                linestyle="none",
                elinewidth=1.2,
                markersize=5,
                markerfacecolor=COLOURS[i % len(COLOURS)] if is_primary else "white",
                color=COLOURS[i % len(COLOURS)],
                marker=MARKERS[(i + 1) % len(MARKERS)],
            )
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axes.set_xlabel("Effect, standard deviations before treatment")
    axes.grid(axis="y", visible=False)
    if len(rows):
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1, borderaxespad=0.2, fontsize=9)
    return canvas


def heat_map(facts: Facts, name: str) -> Canvas:
    """A row an outcome, a column an arm and period; each cell with its share in percent."""
    outcomes = recorded_outcomes(facts, name)
    shares = recorded_shares(facts, outcomes)
    values = 100 * shares.to_numpy(dtype=np.float64)
    labels = [_wrapped(o.label) for o in outcomes]
    arms, periods = facts.arms, facts.plan.panel.periods
    canvas = Canvas(figsize=(WIDTH_INCHES, 1.1 + _height(labels, 0.09)), layout="constrained")
    axes = canvas.add_subplot()
    axes.imshow(np.ma.masked_invalid(values), aspect="auto", cmap="Blues", vmin=0, vmax=130)
    size = 7.5 if values.shape[1] <= MOST_COLUMNS_AT_FULL_SIZE else 5
    for row, column in np.argwhere(np.isfinite(values)):
        value = values[row, column]
        ink = "white" if value > 85 else "black"
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=size, color=ink)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    ticks = [facts.plan.panel.label_of(p) for _ in arms for p in periods]
    axes.set_xticks(range(len(ticks)), [_wrapped(t, 8) for t in ticks])
    axes.tick_params(axis="x", labelsize=7.5, labelrotation=90 if len(ticks) > 8 else 0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for i, arm in enumerate(arms):
        middle = len(periods) * (i + 0.5) - 0.5
        axes.text(
            middle,
            -0.02,
            _wrapped(facts.arm_label(arm), 26),
            ha="center",
            va="top",
            fontsize=9,
            transform=axes.get_xaxis_transform(),
        )
        if i:
            axes.axvline(len(periods) * i - 0.5, color="white", linewidth=4)
    axes.set_xlabel("% of interviewed enterprises with a value", labelpad=26)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    return canvas

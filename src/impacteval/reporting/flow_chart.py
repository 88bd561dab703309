"""The flow chart: from delivered rows to the sample of each primary outcome."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyBboxPatch

from impacteval.reporting.content import Facts
from impacteval.reporting.numbers import count
from impacteval.reporting.style import COLOURS, GREY, WIDTH_INCHES
from impacteval.tables import records

# Inches that a line of a box takes, and characters that fit side by side.
LINE = 0.22
LINE_LENGTH = 84
ARROW = {"arrowstyle": "->", "color": GREY}


def flow_chart(facts: Facts) -> Canvas:
    """Draw delivered rows, arms of the panel, and samples of primary outcomes."""
    flow = facts.flow
    rule = facts.plan.treatment
    arms = [rule.comparison, *rule.arms]
    primary = [o for o in facts.outcomes if o.role == "primary"] or list(facts.outcomes[:1])
    labels = {o.name: _wrapped(o.label, len(arms)) for o in primary}
    arm_labels = {a.name: _wrapped(a.label, len(arms)) for a in arms}
    # Labels that need more lines than one push the boxes below them down.
    extra = {name: LINE * label.count("\n") for name, label in labels.items()}
    extra_arm = LINE * max(label.count("\n") for label in arm_labels.values())
    height = 2.95 + 1.05 * len(primary) + extra_arm + sum(extra.values())
    canvas = Canvas(figsize=(WIDTH_INCHES, height))
    axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    width = 0.94 / len(arms)
    centres = [0.03 + width * (i + 0.5) for i in range(len(arms))]
    delivered = flow.loc[flow["step"] == "delivered", "n_rows"].iloc[0]
    left = flow[flow["step"].isin(("removed", "left_out"))]
    _box(axes, 0.5, height - 0.5, 0.62, f"{count(delivered)} rows delivered")
    reasons = (
        "\n".join(f"{count(r.n_rows)} rows left out: {r.reason}" for r in records(left)) or "no row left out"
    )
    axes.text(
        0.5, height - 1.13, reasons, ha="center", va="center", fontsize=9, color=GREY, backgroundcolor="white"
    )
    is_anyone_missed = bool((flow.loc[flow["step"] == "not_interviewed", "n_rows"] > 0).any())
    for arm, x in zip(arms, centres, strict=True):
        mine = flow[flow["arm"] == arm.name]
        panel = mine[mine["step"] == "panel"].iloc[0]
        gone = mine[mine["step"] == "not_interviewed"].iloc[0]
        axes.annotate(
            "",
            xy=(x, height - 1.62),
            xytext=(0.5, height - 0.82),
            arrowprops=ARROW,
            zorder=0,
        )
        _box(
            axes,
            x,
            height - 2.12 - extra_arm / 2,
            width * 0.92,
            _panel_text(arm_labels[arm.name], panel, gone if is_anyone_missed else None),
        )
        top = height - 2.9 - extra_arm
        for outcome in primary:
            sample = mine[(mine["step"] == "sample") & (mine["outcome"] == outcome.name)].iloc[0]
            y = top - 0.4 - extra[outcome.name] / 2
            axes.annotate("", xy=(x, top + 0.03), xytext=(x, top + 0.26), arrowprops=ARROW)
            top -= 1.05 + extra[outcome.name]
            _box(
                axes,
                x,
                y,
                width * 0.92,
                _sample_text(labels[outcome.name], sample),
                outcome=True,
            )
    return canvas


def _panel_text(label: str, panel: pd.Series, missed: pd.Series | None) -> str:
    said = f"{label}\n{count(panel['n_units'])} enterprises\n{count(panel['n_rows'])} interviews"
    return said if missed is None else f"{said}\n{count(missed['n_rows'])} interviews missed"


def _sample_text(label: str, sample: pd.Series) -> str:
    return f"{label}\n{count(sample['n_units'])} enterprises\n{count(sample['n_rows'])} values"


def _wrapped(text: str, n_arms: int) -> str:
    return "\n".join(textwrap.wrap(text, max(LINE_LENGTH // n_arms, 8))) or text


def _box(axes: Axes, x: float, y: float, width: float, text: str, *, outcome: bool = False) -> None:
    height = LINE * (text.count("\n") + 1) + 0.16
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.02",
            facecolor="#eef4fa" if outcome else "white",
            edgecolor=COLOURS[0] if outcome else GREY,
            linewidth=1,
        )
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=9, linespacing=1.35)

"""How figures look: one palette, one set of sizes."""

from __future__ import annotations

from matplotlib.typing import RcKeyType

# Okabe and Ito's palette without the hues below 3:1 contrast on white; markers tell arms apart too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#7B3294", "#000000")
MARKERS = ("o", "s", "^", "D", "v")
GREY = "#595959"
WIDTH_INCHES = 7.2
STYLE: dict[RcKeyType, object] = {
    "svg.hashsalt": "impacteval",
    "svg.fonttype": "path",
    # Labels are the study's own words: a dollar sign is money, not mathematics.
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}

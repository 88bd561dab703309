"""Tables and the figure of what ``bench_estimators`` measured."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS = "impacteval"
TITLES = {
    "group_time": "Group-time effects, doubly robust with a covariate, averages, errors",
    "group_time_bands": "The same with simultaneous bands",
    "ten_outcomes": "The same for ten outcomes",
    "event_study": "Two-way fixed effects event study, errors by unit",
    "streaming": "Group-time effects from sums, read in pieces",
}
WAYS = {
    "errors": "",
    "from_frame": ", from a frame",
    "computed": ", bands without draws",
    "draws": ", 999 draws",
}
FIGURE_TITLES = {
    "group_time": "Group-time effects, errors",
    "group_time_bands": "Group-time effects, bands",
    "event_study": "Two-way event study",
}
# Growth is measured from here: below, what does not depend on size is most of the time.
FIRST_OF_GROWTH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One fit: the task, who did it, what it took and what it found.

    Attributes
    ----------
    beside, round
        Peer in whose turns it was measured, and which turn.
    cpu, wall, start_up : float
        Seconds of the fit, and CPU seconds from the start of the process to the end of a small fit.
    peak : int
        Largest memory of the whole process, bytes.
    found : mapping
        Label to estimate and error.
    """

    task: str
    n_units: int
    package: str
    way: str
    beside: str
    round: int
    cpu: float
    wall: float
    start_up: float
    peak: int
    found: dict[str, list[float]]
    versions: dict[str, str]
    python: str

    @property
    def who(self) -> str:
        """Package and the way it went."""
        return self.package + WAYS[self.way]


@dataclass(slots=True, kw_only=True)
class Results:
    """All measurements of a run, and what could not be measured."""

    facts: dict[str, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    not_measured: dict[str, str] = field(default_factory=dict)

    def add(self, other: Results) -> None:
        """Append what another run measured."""
        self.measured += other.measured
        self.not_measured.update(other.not_measured)

    def of(self, task: str, n_units: int) -> list[Measured]:
        """Measurements of a task at a size."""
        return [m for m in self.measured if (m.task, m.n_units) == (task, n_units)]

    def sizes(self, task: str) -> list[int]:
        """Sizes that a task was measured at."""
        return sorted({m.n_units for m in self.measured if m.task == task})

    @classmethod
    def parse(cls, text: str) -> Results:
        """Read what was written as JSON."""
        record = json.loads(text)
        return cls(**record | {"measured": [Measured(**row) for row in record["measured"]]})


def tables(results: Results, *, level: str = "##") -> str:
    """All tables, as Markdown below headings of a level."""
    parts = [_facts(results)]
    for task, title in TITLES.items():
        if results.sizes(task):
            parts.append(f"{level} {title}\n\n{_times(results, task)}")
    parts += [
        f"{level} {title}\n\n{part}"
        for title, part in (
            ("Growth with size", _growth(results)),
            ("Agreement", _agreement(results)),
            ("Not measured", _missing(results)),
        )
        if part
    ]
    return "\n".join(parts)


def median(values: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    """Median over measurements."""
    return statistics.median(of(value) for value in values)


def ratios(ours: Sequence[Measured], peer: Sequence[Measured]) -> list[float]:
    """CPU time of a peer over that of this package, turn by turn."""
    of_turn = {(m.beside, m.round): m.cpu for m in ours}
    return [m.cpu / of_turn[m.beside, m.round] for m in peer]


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _by_who(measured: Sequence[Measured]) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {}
    for m in measured:
        found.setdefault(m.who, []).append(m)
    return found


def _times(results: Results, task: str) -> str:
    ways = list(dict.fromkeys(m.who for m in results.measured if m.task == task and m.package == OURS))
    rows = []
    for n_units in results.sizes(task):
        by_who = _by_who(results.of(task, n_units))
        for who, measured in by_who.items():
            compared = [
                _ratio(ratios(by_who[way], measured)) if way in by_who and who not in ways else ""
                for way in ways
            ]
            seconds, peak = median(measured, lambda m: m.cpu), median(measured, lambda m: m.peak)
            rows.append([f"{n_units:,}", who, f"{seconds:.3g}", *compared, f"{peak / 1e6:,.0f}"])
    times = [f"times {way}" for way in ways]
    return _rows(["units", "package", "CPU seconds", *times, "peak MB"], rows)


def _ratio(values: list[float]) -> str:
    if not values:
        return ""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _growth(results: Results) -> str:
    rows = []
    for task, title in TITLES.items():
        sizes = [n for n in results.sizes(task) if n >= FIRST_OF_GROWTH]
        for who in dict.fromkeys(m.who for m in results.measured if m.task == task):
            seconds = _curve(results, task, who, sizes)
            if len(seconds) > 1:
                slope = np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)[0]
                span = f"{min(seconds):,} to {max(seconds):,}"
                rows.append([title, who, span, f"{slope:.2f}"])
    header = ["task", "package", "units", "exponent of CPU time"]
    return _rows(header, rows) if rows else ""


def _curve(results: Results, task: str, who: str, sizes: Sequence[int]) -> dict[int, float]:
    """Median CPU seconds of a package by size."""
    found = {n: [m for m in results.of(task, n) if m.who == who] for n in sizes}
    return {n: median(measured, lambda m: m.cpu) for n, measured in found.items() if measured}


def _agreement(results: Results) -> str:
    rows = []
    for task, title in TITLES.items():
        for n_units in results.sizes(task):
            by_who = _by_who(results.of(task, n_units))
            ours = next((m[0] for m in by_who.values() if m[0].package == OURS), None)
            for who, (peer, *_) in by_who.items():
                if ours and peer.package != OURS:
                    rows.append([title, f"{n_units:,}", who, *_differences(ours, peer)])
    header = ["task", "units", "package", "estimates", "errors", "critical values"]
    intro = "Largest absolute difference from impacteval; errors and critical values by draws are random.\n\n"
    return f"{intro}{_rows(header, rows)}" if rows else ""


def _differences(ours: Measured, peer: Measured) -> list[str]:
    common = [label for label in ours.found if label in peer.found]
    pairs = [(ours.found[label], peer.found[label]) for label in common if len(ours.found[label]) == 2]
    single = [(ours.found[label], peer.found[label]) for label in common if len(ours.found[label]) == 1]
    estimates = [(a[0], b[0]) for a, b in pairs]
    errors = [(a[1], b[1]) for a, b in pairs]
    columns = (estimates, errors, [(a[0], b[0]) for a, b in single])
    return [f"{max(abs(a - b) for a, b in column):.1e}" if column else "" for column in columns]


def _missing(results: Results) -> str:
    return "".join(f"- {what}: {why}\n" for what, why in results.not_measured.items())


def _facts(results: Results) -> str:
    waits = [m.wall / m.cpu for m in results.measured] or [1.0]
    versions = {m.package: m.versions[m.package] for m in results.measured}
    packages = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
    machine = ", ".join(f"{name} {value}" for name, value in results.facts.items())
    return (
        f"{machine}; {packages}.\n"
        f"Wall time over CPU time: median {statistics.median(waits):.2f}, at most {max(waits):.2f}.\n"
    )


def write_plot(results: Results, path: Path) -> None:
    """Draw CPU time against units, one panel a task, the same bytes for the same measurements."""
    import matplotlib

    from impacteval.reporting.style import STYLE

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    tasks = [t for t in FIGURE_TITLES if results.sizes(t)]
    if not tasks:
        raise SystemExit("nothing to draw: none of the tasks of the figure was measured")
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, len(tasks), figsize=(3.6 * len(tasks), 4.6), sharey=True, squeeze=False
        )
        for ax, task in zip(axes[0], tasks, strict=True):
            _panel(ax, results, task)
        axes[0][0].set_ylabel("CPU seconds, one thread")
        figure.tight_layout()
        figure.savefig(path, format="svg", metadata={"Date": None})
        plt.close(figure)


def _panel(ax: Axes, results: Results, task: str) -> None:
    from impacteval.reporting.style import COLOURS, GREY, MARKERS

    everybody = dict.fromkeys((m.package, m.way) for m in results.measured if m.task == task)
    peers = [package for package, _ in everybody if package != OURS]
    for package, way in everybody:
        who = package + WAYS[way]
        curve = _curve(results, task, who, results.sizes(task))
        is_ours = package == OURS
        ax.loglog(
            list(curve),
            list(curve.values()),
            color=COLOURS[0] if is_ours else GREY,
            linestyle="--" if is_ours and way in {"draws", "from_frame"} else "-",
            marker=MARKERS[0] if is_ours else MARKERS[1 + peers.index(package)],
            linewidth=2 if is_ours else 1,
            markersize=5,
            label=who,
        )
    ax.set_title(FIGURE_TITLES[task])
    ax.set_xlabel("units, ten periods each")
    # The package's style takes dollar signs for money: exponents would show as they are written.
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.grid(visible=True, which="major")
    ax.legend(fontsize=8, handlelength=3, loc="upper center", bbox_to_anchor=(0.5, -0.18))

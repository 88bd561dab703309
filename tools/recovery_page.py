"""Write what `make simulate` found into docs/validation.md, as tables and figures."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from tools.documents import between, markdown_table, named_marks

from impacteval.config import load_study
from impacteval.design import Outcome
from impacteval.simulation.recovery.estimates import BEFORE_AFTER
from impacteval.simulation.recovery.power_check import POWER_COLUMNS
from impacteval.simulation.recovery.summary import DIAGNOSTIC_COLUMNS, RECOVERY_COLUMNS
from impacteval.simulation.recovery.trials import UNEXPOSED
from impacteval.tables import read_csv, records

PROJECT = Path(__file__).resolve().parent.parent
FIGURES = ("bias", "coverage")
# More than this many Monte Carlo errors from where it should be counts as off.
MOST_ERRORS = 4.0
NOMINAL = 0.95
NAMES = {
    "pretrend": "trends before training, all cells",
    "pretrend_before_all": "change between the rounds before anyone's training",
    "attrition_rate": "losses by arm",
    "attrition_change": "change of those lost, by arm",
    "recording_change": "new recording, by arm",
    "recording_level": "level of new recorders, by arm",
    "spillover": "change of exposed comparison enterprises",
}


def primary_table(recovery: pd.DataFrame, design: str) -> str:
    """The primary design by scenario and outcome, without what a scenario leaves as it is in the first."""
    mine = records(recovery[recovery["design"] == design])
    first = {r.outcome: r for r in mine if r.scenario == recovery["scenario"].iloc[0]}
    rows = [
        [
            r.scenario,
            f"`{r.outcome}`",
            _signed(r.truth),
            _marked(f"{_signed(r.bias)} ({r.bias_mc:.3f})", is_off_bias(r)),
            f"{r.bias / r.sd:+.2f}",
            f"{r.sd:.3f}",
            f"{r.std_error:.3f}",
            f"{r.rmse:.3f}",
            _marked(f"{r.coverage:.3f}", is_off_coverage(r)),
            f"{r.rejected:.3f}",
            _ratio(r.exaggeration),
        ]
        for r in mine
        if r is first[r.outcome] or not is_equal(r, first[r.outcome])
    ]
    heads = ["scenario", "outcome", "truth", "bias (MC error)", "bias / SD", "SD", "mean SE", "RMSE"]
    return markdown_table([*heads, "coverage", "rejects 0", "type M"], rows, left=2)


def designs_table(recovery: pd.DataFrame, outcomes: Sequence[str], designs: Sequence[str]) -> str:
    """Bias in standard deviations and coverage of all designs, empty where as in the first scenario."""
    found = {(r.scenario, r.design, r.outcome): r for r in records(recovery)}
    scenarios = list(dict.fromkeys(recovery["scenario"]))
    rows = []
    for scenario in scenarios:
        for design in designs:
            own = [found.get((scenario, design, outcome)) for outcome in outcomes]
            first = [found.get((scenarios[0], design, outcome)) for outcome in outcomes]
            is_first = scenario == scenarios[0]
            pairs = zip(own, first, strict=True)
            cells = ["" if not is_first and is_equal(o, f) else _short(o) for o, f in pairs]
            if any(cells):
                rows.append([scenario, f"`{design}`", *cells])
    return markdown_table(["scenario", "design", *(f"`{o}`" for o in outcomes)], rows, left=2)


def is_equal(one: SimpleNamespace | None, other: SimpleNamespace | None) -> bool:
    """Whether two rows of recovery show the same numbers, to three decimals."""
    if one is None or other is None:
        return one is other
    shown = ("truth", "bias", "sd", "std_error", "coverage")
    return all(round(getattr(one, name), 3) == round(getattr(other, name), 3) for name in shown)


def _short(row: SimpleNamespace | None) -> str:
    if row is None:
        return ""
    bias, coverage = f"{row.bias / row.sd:+.2f}", f"{row.coverage:.2f}"
    return f"{_marked(bias, is_off_bias(row))}, {_marked(coverage, is_off_coverage(row))}"


def diagnostics_by_scenario(diagnostics: pd.DataFrame) -> str:
    """How often each diagnostic rejects at 5%, scenarios beside each other."""
    scenarios = list(dict.fromkeys(diagnostics["scenario"]))
    found = {(r.diagnostic, r.outcome, r.scenario): r for r in records(diagnostics)}
    keys = [(d, o) for d in NAMES for o in sorted({k[1] for k in found if k[0] == d})]
    rows = [
        [NAMES[d], f"`{o}`" if o else "", *(_warns(found.get((d, o, s))) for s in scenarios)] for d, o in keys
    ]
    return markdown_table(["diagnostic", "outcome", *scenarios], rows, left=2)


def _warns(row: SimpleNamespace | None) -> str:
    if row is None or np.isnan(row.rejected):
        return ""
    return f"{row.rejected:.2f}"


def power_beside(power: pd.DataFrame, scenario: str) -> str:
    """Errors, minimum detectable effects and power by the formula and by trials, in one scenario."""
    rows = [
        [
            f"`{r.outcome}`",
            f"`{r.design}`",
            _signed(r.effect),
            f"{r.std_error_formula:.3f}",
            f"{r.sd:.3f}",
            f"{r.mde_formula:.2f}",
            f"{r.mde:.2f}",
            f"{r.power_formula:.2f}",
            f"{r.power:.2f} ({r.power_mc:.2f})",
            _ratio(r.exaggeration_formula),
            _ratio(r.exaggeration),
        ]
        for r in records(power[power["scenario"] == scenario])
    ]
    heads = ["outcome", "design", "true effect", "SE, formula", "SD, trials", "MDE, formula", "MDE, trials"]
    heads += ["power, formula", "power, trials (MC error)", "type M, formula", "type M, trials"]
    return markdown_table(heads, rows, left=2)


def verdict(recovery: pd.DataFrame, design: str) -> str:
    """Whether the primary design does what it should where its assumptions hold."""
    mine = recovery[recovery["design"] == design]
    lines = []
    for scenario in ("central", "null_all"):
        rows = records(mine[mine["scenario"] == scenario])
        bias = max(abs(r.bias) / r.bias_mc for r in rows)
        off = max(abs(r.coverage - NOMINAL) / _error_at_nominal(r) for r in rows)
        met = "met" if bias <= MOST_ERRORS and off <= MOST_ERRORS else "**missed**"
        lines.append(
            f"- `{scenario}`, {rows[0].n_trials} trials: bias at most {bias:.1f} Monte Carlo errors "
            f"from zero, coverage at most {off:.1f} from {NOMINAL}: {met}."
        )
    return "\n".join(lines) + "\n"


def is_off_bias(row: SimpleNamespace) -> bool:
    """Whether the bias is more than can be chance."""
    return bool(abs(row.bias) > MOST_ERRORS * row.bias_mc)


def is_off_coverage(row: SimpleNamespace) -> bool:
    """Whether coverage differs from the nominal by more than can be chance."""
    return bool(abs(row.coverage - NOMINAL) > MOST_ERRORS * _error_at_nominal(row))


def _error_at_nominal(row: SimpleNamespace) -> float:
    n = row.n_trials - row.n_failed
    return float(np.sqrt(NOMINAL * (1 - NOMINAL) / n))


def _marked(text: str, is_off: bool) -> str:
    return f"**{text}**" if is_off else text


def _signed(value: float) -> str:
    return f"{value:+.3f}" if value else "0"


def _ratio(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else ""


def tables_of(
    folder: Path, outcomes: Sequence[Outcome], primary: str, designs: Sequence[str]
) -> dict[str, str]:
    """All tables, by the name of their marks."""
    recovery = read_csv(folder / "recovery.csv", RECOVERY_COLUMNS)
    return {
        "recovery-verdict": verdict(recovery, primary),
        "recovery": primary_table(recovery, primary),
        "recovery-designs": designs_table(recovery, [o.name for o in outcomes], designs),
        "recovery-diagnostics": diagnostics_by_scenario(
            read_csv(folder / "diagnostics.csv", DIAGNOSTIC_COLUMNS)
        ),
        "recovery-power": power_beside(read_csv(folder / "power.csv", POWER_COLUMNS), "central"),
    }


def main() -> None:
    """Put tables and figures into the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--study", default="score_indonesia")
    parser.add_argument("--page", type=Path, default=PROJECT / "docs" / "validation.md")
    options = parser.parse_args()
    study = load_study(PROJECT, options.study)
    outcomes = [o for o in study.outcomes if o.role == "primary"]
    designs = [*(d.name for d in study.plan.designs), BEFORE_AFTER, UNEXPOSED]
    folder = PROJECT / "results" / options.study / "simulation"
    found = tables_of(folder, outcomes, study.plan.primary, designs)
    text = options.page.read_text(encoding="utf-8")
    for name, content in found.items():
        text = between(text, named_marks(name, "recovery_page"), content)
    options.page.write_text(text, encoding="utf-8")
    for name in FIGURES:
        shutil.copyfile(folder / f"{name}.svg", options.page.parent / f"recovery_{name}.svg")


if __name__ == "__main__":
    main()

"""Measure how well the checks find planted errors, and write the tables of docs/validation.md.

With ``--samples FOLDER`` also run real survey files, and write what is found in them.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
from tools.documents import between, markdown_table, named_marks

from impacteval.simulation.records import USUAL, Habits
from impacteval.simulation.scoring import pooled, share
from impacteval.simulation.trials import Trial, TrialResult, run_trial

PROJECT = Path(__file__).resolve().parent.parent
N_SURVEYS = 10
SLIPS = ("money_unit", "kwh_mwh", "month_vs_year")
CALM = Habits(sd_change=0.38, sd_change_staff=0.11, sd_change_kwh=0.42, sd_change_pay=0.11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Surveys of one kind, each drawn with a seed of its own."""

    name: str
    n_surveys: int
    n_enterprises: int
    n_rounds: int
    first_seed: int
    habits: Habits = USUAL

    @property
    def trials(self) -> Iterable[Trial]:
        """The surveys."""
        for number in range(self.n_surveys):
            yield Trial(
                n_enterprises=self.n_enterprises,
                n_rounds=self.n_rounds,
                seed=self.first_seed + number,
                habits=self.habits,
            )


MAIN = Setting(name="300 enterprises", n_surveys=N_SURVEYS, n_enterprises=300, n_rounds=4, first_seed=100)
LARGE = Setting(name="2,500 enterprises", n_surveys=1, n_enterprises=2500, n_rounds=4, first_seed=200)
VARIANTS = (
    Setting(
        name="calm: sales .38, staff .11, electricity .42, pay .11",
        n_surveys=N_SURVEYS,
        n_enterprises=300,
        n_rounds=4,
        first_seed=300,
        habits=CALM,
    ),
    Setting(
        name="rough: sales .64, staff .43",
        n_surveys=N_SURVEYS,
        n_enterprises=300,
        n_rounds=4,
        first_seed=400,
        habits=Habits(sd_change=0.64, sd_change_staff=0.43),
    ),
    Setting(name="two rounds", n_surveys=N_SURVEYS, n_enterprises=300, n_rounds=2, first_seed=500),
    Setting(name="one round", n_surveys=N_SURVEYS, n_enterprises=300, n_rounds=1, first_seed=600),
)


def run(setting: Setting) -> list[TrialResult]:
    """Run the surveys of a setting."""
    results = []
    for trial in setting.trials:
        results.append(run_trial(trial))
        sys.stderr.write(f"{setting.name}, seed {trial.seed}: {results[-1].n_rows:,} interviews\n")
    return results


def planted_table(main: Sequence[TrialResult], large: Sequence[TrialResult]) -> str:
    """Recall and precision by kind of error, of many small surveys and of a large one."""
    scores, one = (pooled([r.scores for r in results]).set_index("error") for results in (main, large))
    rows = [[f"`{error}`", *scored(scores.loc[error]), *_ends(one.loc[error])] for error in scores.index]
    shares = ["recall", "at least", "findings", "precision", "at least"]
    large_heads = ["planted", "recall", "precision"]
    return markdown_table(["error", "checks", "planted", *shares, *large_heads], rows, left=2)


def scored(score: pd.Series) -> list[str]:
    """Cells of a row of scores: counts, recall and precision with errors and lower ends."""
    return [
        str(score["checks"]),
        f"{score['n_planted']:,}",
        _share(float(score["recall"]), float(score["recall_se"])),
        f"{score['recall_low']:.3f}",
        f"{score['n_findings']:,}",
        _share(float(score["precision"]), float(score["precision_se"])),
        f"{score['precision_low']:.3f}",
    ]


def _ends(score: pd.Series) -> list[str]:
    shares = [_share(float(score[s]), float(score[f"{s}_se"])) for s in ("recall", "precision")]
    return [f"{score['n_planted']:,}", *shares]


def slips_table(settings: Sequence[tuple[str, Sequence[TrialResult]]]) -> str:
    """Recall and precision for mixed-up units, one row a setting."""
    rows = []
    for name, results in settings:
        scores = pooled([r.scores for r in results]).set_index("error").loc[list(SLIPS)]
        each = [cell for error in SLIPS for cell in _both(scores.loc[[error]])]
        noticed = share(int(scores["n_noticed"].sum()), int(scores["n_planted"].sum()))
        rows.append([name, *each, *_both(scores), f"{noticed:.3f}"])
    heads = [f"`{error}`: {what}" for error in SLIPS for what in ("recall", "precision")]
    heads += ["all: recall", "all: precision", "all: noticed"]
    return markdown_table(["setting", *heads], rows, left=1)


def _both(scores: pd.DataFrame) -> list[str]:
    planted, found, findings, right = (
        int(scores[c].sum()) for c in ("n_planted", "n_found", "n_findings", "n_right")
    )
    return [_of(found, planted), _of(right, findings)]


def _of(n: int, of: int) -> str:
    part = share(n, of)
    return _share(part, float(np.sqrt(part * (1 - part) / of)) if of else part)


def clean_table(results: Sequence[TrialResult]) -> str:
    """Findings on clean records per 1,000 interviews, with their standard error over surveys."""
    rates = []
    for number, result in enumerate(results):
        rate = result.found.assign(rate=1000 * result.found["n"] / result.n_rows, survey=number)
        rates.append(rate)
    long = pd.concat(rates, ignore_index=True)
    keys = ["code", "check_id", "severity"]
    wide = long.pivot_table(index=keys, columns="survey", values="rate", fill_value=0.0)
    wide = wide.reindex(columns=range(len(results)), fill_value=0.0)
    rows = [
        [code, f"`{check_id}`", severity, f"{r.mean():.2f} ({r.std(ddof=1) / np.sqrt(len(r)):.2f})"]
        for (code, check_id, severity), r in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return markdown_table(["check", "id", "severity", "per 1,000 interviews"], rows, left=3)


def changes_sentence(results: Sequence[TrialResult]) -> str:
    """How many cells of clean records were changed."""
    rows, changed = sum(r.n_rows for r in results), sum(r.n_changed for r in results)
    errors = sum(int(r.found.loc[r.found["severity"] == "error", "n"].sum()) for r in results)
    return (
        f"Clean records: {len(results)} surveys, {rows:,} interviews, **{changed} cells changed**, "
        f"{errors} findings that are errors."
    )


def _share(part: float, error: float) -> str:
    return "-" if np.isnan(part) else f"{part:.3f} ({error:.3f})"


def simulated() -> dict[str, str]:
    """The tables on simulated surveys, by the name of their marks."""
    main, large = run(MAIN), run(LARGE)
    variants = [(v.name, run(v)) for v in VARIANTS]
    return {
        "planted": planted_table(main, large),
        "slips": slips_table([("as above", main), ("2,500 enterprises", large), *variants]),
        "clean": f"{changes_sentence([*main, *large])}\n\n{clean_table(main)}",
    }


def sampled(folder: Path) -> dict[str, str]:
    """The tables on real files, by the name of their marks."""
    sys.path.append(str(PROJECT / "tests"))
    samples, counted = (import_module(f"support.{n}") for n in ("survey_samples", "sample_counts"))
    tried = {}
    for sample in samples.SAMPLES:
        tried[sample.name] = samples.try_sample(sample, folder, PROJECT / "results" / sample.name / "check")
        sys.stderr.write(f"{sample.name}: {len(tried[sample.name].told):,} findings\n")
    counts = counted.compared(
        {s.name: counted.raw_text(folder / s.data) for s in samples.SAMPLES if s.data.endswith(".csv")},
        {name: t.drafted for name, t in tried.items()},
        {name: t.finished for name, t in tried.items()},
    )
    rows = [
        [c.sample, c.what, c.verdict, str(c.by_hand), str(c.both), str(c.found)] for c in counts.itertuples()
    ]
    heads = ["file", "what", "what a person says", "by hand", "of these found", "found"]
    by_check = samples.found_table({name: t.told for name, t in tried.items()})
    found = [[*map(str, keys), *(str(n) if n else "" for n in row)] for *keys, row in by_check]
    table = markdown_table(["check", "severity", *tried], found, left=2)
    return {"found": table, "by-hand": markdown_table(heads, rows, left=3)}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=Path, help="folder of real survey files")
    parser.add_argument("--only-samples", action="store_true", help="simulate nothing")
    parser.add_argument("--page", type=Path, help="put the tables between the marks of this document")
    return parser.parse_args()


def main() -> None:
    """Measure; print tables, or put them into the page."""
    options = arguments()
    # Great Expectations warns while it is imported.
    warnings.simplefilter("ignore")
    if not options.only_samples:
        publish(simulated(), options.page)
    if options.samples:
        publish(sampled(options.samples), options.page)


def publish(tables: Mapping[str, str], page: Path | None) -> None:
    """Print tables, and put them between their marks."""
    for name, table in tables.items():
        sys.stdout.write(f"## {name}\n\n{table}\n")
        if page:
            text = page.read_text(encoding="utf-8")
            page.write_text(between(text, named_marks(name, "validation_page"), table), encoding="utf-8")


if __name__ == "__main__":
    main()

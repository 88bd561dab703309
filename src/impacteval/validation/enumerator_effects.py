"""Whether answers depend on who asks, and arms on who is sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.enumerators import EnumeratorEffect
from impacteval.validation.labels import NONE, enumerators_of, labels_of, numbers_of
from impacteval.validation.seeds import rng_of
from impacteval.validation.survey import Failures, Survey, failing_whole

EFFECTS = (
    "enumerator",
    "n_interviews",
    "mean",
    "std_error",
    "z",
    "icc",
    "p_value",
    "cramers_v",
)
# Numbers that a permutation may move at a time: 16 megabytes of them.
MOST_AT_A_TIME = 2_000_000
EQUAL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Outcomes net of the mean of their cell, an arm in a stratum, in an order free of that of rows.

    Parameters
    ----------
    residual : (n,)
        In the unit of the outcome.
    cell, who : (n,)
        Codes of cell and enumerator; sorted by both.
    names : (n_enumerators,)
        Enumerators as results may show them.
    """

    residual: npt.NDArray[np.float64]
    cell: npt.NDArray[np.int64]
    who: npt.NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Answers of each enumerator, (n_enumerators,)."""
        return np.bincount(self.who, minlength=len(self.names))

    @property
    def n_cells(self) -> int:
        """How many cells have answers."""
        return len(np.unique(self.cell))


def check_enumerator_effect(survey: Survey, check: EnumeratorEffect) -> list[Failures]:
    """Find outcomes that vary with the enumerator beyond chance, and arms that do."""
    found: list[Failures] = []
    effects = enumerator_effects(survey, check)
    if effects.empty:
        return []
    icc, p = effects["icc"].iloc[0], effects["p_value"].iloc[0]
    n, k = int(effects["n_interviews"].sum()), len(effects)
    if icc > check.icc and p < check.p:
        note = f"correlation within enumerators {icc:.2f} (p = {p:.3g}; {k} enumerators, {n} answers)"
        found += failing_whole(check, check.outcome, note)
    far = effects[effects["z"].abs() > check.standard_errors]
    for who, z, size in zip(far["enumerator"], far["z"], far["n_interviews"], strict=True):
        note = f"enumerator {who}: the mean is {z:+.1f} standard errors from the survey's ({size} answers)"
        found += failing_whole(check, check.outcome, note)
    plain, corrected = association(survey, check.table)
    if corrected >= check.cramers_v:
        note = f"Cramer's V of arm and enumerator is {plain:.2f}, corrected for chance {corrected:.2f}"
        found += failing_whole(check, survey.tables[check.table].roles.enumerator, note)
    return found


def enumerator_effects(survey: Survey, check: EnumeratorEffect) -> pd.DataFrame:
    """Each enumerator's mean net of arm and stratum, and how much of the outcome goes with enumerators.

    Returns
    -------
    DataFrame
        ``EFFECTS``, a row an enumerator, sorted by name; ``mean`` in the unit of the outcome, missing
        with its error below ``check.least`` answers; the last three are of the survey, the same in
        all rows, ``cramers_v`` the corrected one. With cells c, the error of the mean of n_e residuals
        is s sqrt((1 - sum_c n_ec^2 / (n_c n_e)) / n_e), exact where answers are independent with equal
        variance, and s^2 is the mean square within enumerators; missing where it is zero.
    """
    answers = _answers(survey, check)
    sizes = answers.sizes
    total = np.bincount(answers.who, weights=answers.residual, minlength=len(sizes))
    mean = total / sizes
    within = mean_squares(answers).within
    pairs = pd.DataFrame({"who": answers.who, "cell": answers.cell}).value_counts().reset_index(name="n")
    in_cell = np.bincount(answers.cell) if len(answers.cell) else np.zeros(0)
    overlap = pairs["n"] ** 2 / in_cell[pairs["cell"].to_numpy()]
    own = np.bincount(pairs["who"], weights=overlap, minlength=len(sizes)) / sizes
    variance = within * (1 - own) / sizes
    error = np.sqrt(np.where(variance > EQUAL * within, variance, np.nan))
    is_judged = sizes >= check.least
    icc = intraclass_correlation(answers)
    columns = (
        list(answers.names), sizes, np.where(is_judged, mean, np.nan), np.where(is_judged, error, np.nan),
        np.where(is_judged, mean / error, np.nan), icc,
        np.nan if np.isnan(icc) else permutation_p(answers, check.draws, rng_of(check.id, "permutation")),
        association(survey, check.table)[1],
    )  # fmt: skip
    frame = pd.DataFrame(dict(zip(EFFECTS, columns, strict=True)), index=range(len(sizes)))
    return frame.astype({"enumerator": "str", "n_interviews": "int64"})


def _answers(survey: Survey, check: EnumeratorEffect) -> Answers:
    table = survey.tables[check.table]
    frame = pd.DataFrame(
        {
            "value": numbers_of(table, check.outcome),
            "who": enumerators_of(table),
            "arm": survey.arms(check.table),
            "stratum": labels_of(table, table.roles.stratum),
        }
    )
    frame = frame[frame["value"].notna() & (frame["who"] != NONE)]
    frame = frame.sort_values(["arm", "stratum", "who", "value"], ignore_index=True)
    who, names = pd.factorize(frame["who"], sort=True)
    by_cell = frame.groupby(["arm", "stratum"])
    residual = frame["value"] - by_cell["value"].transform("mean")
    # The mean of equal decimal fractions may differ from them in the last digit.
    residual = residual.where(residual.abs() > EQUAL * frame["value"].abs(), 0.0)
    return Answers(
        residual=residual.to_numpy(dtype="float64"),
        cell=np.asarray(by_cell.ngroup(), dtype=np.int64),
        who=np.asarray(who, dtype=np.int64),
        names=tuple(str(name) for name in names),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Sums of squares between enumerators, net of cells: b' ``inverse`` b for sums b of residuals.

    ``rank`` are its degrees of freedom, ``trace`` that of the matrix which ``inverse`` inverts.
    """

    inverse: npt.NDArray[np.float64]
    rank: int
    trace: float


def between_cells(answers: Answers) -> Between:
    """What is left of enumerators once cell means are taken off: E' M E, with M = I - projection on cells.

    With N the counts of cells by enumerators it is diag(n_e) - N' diag(1 / n_c) N. Enumerators who
    work in one cell only differ within it alone, which costs more than one degree of freedom.
    """
    counts = np.zeros((answers.n_cells, len(answers.names)))
    np.add.at(counts, (answers.cell, answers.who), 1.0)
    matrix = np.diag(counts.sum(axis=0)) - counts.T @ (counts / counts.sum(axis=1, keepdims=True))
    roots, vectors = np.linalg.eigh(matrix)
    kept = roots > EQUAL * max(float(roots.max(initial=0.0)), 1.0)
    inverse = (vectors[:, kept] / roots[kept]) @ vectors[:, kept].T
    return Between(inverse=inverse, rank=int(kept.sum()), trace=float(np.trace(matrix)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquares:
    """Mean squares between enumerators given cells and within them, and the size n0 of the former."""

    between: float
    within: float
    n0: float


def mean_squares(answers: Answers) -> MeanSquares:
    """The analysis of variance of answers net of cells; NaN without degrees of freedom."""
    undefined = MeanSquares(between=np.nan, within=np.nan, n0=np.nan)
    if not len(answers.residual):
        return undefined
    of_cells = between_cells(answers)
    df = len(answers.residual) - answers.n_cells - of_cells.rank
    if of_cells.rank < 1 or df < 1:
        return undefined
    sums = np.bincount(answers.who, weights=answers.residual, minlength=len(answers.names))
    squares = float(sums @ of_cells.inverse @ sums)
    within = max(float((answers.residual**2).sum()) - squares, 0.0) / df
    n0 = of_cells.trace / of_cells.rank
    return MeanSquares(between=squares / of_cells.rank, within=within, n0=n0)


def intraclass_correlation(answers: Answers) -> float:
    """Correlation of answers to the same enumerator, net of cells.

    Henderson's method III: with the mean squares between enumerators given cells (B, on r degrees of
    freedom) and within (W, on n - C - r, C being the number of cells), ICC = (B - W) / (B + (n0 - 1)
    W), n0 = tr(E' M E) / r (Searle, Casella and McCulloch 1992, Variance Components, chapter 5.5). In
    one cell it is the analysis of variance estimator of Donner (1986, International Statistical Review
    54:67-82). It may be negative; NaN without degrees of freedom, or when all answers of a cell are
    the same.
    """
    found = mean_squares(answers)
    if np.isnan(found.within) or found.between + found.within <= 0:
        return np.nan
    return float((found.between - found.within) / (found.between + (found.n0 - 1) * found.within))


def permutation_p(answers: Answers, draws: int, rng: np.random.Generator) -> float:
    """Share of permutations of enumerators within cells with a correlation as high as the observed one.

    The sum of squares between enumerators given cells orders permutations as the correlation does, since
    the total and who works where stay the same. p = (1 + number of draws with as much or more) /
    (draws + 1) (Phipson and Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9,
    article 39).
    """
    sizes = answers.sizes
    observed = np.bincount(answers.who, weights=answers.residual, minlength=len(sizes))
    sums = np.zeros((draws, len(sizes)))
    for start, stop in _runs(answers.cell):
        whose = answers.who[start:stop]
        firsts = np.flatnonzero(np.r_[True, whose[1:] != whose[:-1]])
        step = max(MOST_AT_A_TIME // (stop - start), 1)
        for first in range(0, draws, step):
            shape = (min(step, draws - first), stop - start)
            mixed = rng.permuted(np.broadcast_to(answers.residual[start:stop], shape), axis=1)
            sums[first : first + step, whose[firsts]] += np.add.reduceat(mixed, firsts, axis=1)
    inverse = between_cells(answers).inverse
    as_much = ((sums @ inverse) * sums).sum(axis=1) >= float(observed @ inverse @ observed) * (1 - EQUAL)
    return float((1 + as_much.sum()) / (draws + 1))


def _runs(codes: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """First position and end of each run of equal codes."""
    firsts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]]) if len(codes) else np.zeros(0, dtype=int)
    return list(zip(firsts.tolist(), [*firsts[1:].tolist(), len(codes)], strict=True))


def association(survey: Survey, table: str) -> tuple[float, float]:
    """Cramer's V of arm and enumerator, plain and corrected, over interviews with both; see ``cramers_v``."""
    pairs = pd.DataFrame({"arm": survey.arms(table), "who": enumerators_of(survey.tables[table])})
    pairs = pairs[(pairs["arm"] != NONE) & (pairs["who"] != NONE)]
    return cramers_v(pd.crosstab(pairs["arm"], pairs["who"]).to_numpy(dtype="float64"))


def cramers_v(counts: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Cramer's V of a table of counts, plain and corrected for chance.

    Plain: sqrt(phi2 / min(r - 1, k - 1)), phi2 = chi2 / n. With many enumerators and few interviews
    it is high by chance alone, so the corrected one takes off the expectation of phi2 under
    independence, (r - 1)(k - 1) / (n - 1), and shrinks r and k alike (Bergsma 2013, "A bias-correction
    for Cramer's V and Tschuprow's T", Journal of the Korean Statistical Society 42:323-328). NaN with
    fewer than two arms or enumerators.
    """
    n = counts.sum()
    if min(counts.shape, default=0) < 2 or n < 2:
        return np.nan, np.nan
    r, k = counts.shape
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum() / n)
    plain = np.sqrt(phi2 / min(r - 1, k - 1))
    less = max(phi2 - (r - 1) * (k - 1) / (n - 1), 0.0)
    sides = (r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1))
    room = min(sides) - 1
    return float(plain), float(np.sqrt(less / room)) if room > 0 else np.nan

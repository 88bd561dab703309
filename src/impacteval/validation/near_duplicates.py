"""Interviews that share more answers than chance explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.enumerators import NearDuplicates
from impacteval.delivery import Roles
from impacteval.survey.partners import row_keys
from impacteval.validation.labels import NONE, enumerators_of, labels_of, places_of
from impacteval.validation.remarks import informing
from impacteval.validation.seeds import rng_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole
from impacteval.validation.usual import strongest, usual_limit

ANSWER_TYPES = ("integer", "decimal", "category", "multiple")
# Rows of a tile of pairs: its counts stay in the processor's cache.
TILE_ROWS, TILE_COLUMNS = 256, 2048
# The 99.9th percentile of this many values is the tenth largest.
REFERENCE_SIZE = 10_000
MOST_DRAWS = 200
NOT_COMPARED = np.float32(-1)
Columns = Sequence[npt.NDArray[np.uint32] | npt.NDArray[np.uint16] | npt.NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Answers of interviews as codes.

    Parameters
    ----------
    codes : (n_items,) arrays, each (n_rows,)
        Equal codes are equal answers; 0 is no answer, or one that no other interview gives.
    is_given : (n_rows, n_items) of float32
        1 where an item has an answer.
    """

    codes: Columns
    is_given: npt.NDArray[np.float32]

    def rows(self, rows: npt.NDArray[np.int64]) -> Coded:
        """The same of some rows."""
        return Coded(codes=[c[rows] for c in self.codes], is_given=self.is_given[rows])


def check_near_duplicates(survey: Survey, check: NearDuplicates) -> list[Failures]:
    """Find interviews whose largest share of identical answers is beyond what permuted answers give.

    Two interviews are compared over the items that both answer, where these are at least
    ``least_items``. The share of an interview is the largest over all others of its block: its round,
    or a part of it where the round is too large (``blocks_of``), which the findings then say. The
    reference are the largest shares after the answers to each item were permuted within strata,
    missing answers staying where they are, in as many draws as give 10,000 of them or 200 at most; the
    percentile is the smallest reference value that is not below it. Permuted answers know nothing of
    each other, real ones do, so a share must stand out from those of the other interviews, too
    (``usual_limit``). Follows the question of Kuriakose
    and Robbins (2016, Statistical Journal of the IAOS 32:283-291) without their fixed 85%, which
    Simmons and others (2016, Pew Research Center) showed to depend on the questionnaire.
    """
    table = survey.tables[check.table]
    items = check.items or answers_in(table)
    if table.frame.empty:
        return []
    if len(items) < check.least_items:
        return informing(check, NONE, [f"only {len(items)} items to compare, {check.least_items} are needed"])
    coded = _coded(table, items)
    order = _content_order(table, coded)
    found: list[Failures] = []
    limits = []
    for period, rows in _groups(labels_of(table, table.roles.period), order):
        blocks, limit = blocks_of(table, check, rows)
        limits += [f"round {period}: {limit}" if period else limit] if limit else []
        found += _in_round(table, check, coded, blocks, rng_of(check.id, period))
    return found + informing(check, NONE, limits)


def answers_in(table: CheckedTable) -> tuple[str, ...]:
    """Columns of numbers and choices without a role."""
    said = {f: getattr(table.roles, f) for f in Roles.__dataclass_fields__}
    with_role = {column for column in said.values() if isinstance(column, str)}
    variables = table.codebook.of_table(table.name)
    return tuple(v.column for v in variables if v.type in ANSWER_TYPES and v.column not in with_role)


def _coded(table: CheckedTable, items: Sequence[str]) -> Coded:
    given = np.zeros((len(table.frame), len(items)), dtype=np.float32)
    codes = []
    for i, item in enumerate(items):
        given[:, i] = table.frame[item].notna().to_numpy()
        codes.append(_shared_codes(table.frame[item]))
    return Coded(codes=codes, is_given=given)


def _shared_codes(
    values: pd.Series,
) -> npt.NDArray[np.uint32] | npt.NDArray[np.uint16] | npt.NDArray[np.uint8]:
    """Codes from 1 of values that at least two rows have, in the smallest type; 0 for all others."""
    found, uniques = pd.factorize(values, sort=True)
    counts = np.bincount(found + 1, minlength=len(uniques) + 1)
    counts[0] = 0
    is_shared = counts > 1
    codes = np.where(is_shared, np.cumsum(is_shared), 0)[found + 1]
    highest = int(is_shared.sum()) + 1
    if highest < 2**8:
        return codes.astype(np.uint8)
    return codes.astype(np.uint16) if highest < 2**16 else codes.astype(np.uint32)


def _content_order(table: CheckedTable, coded: Coded) -> npt.NDArray[np.int64]:
    """Rows in an order that their answers give, so that it does not depend on that of the file."""
    place = [table.text["source_row"].to_numpy(), pd.factorize(table.text["source_file"], sort=True)[0]]
    unit = pd.factorize(labels_of(table, table.roles.unit), sort=True)[0]
    return np.lexsort((*place, unit, *coded.codes)).astype(np.int64)


def _groups(labels: pd.Series, order: npt.NDArray[np.int64]) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Rows of each label, in the given order; labels sorted."""
    codes, names = pd.factorize(labels, sort=True)
    in_order = codes[order]
    sorted_rows = order[np.argsort(in_order, kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for name, start, stop in zip(names, [0, *ends[:-1]], ends, strict=True):
        yield str(name), sorted_rows[start:stop]


def blocks_of(
    table: CheckedTable, check: NearDuplicates, rows: npt.NDArray[np.int64]
) -> tuple[list[npt.NDArray[np.int64]], str]:
    """Rows of a round that are compared with each other, and what limit had to be set.

    All pairs of n interviews are n^2 / 2 comparisons: above ``most_compared`` interviews only those of
    one enumerator are compared, or of one stratum where the table has no enumerators; above that again
    only runs of that many in the order of their answers, in which like interviews are neighbours.
    """
    most = check.most_compared
    if len(rows) <= most:
        return [rows], ""
    role, words = (
        (table.roles.enumerator, "the same enumerator")
        if table.roles.enumerator
        else (table.roles.stratum, "the same stratum" if table.roles.stratum else "neighbouring answers")
    )
    parts = [part for _, part in _groups(labels_of(table, role), rows)]
    runs = [part[i : i + most] for part in parts for i in range(0, len(part), most)]
    cut = sum(len(part) > most for part in parts)
    limit = f"of {len(rows)} interviews, more than {most}, only those of {words} were compared"
    return runs, limit + (f", {cut} groups of them in runs of {most}" if cut else "")


def _in_round(
    table: CheckedTable,
    check: NearDuplicates,
    coded: Coded,
    blocks: Sequence[npt.NDArray[np.int64]],
    rng: np.random.Generator,
) -> list[Failures]:
    rows = np.concatenate(blocks)
    least = check.least_items
    mine, bounds = coded.rows(rows), np.cumsum([0, *(len(b) for b in blocks)])
    largest = largest_shares(mine, bounds, least)
    reference = _reference(mine, bounds, _strata(table, rows), check=check, rng=rng)
    if not len(reference):
        return []
    limit = np.quantile(reference, check.percentile / 100, method="higher")
    usual = usual_limit(largest[largest > NOT_COMPARED], check.deviations)
    at = np.flatnonzero((largest > limit) & ((largest > usual) | (largest == 1)))
    n_compared = int((largest > NOT_COMPARED).sum())
    listed = strongest(at, largest, check.most_share * n_compared)
    places = places_of(table).to_numpy(dtype=object)[rows]
    by_key = row_keys(table.text, table.roles.submission).iloc[rows].argsort(kind="stable")
    rank = np.argsort(by_key.to_numpy())
    notes, partners = [], []
    for position in listed:
        other, same, both = _closest(mine, bounds, int(position), least, rank=rank)
        partners.append((int(rows[other]),))
        notes.append(
            f"{same} of {both} answers ({same / both:.0%}) are those of {places[other]}; of permuted answers "
            f"the percentile {check.percentile:g} is {limit:.0%}"
        )
    in_order = np.argsort(rows[listed])
    positions = rows[listed][in_order].tolist()
    found = [
        replace(f, partners=tuple(partners[i] for i in in_order))
        for f in failing(check, positions, columns=(), notes=[notes[i] for i in in_order])
    ]
    return found + _not_listed(table, check, rows[at], n_listed=len(listed))


def _not_listed(
    table: CheckedTable, check: NearDuplicates, rows: npt.NDArray[np.int64], *, n_listed: int
) -> list[Failures]:
    """Say of a round that more interviews stand out than its list names, and whose most of them are."""
    if n_listed == len(rows):
        return []
    period = labels_of(table, table.roles.period).iloc[rows[0]]
    note = (
        f"{f'round {period}: ' if period else ''}{len(rows)} interviews are nearly the same as another, "
        f"more than {check.most_share:.0%}; the {n_listed} that share most are listed"
    )
    who = enumerators_of(table).iloc[rows]
    counts = who[who != NONE].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts):
        note += f"; enumerator {counts.index[0]} took {counts.iloc[0]} of them"
    return failing_whole(check, NONE, note)


def _strata(table: CheckedTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    labels = labels_of(table, table.roles.stratum)
    return pd.factorize(labels, sort=True)[0][rows].astype(np.int64)


def largest_shares(coded: Coded, bounds: npt.NDArray[np.int64], least_items: int) -> npt.NDArray[np.float32]:
    """Largest share of identical answers with another interview of the block; -1 where none compares.

    Blocks are the rows from one of ``bounds`` to the next.
    """
    largest = np.full(len(coded.is_given), NOT_COMPARED, dtype=np.float32)
    for start, stop in pairwise(bounds.tolist()):
        for top in range(start, stop, TILE_ROWS):
            bottom = min(top + TILE_ROWS, stop)
            for left in range(top, stop, TILE_COLUMNS):
                right = min(left + TILE_COLUMNS, stop)
                share = _shares(coded, (top, bottom), (left, right), least_items)
                if left == top:
                    np.fill_diagonal(share, NOT_COMPARED)
                np.maximum(largest[top:bottom], share.max(axis=1), out=largest[top:bottom])
                np.maximum(largest[left:right], share.max(axis=0), out=largest[left:right])
    return largest


def _shares(
    coded: Coded, rows: tuple[int, int], columns: tuple[int, int], least_items: int
) -> npt.NDArray[np.float32]:
    """Share of identical answers of each row with each column, both runs of interviews; -1: too few."""
    same, both = _counts(coded, slice(*rows), slice(*columns))
    share = np.full(same.shape, NOT_COMPARED, dtype=np.float32)
    np.divide(same, both, out=share, where=both >= least_items, dtype=np.float32)
    return share


def _counts(
    coded: Coded, rows: slice, columns: slice
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.float32]]:
    """How many answers are identical, and how many items both interviews answer."""
    n_rows, n_columns = len(coded.is_given[rows]), len(coded.is_given[columns])
    same = np.zeros((n_rows, n_columns), dtype=np.uint8 if len(coded.codes) < 2**8 else np.uint16)
    for codes in coded.codes:
        # No code reaches the highest value of its type, so that 0 matches nothing.
        others = np.where(codes[columns] == 0, np.iinfo(codes.dtype).max, codes[columns])
        same += (codes[rows, None] == others).view(np.uint8)
    return same, coded.is_given[rows] @ coded.is_given[columns].T


def _reference(
    coded: Coded,
    bounds: npt.NDArray[np.int64],
    stratum: npt.NDArray[np.int64],
    *,
    check: NearDuplicates,
    rng: np.random.Generator,
) -> npt.NDArray[np.float32]:
    """Largest shares of interviews whose answers were permuted within strata, sorted."""
    n_draws = min(-(-REFERENCE_SIZE // max(len(stratum), 1)), MOST_DRAWS)
    drawn = [largest_shares(permuted(coded, stratum, rng), bounds, check.least_items) for _ in range(n_draws)]
    values = np.concatenate(drawn)
    return np.sort(values[values > NOT_COMPARED])


def permuted(coded: Coded, stratum: npt.NDArray[np.int64], rng: np.random.Generator) -> Coded:
    """Permute the given answers to each item within strata, independently of other items."""
    mixed = []
    for i, codes in enumerate(coded.codes):
        given = np.flatnonzero(coded.is_given[:, i])
        own = stratum[given]
        shuffled = np.lexsort((rng.random(len(given)), own))
        to = given[np.argsort(own, kind="stable")]
        new = np.zeros_like(codes)
        new[to] = codes[given[shuffled]]
        mixed.append(new)
    return replace(coded, codes=mixed)


def _closest(
    coded: Coded,
    bounds: npt.NDArray[np.int64],
    position: int,
    least_items: int,
    *,
    rank: npt.NDArray[np.int64],
) -> tuple[int, int, int]:
    """The interview that shares most answers with one, how many, and of how many.

    Of several that share as many the one of the lowest ``rank``, which other interviews do not change.
    """
    block = int(np.searchsorted(bounds, position, side="right")) - 1
    start, stop = int(bounds[block]), int(bounds[block + 1])
    same, both = _counts(coded, slice(position, position + 1), slice(start, stop))
    share = np.where(both[0] >= least_items, same[0] / np.maximum(both[0], 1), NOT_COMPARED)
    share[position - start] = NOT_COMPARED
    most = np.flatnonzero(share == share.max())
    other = int(most[np.argmin(rank[start + most])])
    return start + other, int(same[0, other]), int(both[0, other])

"""Which two enterprises may be one: pairs that share something, and how many points they score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.checks.links import DuplicateFirms
from impacteval.survey.firm_names import numbers_in, similarity, words_sorted
from impacteval.validation.distances import EARTH_RADIUS_KM, haversine_km
from impacteval.validation.profiles import Objects1D, Profiles

# Points: agreement counts more than difference, since people have two telephones and firms move.
NAME = 60.0
LEAST_SIMILARITY = 0.75
OTHER_NUMBERS = -20.0
SAME_FORM, OTHER_FORM = 5.0, -20.0
SAME_PHONE, OTHER_PHONE = 35.0, -10.0
SAME_ADDRESS, OTHER_ADDRESS = 15.0, -5.0
NEAR, FAR = 20.0, -20.0
OTHER_DISTRICT = -10.0
ADDRESS_IS_SAME, ADDRESS_IS_OTHER = 0.85, 0.5
PARTS = ("name", "form", "phone", "address", "place", "district")
# Names of larger districts are compared where they share their first or their last word.
MOST_NAMES = 2000
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phones:
    """Which enterprises have a telephone that tells them apart, and pairs that share one.

    Pairs are in ``first`` and ``second``, and in ``pair`` as one number.
    """

    has_phone: Bool1D
    first: Int1D
    second: Int1D
    pair: Int1D


def probable_pairs(firms: Profiles, check: DuplicateFirms) -> pd.DataFrame:
    """Pairs of enterprises that reach the threshold, each once.

    Returns
    -------
    DataFrame
        ``first`` and ``second``, numbers of enterprises, the first the earlier one; the points of
        ``PARTS``; ``similarity`` of the names; ``score``, the sum of points. Sorted by pair.
    """
    phones = _phones_of(firms, check.most_shared)
    reaching = [_score(firms, phones, a, b, check=check) for a, b in _candidates(firms, phones, check)]
    found = pd.concat(reaching, ignore_index=True)
    return found.drop_duplicates(["first", "second"]).sort_values(["first", "second"], ignore_index=True)


def _score(
    firms: Profiles, phones: _Phones, first: Int1D, second: Int1D, *, check: DuplicateFirms
) -> pd.DataFrame:
    """Pairs that reach the threshold with their points; what is unknown has none."""
    alike = similarity(list(firms.core[first]), list(firms.core[second]))
    points = {
        "first": first,
        "second": second,
        "name": _name_points(firms, first, second, alike),
        "form": _form_points(firms, first, second),
        "phone": _phone_points(phones, first, second),
        "address": 0.0,
        "place": _place_points(firms, first, second, check.metres),
        "district": np.where(_differ(firms.district, first, second), OTHER_DISTRICT, 0.0),
        "similarity": alike,
    }
    pairs = pd.DataFrame(points)
    pairs = pairs[pairs[list(PARTS)].sum(axis=1) >= check.threshold - SAME_ADDRESS]
    mine, theirs = firms.address[pairs["first"]], firms.address[pairs["second"]]
    pairs = pairs.assign(address=_address_points(mine, theirs))
    pairs = pairs.assign(score=pairs[list(PARTS)].sum(axis=1))
    return pairs[pairs["score"] >= check.threshold]


def shared_by_many(firms: Profiles, most: int) -> dict[str, int]:
    """How many enterprises have the telephones, and the names in a district, that too many share."""
    phones = firms.phones["phone"].value_counts()
    names = pd.Series(firms.core[firms.core != ""]).groupby(firms.district[firms.core != ""]).value_counts()
    return {"telephone": int(phones[phones > most].sum()), "name": int(names[names > most].sum())}


def _differ(labels: Objects1D, first: Int1D, second: Int1D) -> Bool1D:
    """Whether both of a pair have a label, and not the same."""
    mine, theirs = labels[first], labels[second]
    return np.asarray((mine != "") & (theirs != "") & (mine != theirs), dtype=np.bool_)


def _name_points(firms: Profiles, first: Int1D, second: Int1D, alike: Float1D) -> Float1D:
    """From nothing at the least similarity to all at equality; off where both have other numbers."""
    points = NAME * np.clip((alike - LEAST_SIMILARITY) / (1 - LEAST_SIMILARITY), 0, 1)
    return np.where(_differ(firms.numbers, first, second), OTHER_NUMBERS, points)


def _form_points(firms: Profiles, first: Int1D, second: Int1D) -> Float1D:
    """Two names without a form are alike in it; a form that only one of them has says nothing."""
    is_same = (firms.form[first] == firms.form[second]).astype(np.bool_)
    return np.where(is_same, SAME_FORM, np.where(_differ(firms.form, first, second), OTHER_FORM, 0.0))


def _phone_points(phones: _Phones, first: Int1D, second: Int1D) -> Float1D:
    is_same = np.isin(first * len(phones.has_phone) + second, phones.pair)
    known = phones.has_phone[first] & phones.has_phone[second]
    return np.where(is_same, SAME_PHONE, np.where(known, OTHER_PHONE, 0.0))


def _phones_of(firms: Profiles, most: int) -> _Phones:
    """Telephones without those that so many have that they are an office's, or made up."""
    counts = firms.phones["phone"].map(firms.phones["phone"].value_counts())
    usable = firms.phones[counts <= most]
    both = usable.merge(usable, on="phone", suffixes=("_first", "_second"))
    both = both[both["firm_first"] < both["firm_second"]]
    n_firms = len(firms.unit)
    first, second = (both[name].to_numpy(dtype=np.int64) for name in ("firm_first", "firm_second"))
    has_phone = np.isin(np.arange(n_firms), usable["firm"])
    return _Phones(has_phone=has_phone, first=first, second=second, pair=np.unique(first * n_firms + second))


def _address_points(mine: Objects1D, theirs: Objects1D) -> Float1D:
    """Addresses of which one has all numbers of the other and most of its letters are the same."""
    from rapidfuzz import fuzz, process

    points = np.zeros(len(mine))
    known = np.flatnonzero(np.asarray((mine != "") & (theirs != ""), dtype=np.bool_))
    if not len(known):
        return points
    pairs = list(zip(mine[known], theirs[known], strict=True))
    ratios = process.cpdist(*zip(*pairs, strict=True), scorer=fuzz.token_sort_ratio, dtype=np.float64)
    within = np.array([_numbers_within(a, b) for a, b in pairs], dtype=np.bool_)
    is_same = within & (ratios >= 100 * ADDRESS_IS_SAME)
    is_other = ~within | (ratios < 100 * ADDRESS_IS_OTHER)
    points[known] = np.where(is_same, SAME_ADDRESS, np.where(is_other, OTHER_ADDRESS, 0.0))
    return points


def _numbers_within(first: str, second: str) -> bool:
    """Whether all numbers of one address stand in the other."""
    ours, theirs = set(numbers_in(first).split()), set(numbers_in(second).split())
    return ours <= theirs or theirs <= ours


def _place_points(firms: Profiles, first: Int1D, second: Int1D, metres: float) -> Float1D:
    degrees = [pd.Series(c[n]) for n in (first, second) for c in (firms.latitude, firms.longitude)]
    apart = haversine_km(*degrees).to_numpy(dtype=np.float64)
    return np.where(np.isnan(apart), 0.0, np.where(apart * 1000 <= metres, NEAR, FAR))


def _candidates(firms: Profiles, phones: _Phones, check: DuplicateFirms) -> Iterator[tuple[Int1D, Int1D]]:
    """Pairs that share a telephone, lie near each other, or have similar names; some more than once."""
    yield phones.first, phones.second
    yield _near_pairs(firms, check)
    for block in _name_blocks(firms, check.most_shared):
        yield from _similar_names(firms, block, _least_similarity(check.threshold))


def _least_similarity(threshold: float) -> float:
    """Similarity below which a pair cannot reach the threshold unless it shares a telephone."""
    needed = (threshold - SAME_FORM - SAME_ADDRESS - NEAR) / NAME
    return LEAST_SIMILARITY + (1 - LEAST_SIMILARITY) * min(max(needed, 0.0), 1.0)


def _near_pairs(firms: Profiles, check: DuplicateFirms) -> tuple[Int1D, Int1D]:
    """Pairs within the distance, without places that have too many neighbours: markets and offices."""
    from scipy.spatial import cKDTree

    placed = np.flatnonzero(~np.isnan(firms.latitude))
    if len(placed) < 2:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    points = _on_sphere(firms.latitude[placed], firms.longitude[placed])
    angle = check.metres / 1000 / EARTH_RADIUS_KM
    chord = 2 * np.sin(min(angle, np.pi) / 2)
    n_near = cKDTree(points).query_ball_point(points, chord, return_length=True)
    few = np.flatnonzero(n_near <= check.most_shared + 1)
    if len(few) < 2:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = placed[few][cKDTree(points[few]).query_pairs(chord, output_type="ndarray").reshape(-1, 2)]
    return pairs.min(axis=1), pairs.max(axis=1)


def _on_sphere(latitude: Float1D, longitude: Float1D) -> np.ndarray:
    """Points on a sphere of radius one, (n_points, 3)."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _name_blocks(firms: Profiles, most: int) -> Iterator[pd.DataFrame]:
    """Enterprises by district, and in large districts by the first and by the last word of names.

    Yields
    ------
    DataFrame
        ``firm`` and ``core``, for names that not too many in the district have.
    """
    named = pd.DataFrame({"firm": np.arange(len(firms.core)), "core": firms.core, "district": firms.district})
    named = named[named["core"] != ""]
    for _, block in named.groupby("district"):
        counts = block["core"].map(block["core"].value_counts())
        usable = block[counts <= most]
        if usable["core"].nunique() <= MOST_NAMES:
            yield usable
        else:
            for end in (0, -1):
                yield from (part for _, part in usable.groupby(usable["core"].str.split().str[end]))


def _similar_names(firms: Profiles, block: pd.DataFrame, least: float) -> Iterator[tuple[Int1D, Int1D]]:
    """Pairs of a block whose names are at least so similar, some names at a time."""
    from rapidfuzz import fuzz, process

    code, names = pd.factorize(block["core"], sort=True)
    order = np.argsort(code, kind="stable")
    code, firm = code[order], block["firm"].to_numpy(dtype=np.int64)[order]
    spellings = [list(names), [words_sorted(name) for name in names]]
    numbers, written = pd.factorize(np.array([numbers_in(name) for name in names], dtype=object))
    none = list(written).index("") if "" in written else -1
    # A little lower, since ratios are rounded; the score decides.
    cutoff = 100 * least - 1e-3
    for start in range(0, len(names), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        ratios = [
            process.cdist(s[some], s[start:], scorer=fuzz.ratio, score_cutoff=cutoff, dtype=np.float32)
            for s in spellings
        ]
        a, b = np.nonzero(np.maximum(*ratios) > 0)
        a, b = a + start, b + start
        is_pair = (a <= b) & ((numbers[a] == numbers[b]) | (numbers[a] == none) | (numbers[b] == none))
        yield _holders(code, firm, a[is_pair], b[is_pair])


def _holders(code: Int1D, firm: Int1D, first: Int1D, second: Int1D) -> tuple[Int1D, Int1D]:
    """Pairs of enterprises that have pairs of names, the earlier enterprise first.

    ``code`` holds the number of the name of each enterprise ``firm``, sorted.
    """
    begins, ends = np.searchsorted(code, first), np.searchsorted(code, first, side="right")
    mine, pair = _ranges(begins, ends)
    begins, ends = np.searchsorted(code, second[pair]), np.searchsorted(code, second[pair], side="right")
    theirs, at = _ranges(begins, ends)
    a, b = firm[mine[at]], firm[theirs]
    differ = a != b
    return np.minimum(a, b)[differ], np.maximum(a, b)[differ]


def _ranges(begins: Int1D, ends: Int1D) -> tuple[Int1D, Int1D]:
    """All numbers from each beginning to before its end, and which range each is of."""
    lengths = ends - begins
    which = np.repeat(np.arange(len(begins)), lengths)
    step = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return begins[which] + step, which

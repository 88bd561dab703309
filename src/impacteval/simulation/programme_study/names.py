"""Invented names, numbers and addresses of enterprises; none is of a real one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from impacteval.arrays import Text1D

FIRST = [
    "Sumber",
    "Maju",
    "Karya",
    "Mitra",
    "Bina",
    "Cipta",
    "Surya",
    "Tunas",
    "Indo",
    "Prima",
    "Sinar",
    "Anugerah",
    "Cahaya",
    "Duta",
    "Eka",
    "Graha",
    "Harapan",
    "Inti",
    "Jaya",
    "Kencana",
    "Laksana",
    "Mega",
    "Nusa",
    "Oscar",
    "Panca",
    "Rajawali",
    "Sarana",
    "Tri",
    "Utama",
    "Wahana",
    "Bumi",
    "Dharma",
]
SECOND = [
    "Teknik",
    "Logam",
    "Presisi",
    "Plastindo",
    "Karet",
    "Mandiri",
    "Utama",
    "Perkasa",
    "Sentosa",
    "Abadi",
    "Metal",
    "Komponen",
    "Stamping",
    "Mould",
    "Gemilang",
    "Makmur",
    "Lestari",
    "Sejati",
    "Otomotif",
    "Engineering",
    "Persada",
    "Raya",
    "Pratama",
    "Nusantara",
    "Cemerlang",
    "Kreasi",
]
THIRD = [
    "Industri",
    "Indonesia",
    "Manufaktur",
    "Parts",
    "Makmur",
    "Bersama",
    "Sukses",
    "Sejahtera",
    "Internasional",
    "Unggul",
    "Karsa",
    "Indah",
    "Bahagia",
    "Mulia",
    "Agung",
    "Santosa",
]
STREETS = (
    "Jl. Industri Raya",
    "Jl. Kenari",
    "Jl. Cendana",
    "Jl. Angsana",
    "Jl. Akasia",
    "Jl. Meranti",
    "Jl. Jati",
)


INITIALS = ("mm2100", "ejip", "giic", "kiic")


def enterprise_ids(n: int) -> Text1D:
    """Numbers of the frame in order, each with a check digit by Luhn's rule."""
    width = max(4, len(str(n)))
    number = np.arange(1, n + 1)
    digits = number[:, None] // 10 ** np.arange(width) % 10
    doubled = digits[:, ::2] * 2
    total = (doubled - 9 * (doubled > 9)).sum(axis=1) + digits[:, 1::2].sum(axis=1)
    check = (10 - total % 10) % 10
    return np.array([f"SCI-E-{i:0{width}d}-{c}" for i, c in zip(number, check, strict=True)])


def enterprise_names(n: int, rng: Generator) -> Text1D:
    """Names, no two alike: three words, and a number once the words are used up."""
    n_names = len(FIRST) * len(SECOND) * len(THIRD)
    place = np.resize(rng.permutation(n_names), n)
    first, rest = np.divmod(place, len(SECOND) * len(THIRD))
    second, third = np.divmod(rest, len(THIRD))
    words = (np.array(FIRST)[first], np.array(SECOND)[second], np.array(THIRD)[third])
    name = pd.Series(words[0]) + " " + words[1] + " " + words[2]
    again = np.arange(n) // n_names
    name = name.where(again == 0, name + " " + pd.Series(again + 1).astype(str))
    return np.asarray(name, dtype=str)


def phones(n: int, rng: Generator) -> Text1D:
    """Phone numbers of ranges that no operator gives out: area 021 and a leading 0."""
    return ("021-0" + pd.Series(rng.integers(0, 10_000_000, n)).astype(str).str.zfill(7)).to_numpy(dtype=str)


def addresses(estate: Text1D, rng: Generator) -> Text1D:
    """Streets, blocks and numbers within an estate."""
    n = len(estate)
    street = np.array(STREETS)[rng.integers(0, len(STREETS), n)]
    block = np.array(list("ABCDEFGH"))[rng.integers(0, 8, n)]
    number = rng.integers(1, 60, n).astype(str)
    place = pd.Series(estate).map(_estate_name)
    return np.asarray(pd.Series(street) + " Blok " + block + "-" + number + ", " + place, dtype=str)


def _estate_name(estate: str) -> str:
    """Name of an estate as addresses write it: short ones are initials."""
    words = estate.replace("other_", "").split("_")
    return " ".join(w.upper() if w in INITIALS else w.title() for w in words)

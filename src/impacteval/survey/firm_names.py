"""Names and addresses of enterprises, written one way so that they can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# The longest spelling of a form stands before those it begins with.
LEGAL_FORMS = {
    "perseroan terbatas": "pt",
    "pt": "pt",
    "commanditaire vennootschap": "cv",
    "persekutuan komanditer": "cv",
    "cv": "cv",
    "usaha dagang": "ud",
    "ud": "ud",
    "koperasi": "koperasi",
    "kop": "koperasi",
    "kud": "koperasi unit desa",
    "ksu": "koperasi serba usaha",
    "ksp": "koperasi simpan pinjam",
    "perusahaan umum": "perum",
    "perum": "perum",
    "firma": "firma",
    "fa": "firma",
    "perusahaan daerah": "pd",
    "perusahaan dagang": "pd",
    "pd": "pd",
    "yayasan": "yayasan",
    "yys": "yayasan",
}
# Words that say more of the legal form; they are no part of a name.
QUALIFIERS = {"tbk", "persero"}
SHORT_NAMES = {
    **dict.fromkeys(("moh", "moch", "mohd", "muh", "muhamad", "mohamad", "mohammad", "mochamad"), "muhammad"),
    **dict.fromkeys(("mochammad", "mohamed", "muhammed"), "muhammad"),
    "abd": "abdul",
}
# Single letters would be initials as often as numbers.
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
SHORT_PLACES = {
    "jl": "jalan",
    "jln": "jalan",
    "gg": "gang",
    "blk": "blok",
    "kel": "kelurahan",
    "kec": "kecamatan",
    "kab": "kabupaten",
    "ds": "desa",
    "kp": "kampung",
    "nomor": "",
    "nomer": "",
    "no": "",
}
DOTTED = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}|\b[^\W\d_]\.[^\W\d_]\b")
APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bc]")
NUMBER = re.compile(r"\d+")


def split_name(text: str) -> tuple[str, str]:
    """Split the name of an enterprise into its legal form and its core, both in one spelling.

    ``P.T. Maju Jaya, Tbk`` is ``("pt", "maju jaya")``. The form is empty where none is written, the
    core where nothing else is. Numbers stay: ``Bintang Timur 1`` and ``Bintang Timur 2`` differ.
    Spellings of one sound (``Rejeki``, ``Rezeki``) stay too; they are for ``similarity``.
    """
    words = [word for word in _words(text) if word not in QUALIFIERS]
    form, rest = _without_form(words)
    if rest and rest[-1] in ROMAN:
        rest = [*rest[:-1], ROMAN[rest[-1]]]
    return form, " ".join(_plain(SHORT_NAMES.get(word, word)) for word in rest)


def plain_address(text: str) -> str:
    """An address in one spelling: no punctuation, ``Jl.`` and ``Jln`` as ``jalan``, no ``No.``."""
    words = (SHORT_PLACES.get(word, word) for word in _words(text))
    return " ".join(_plain(word) for word in words if word)


def numbers_in(text: str) -> str:
    """The numbers in a name or an address, sorted, with a blank between; empty where there are none."""
    return " ".join(sorted({_plain(found) for found in NUMBER.findall(text)}))


def similarity(first: Sequence[str], second: Sequence[str]) -> npt.NDArray[np.float64]:
    """How alike core names are, pair by pair, from 0 to 1 (equal).

    One minus the letters to put in or take out, over the letters of both; the words in the order they
    stand in or sorted, whichever is more alike. Names whose numbers differ have similarity 0, and so
    has an empty name.

    Parameters
    ----------
    first, second : (n_pairs,)
        Core names as ``split_name`` gives them.
    """
    from rapidfuzz import fuzz, process

    if not len(first):
        return np.zeros(0)
    spellings = [(first, second), ([words_sorted(n) for n in first], [words_sorted(n) for n in second])]
    ratios = [process.cpdist(a, b, scorer=fuzz.ratio, dtype=np.float64) for a, b in spellings]
    found: npt.NDArray[np.float64] = np.maximum(*ratios) / 100
    numbers = {name: numbers_in(name) for name in {*first, *second}}
    is_other = [
        not (a and b) or bool(numbers[a] and numbers[b] and numbers[a] != numbers[b])
        for a, b in zip(first, second, strict=True)
    ]
    found[np.array(is_other, dtype=np.bool_)] = 0.0
    return found


def words_sorted(name: str) -> str:
    """The words of a name in sorted order: ``Tani Makmur`` is ``Makmur Tani``."""
    return " ".join(sorted(name.split()))


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " dan ")
    joined = DOTTED.sub(lambda found: found.group().replace(".", "").replace(" ", "") + " ", folded)
    bare = APOSTROPHES.sub("", joined)
    return re.sub(r"[\W_]+", " ", bare).split()


def _plain(word: str) -> str:
    """A number without its leading zeros; another word as it is."""
    return (word.lstrip("0") or "0") if word.isdecimal() else word


def _without_form(words: list[str]) -> tuple[str, list[str]]:
    """The legal form at the beginning or else at the end of a name, and the other words."""
    for written, form in LEGAL_FORMS.items():
        spelling = written.split()
        n = len(spelling)
        if words[:n] == spelling:
            return _expanded(form, words[n:])
    for written, form in LEGAL_FORMS.items():
        spelling = written.split()
        n = len(spelling)
        if words[-n:] == spelling:
            return _expanded(form, words[:-n])
    return "", words


def _expanded(form: str, rest: list[str]) -> tuple[str, list[str]]:
    """A form that is written as one word and stands for more puts the others into the name."""
    first, *others = form.split()
    return first, [*others, *rest]

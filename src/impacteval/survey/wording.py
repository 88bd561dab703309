"""Wording of labels: their plain text, how alike two are, and whether they mean the same."""

from __future__ import annotations

import html
import re
import unicodedata
from difflib import SequenceMatcher

TAG = re.compile(r"<[^<>]{1,300}>")
WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"\d+")
# Words that turn a label round or move it on a scale.
TURNING = {
    *("not", "no", "never", "none", "without", "non", "tidak", "bukan", "tanpa", "belum", "jangan"),
    *("very", "somewhat", "strongly", "slightly", "more", "less", "most", "least", "only"),
    *("sangat", "agak", "kurang", "lebih", "paling", "cukup", "hanya"),
}
# Spelling mistakes differ by less than one letter in five.
SAME_WORD = 0.8


def plain_text(label: str) -> str:
    """A label as a reader sees it: without tags and line breaks."""
    return " ".join(html.unescape(TAG.sub(" ", label)).split())


def plain_words(label: str) -> tuple[str, ...]:
    """Words of a label in small letters, without punctuation."""
    text = unicodedata.normalize("NFKC", plain_text(label)).casefold()
    return tuple(WORD.findall(re.sub(r"['\u2019\u02bc`]", "", text)))


def likeness(first: str, second: str) -> float:
    """Share of text that two labels have in common, between 0 and 1; 0 where one says nothing."""
    a, b = " ".join(plain_words(first)), " ".join(plain_words(second))
    return SequenceMatcher(None, a, b, autojunk=False).ratio() if a and b else 0.0


def means_another_thing(old: str, new: str) -> bool:
    """Whether a label was replaced and not only reworded.

    It was where its numbers, its negations or its words of degree differ, or where fewer than six in
    ten words of the shorter label return in the longer one, mistakes in spelling aside.
    """
    a, b = plain_words(old), plain_words(new)
    if not a or not b or a == b:
        return False
    numbers = [NUMBER.findall(" ".join(words)) for words in (a, b)]
    turns = [TURNING & set(words) for words in (a, b)]
    if numbers[0] != numbers[1] or turns[0] != turns[1]:
        return True
    short, long = sorted((a, b), key=len)
    kept = sum(any(_same_word(word, other) for other in long) for word in short)
    return kept < 0.6 * len(short)


def _same_word(first: str, second: str) -> bool:
    """Whether words are equal but for spelling; ``legal`` and ``illegal`` are not."""
    if first == second:
        return True
    if first.endswith(second) or second.endswith(first):
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= SAME_WORD

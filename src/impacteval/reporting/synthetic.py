"""What simulated data say of themselves: on every page, table and figure, by one function each.

Templates, tables and figures say nothing of it: pages pass through ``page.rendered`` and figures through
``draw.svg_of``, which add it. All values are escaped, so tags in a page are those of its template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MARK = "Synthetic data"
IN_BRACKETS = f" ({MARK.lower()})"
BANNER = (
    f'<p class="banner synthetic" role="note"><strong>{MARK}.</strong> All that this page shows is about '
    "simulated enterprises and persons. It says nothing about real ones.</p>"
)
WORKBOOK_LINE = (
    f"{MARK}: all enterprises, persons and answers in this workbook are simulated. / Data sintetis: semua "
    "perusahaan, orang dan jawaban dalam buku kerja ini adalah simulasi."
)
# The first thing in a page's body is its skip link; what the page is about comes after it.
_AFTER_SKIP_LINK = re.compile(r'(<a class="skip"[^>]*>[^<]*</a>)')
_PAGE_TITLE = re.compile(r"(?=</title>)")
_CAPTION = re.compile(r"(?=</(?:caption|figcaption)>)")
_IN_WORDS = re.compile(r'(?<=\balt=")|(?<=role="img" aria-label=")')
_DRAWN = re.compile(r"(?=</svg>)")
_DRAWN_TEXT = f'<text x="100%" y="99%" text-anchor="end">{MARK}</text>'


def declared(html: str) -> str:
    """Say on a page, and at each of its tables and figures, that its data are simulated."""
    html = _AFTER_SKIP_LINK.sub(lambda found: f"{found[1]}\n{BANNER}", html, count=1)
    html = _CAPTION.sub(IN_BRACKETS, _PAGE_TITLE.sub(IN_BRACKETS, html, count=1))
    html = _IN_WORDS.sub(f"{MARK}. ", html)
    return _DRAWN.sub(_DRAWN_TEXT, html)


def draw_mark(canvas: Canvas) -> None:
    """Write below a figure, at its right edge, that its data are simulated."""
    canvas.text(1.0, -0.005, MARK, ha="right", va="top", fontsize=7, color="#595959")

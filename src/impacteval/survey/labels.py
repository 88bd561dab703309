"""What Stata and SPSS files say of their variables, as the beginning of a codebook."""

from __future__ import annotations

from pathlib import Path

from impacteval.errors import DataError
from impacteval.survey.spss_files import spss_meta, unpacked_spss
from impacteval.survey.stata_files import stata_meta
from impacteval.survey.statistical_meta import FileMeta

SPSS_ENDS = (".sav", ".zsav")


def labels_of(path: Path) -> FileMeta:
    """Read labels, formats, missing values and notes of a Stata or SPSS file, without its rows.

    Raises
    ------
    DataError
        For another or a damaged file.
    """
    suffix = path.suffix.lower()
    if suffix != ".dta" and suffix not in SPSS_ENDS:
        raise DataError(f"{path.name}: no labels; only .dta, {', '.join(SPSS_ENDS)} files have them")
    try:
        if suffix == ".dta":
            return stata_meta(path, None)
        with unpacked_spss(path, 0, None) as folder:
            return spss_meta(folder)
    except Exception as error:  # pyreadstat has some fifteen kinds for damaged files
        raise DataError(f"{path.name}: not a whole file ({error}); fetch it again") from error

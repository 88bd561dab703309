"""Data files that a pinned Python package carries."""

from __future__ import annotations

import bz2
from importlib.metadata import PackageNotFoundError, distribution

from impacteval.delivery import PackagedSource
from impacteval.errors import DataError


def packaged_bytes(source: PackagedSource) -> bytes:
    """Return the content of a packaged file, unpacked if it is a ``.bz2``; the package is not run.

    Raises
    ------
    DataError
        When the package, its version or the file is not there.
    """
    try:
        found = distribution(source.package)
    except PackageNotFoundError as error:
        raise DataError(f"the package {source.package} is not installed; run `make setup`") from error
    if found.version != source.version:
        raise DataError(
            f"{source.package} {found.version} is installed, study.yaml asks for {source.version}; "
            "run `make setup`"
        )
    listed = [file for file in found.files or () if file.as_posix() == source.resource]
    if not listed:
        raise DataError(f"{source.package} {source.version} has no file {source.resource!r}")
    content = listed[0].read_binary()
    return bz2.decompress(content) if source.resource.endswith(".bz2") else content

"""Random numbers by name, so that a new component leaves the draws of all others as they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence


@dataclass(frozen=True, slots=True)
class Streams:
    """Independent streams of random numbers that all follow from one seed."""

    seed: int

    def of(self, name: str) -> Generator:
        """Give the stream of a component, from its start.

        The name is digested, so that a stream depends on seed and name alone: not on the order of
        calls, not on the process.
        """
        digest = hashlib.sha256(name.encode("utf-8")).digest()
        key = tuple(int(word) for word in np.frombuffer(digest[:16], dtype="<u4"))
        return Generator(PCG64(SeedSequence(entropy=self.seed, spawn_key=key)))

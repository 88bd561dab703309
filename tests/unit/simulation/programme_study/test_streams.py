from __future__ import annotations

import subprocess
import sys

import numpy as np

from impacteval.simulation.programme_study.draws import poisson_at, some_of
from impacteval.simulation.programme_study.streams import Streams


def test_a_stream_depends_on_seed_and_name_alone():
    first = Streams(7).of("a").random(5)
    Streams(7).of("b").random(100)
    assert (Streams(7).of("a").random(5) == first).all()
    assert (Streams(8).of("a").random(5) != first).all()
    assert (Streams(7).of("b").random(5) != first).all()


def test_a_stream_is_the_same_in_another_process():
    code = "from impacteval.simulation.programme_study.streams import Streams; print(Streams(7).of('a').random())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(printed) == Streams(7).of("a").random()


def test_the_first_number_of_a_stream_is_kept_for_good():
    assert int(Streams(1).of("frame.estate").integers(0, 2**32)) == 3786745639


def test_poisson_counts_have_their_mean_and_rise_with_it():
    uniform = Streams(3).of("u").random(40_000)
    few, many = poisson_at(uniform, np.full(40_000, 0.7)), poisson_at(uniform, np.full(40_000, 0.9))
    assert abs(few.mean() - 0.7) < 4 * np.sqrt(0.7 / 40_000)
    assert abs(many.mean() - 0.9) < 4 * np.sqrt(0.9 / 40_000)
    assert (many >= few).all() and few.min() == 0


def test_a_share_of_a_count_is_whole_never_above_it_and_right_on_average():
    count = np.full(40_000, 3.0)
    part = some_of(Streams(3).of("u").random(40_000), count, 0.45)
    assert set(np.unique(part)) == {1.0, 2.0}
    assert abs(part.mean() - 1.35) < 4 * 0.5 / np.sqrt(40_000)

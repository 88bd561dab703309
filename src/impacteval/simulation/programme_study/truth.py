"""The true study: who was trained, and what each enterprise's outcomes were and would have been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float2D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.effects import Potential, potential_outcomes, scaled_doses
from impacteval.simulation.programme_study.frame import FramePopulation, draw_frame
from impacteval.simulation.programme_study.processes import Scores
from impacteval.simulation.programme_study.reading import scenario_of
from impacteval.simulation.programme_study.selection import draw_assignment
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.study_shape import ROUNDS
from impacteval.simulation.programme_study.training import dose_by_round, draw_training


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One drawn study, before anybody was asked anything.

    ``firms`` has a row for each enterprise of the study with its traits from the frame and its
    assignment; arrays of ``potential`` and ``dose`` follow its order, columns are rounds. ``scores``
    are those of these enterprises.
    """

    generator: p.Generator
    scenario: str
    seed: int
    frame: pd.DataFrame
    firms: pd.DataFrame
    training: pd.DataFrame
    dose: Float2D
    scores: Scores
    potential: Potential

    @property
    def change(self) -> p.Scenario:
        """What the scenario changes."""
        return self.generator.scenarios[self.scenario]

    @property
    def streams(self) -> Streams:
        """Random numbers of this study."""
        return Streams(self.seed)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give what is worth saving: enterprises, and their true outcomes by round, trained or not.

        ``true_outcomes`` has a row for each enterprise, round and outcome, with the value ``observed``,
        ``untreated`` and ``dose``.
        """
        n, rounds = len(self.firms), len(ROUNDS)
        names = list(self.potential.observed)
        enterprise = np.repeat(self.firms["enterprise_id"].to_numpy(), rounds)
        outcomes = pd.DataFrame(
            {
                "enterprise_id": np.tile(enterprise, len(names)),
                "wave": np.tile(np.arange(rounds, dtype=np.float64), n * len(names)),
                "outcome": np.repeat(np.array(names), n * rounds),
                "observed": np.concatenate([self.potential.observed[k].ravel() for k in names]),
                "untreated": np.concatenate([self.potential.untreated[k].ravel() for k in names]),
                "dose": np.tile(self.dose.ravel(), len(names)),
            }
        )
        return {"true_enterprises": self.firms.copy(), "true_outcomes": outcomes}


def draw_truth(generator: p.Generator, scenario: str, seed: int, scale: int = 1) -> Truth:
    """Draw a study.

    Parameters
    ----------
    generator : Generator
    scenario : str
        Name of one of its scenarios.
    seed : int
        Studies of equal parameters, scenario, scale and seed are equal; scenarios of one seed share all
        draws that they do not change.
    scale : int
        Multiplies the frame and the study.

    Raises
    ------
    ConfigError
        For a scenario that does not exist.
    """
    change, streams = scenario_of(generator, scenario), Streams(seed)
    frame = draw_frame(generator, streams, scale)
    assignment = draw_assignment(generator, frame, change, streams)
    firms = _firms(frame, assignment)
    scores = _of_rows(frame.scores, assignment["row"].to_numpy())
    training = draw_training(generator, assignment, firms["enterprise_id"].to_numpy(dtype=str), streams)
    dose = dose_by_round(generator, training, len(firms))
    scaled = scaled_doses(
        generator, change, firms, dose=dose, permanent_mgmt=scores.permanent["mgmt"], streams=streams
    )
    potential = potential_outcomes(generator, change, firms, scores=scores, scaled=scaled, streams=streams)
    return Truth(
        generator=generator,
        scenario=scenario,
        seed=seed,
        frame=frame.listed,
        firms=firms,
        training=training,
        dose=dose[0],
        scores=scores,
        potential=potential,
    )


def _firms(frame: FramePopulation, assignment: pd.DataFrame) -> pd.DataFrame:
    rows = assignment["row"].to_numpy()
    parts = (frame.listed.iloc[rows], frame.traits.iloc[rows], assignment.drop(columns="row"))
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _of_rows(scores: Scores, rows: np.ndarray) -> Scores:
    return Scores(
        permanent={name: values[rows] for name, values in scores.permanent.items()},
        passing={name: values[rows] for name, values in scores.passing.items()},
        total={name: values[rows] for name, values in scores.total.items()},
    )

"""Illness, injury and death: what happens when harm reaches a person's mark, and what the party then does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import IN_BELARUS, N_STATES, OUTDOORS, Kind, State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw

__all__ = ["BELARUS", "EU", "die", "fall_ill", "injure", "side_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BELARUS, EU = 0, 1
_SIDE_OF: Ints = np.where(np.isin(np.arange(N_STATES), IN_BELARUS), BELARUS, EU)
_OUTDOORS = np.isin(np.arange(N_STATES), OUTDOORS)


def side_of(state: Ints) -> Ints:
    """Return on which side of the line states are, int64[n]: 0 Belarus, 1 EU; those being returned count as EU."""
    return _SIDE_OF[state]


def die(scene: Scene, rows: Ints, fraction: Floats, side: Ints) -> None:
    """Let persons die where they are; the rest of each party goes on."""
    if not len(rows):
        return
    people = scene.people
    ids = people.population["id"][rows]
    found, _, _, _ = draw(scene.seed, Who.PERSON, ids, Purpose.OBSERVED, 0)
    known = found < float(scene.scenario.observation.deaths_found_share)
    np.add.at(scene.tally.deaths[scene.day], side, 1)
    np.add.at(scene.tally.deaths_found[scene.day], side[known], 1)
    place = people.cells.place(people.population["cell"][rows])
    people.part(rows)
    people.relocate(rows, fraction, State.DEAD, place, scene.hour, scene.day)


def fall_ill(scene: Scene, rows: Ints, fraction: Floats) -> tuple[Ints, Ints]:
    """Handle persons whose harm mark is reached in this hour.

    Some die; some reach a hospital, families together; the others stay, weakened, with a new tolerance.

    Returns
    -------
    moved, weakened : int64, rows of all who moved, and of those who fell ill and stayed.
    """
    people = scene.people
    columns = people.population
    exposure = scene.scenario.exposure
    order = np.lexsort((columns["id"][rows], fraction))
    rows, fraction = rows[order], fraction[order]
    cell = columns["cell"][rows]
    state = people.cells.state(cell)
    side = side_of(state)
    np.add.at(scene.tally.harm[scene.day], side, np.int32(1))
    fate, reach, _, _ = draw(
        scene.seed, Who.PERSON, columns["id"][rows], Purpose.ILLNESS, columns["doses"][rows].astype(np.int64)
    )
    outdoors = _OUTDOORS[state]
    dies = outdoors & (fate < float(exposure.death_chance))
    reached = ~dies & (~outdoors | (reach < float(exposure.reached_by_help_chance)))

    patients, patient_fraction, patient_side = rows[reached], fraction[reached], side[reached]
    moved = [rows[dies]]
    die(scene, rows[dies], fraction[dies], side[dies])
    if len(patients):
        moved.append(_to_hospital(scene, patients, patient_fraction, patient_side))
    weak = rows[~dies & ~reached]
    weak = weak[~np.isin(weak, np.concatenate(moved))]
    if len(weak):
        columns["susceptibility"][weak] *= np.float32(float(exposure.weakened_factor))
        people.restore_tolerance(weak, _fraction_of(weak, rows, fraction))
    return np.concatenate(moved), weak


def _fraction_of(wanted: Ints, rows: Ints, fraction: Floats) -> Floats:
    """Return the fractions of some of `rows`."""
    order = np.argsort(rows)
    return fraction[order][np.searchsorted(rows[order], wanted)]


def _to_hospital(scene: Scene, patients: Ints, fraction: Floats, side: Ints) -> Ints:
    """Take patients to hospital; families go along, others part. Return the rows of all who moved."""
    people = scene.people
    columns = people.population
    np.add.at(scene.tally.hospital[scene.day], side, np.int32(1))
    family = people.cells.kind(columns["cell"][patients]) == Kind.FAMILY
    people.part(patients[~family])
    members, of = people.companions(patients[family])
    rows = np.concatenate((patients[~family], members))
    when = np.concatenate((fraction[~family], fraction[family][of]))
    sides = np.concatenate((side[~family], side[family][of]))
    state = np.where(sides == EU, int(State.HOSPITAL_EU), int(State.HOSPITAL_BELARUS))
    place = people.cells.place(columns["cell"][rows])
    people.relocate(rows, when, state, place, scene.hour, scene.day)
    people.restore_tolerance(rows, when)
    return rows


def injure(scene: Scene, rows: Ints, fraction: Floats, handler: Ints, lot: Floats | None = None) -> None:
    """Let persons handed over, returned or moved by a service be hurt; one chance for all handlers.

    The `lot` of each person is drawn unless given.
    """
    if not len(rows):
        return
    columns = scene.people.population
    if lot is None:
        moves = columns["moves"][rows].astype(np.int64)
        lot = draw(scene.seed, Who.PERSON, columns["id"][rows], Purpose.HANDLING, moves)[0]
    hurt = (lot < float(scene.scenario.exposure.handling_injury_chance)).nonzero()[0]
    if len(hurt):
        np.add.at(scene.tally.handling[scene.day], handler[hurt], np.int32(1))
        scene.people.weaken(rows[hurt], fraction[hurt], float(scene.scenario.exposure.weakened_factor))

"""Illness, injury and death: what happens when harm reaches a person's mark, and what the party then does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import IN_BELARUS, N_STATES, OUTDOORS, Kind, State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw

__all__ = ["BELARUS", "EU", "die", "fall_ill", "handle", "hypothermia", "side_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BELARUS, EU = 0, 1
_SIDE_OF: Ints = np.where(np.isin(np.arange(N_STATES), IN_BELARUS), BELARUS, EU)
_HELPLESS = 2
"""Class of hypothermia from which on people do not come round by themselves: moderate."""
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
    fate, reach, grade, _ = draw(
        scene.seed, Who.PERSON, columns["id"][rows], Purpose.ILLNESS, columns["doses"][rows].astype(np.int64)
    )
    outdoors = _OUTDOORS[state]
    stage, lethality = hypothermia(scene, people.cells.place(cell), grade)
    stage[~outdoors] = 0
    dies = outdoors & (fate < lethality)
    reached = ~dies & (~outdoors | (stage >= _HELPLESS) | (reach < float(exposure.reached_by_help_chance)))
    cold = stage.nonzero()[0]
    np.add.at(scene.tally.hypothermia[scene.day], (side[cold], stage[cold] - 1), np.int32(1))

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


def hypothermia(scene: Scene, place: Ints, lot: Floats) -> tuple[Ints, Floats]:
    """Return class (0 none to 3 severe) and chance of death of episodes outdoors at places, int64[n] and float64[n].

    Classes follow proportional odds (McCullagh 1980) that rise as the dose does; all classes together die with
    `exposure.death_chance`, whatever the weather.
    """
    exposure, weather = scene.scenario.exposure, scene.world.weather
    country = np.append(scene.world.border.posts.country.astype(np.int64), 0)[place]
    effective, wet = weather.effective_temperature_c[scene.hour][country], weather.wet[scene.hour][country]
    step, worse = float(exposure.hypothermia_step), float(exposure.hypothermia_lethality)
    chill = np.exp(-effective / float(exposure.cold_scale_c)) * (1.0 + float(exposure.wet_factor) * wet)
    mild = float(exposure.hypothermia_odds) * chill
    moderate = mild * step
    severe = moderate * step
    p1, p2, p3 = mild / (1.0 + mild), moderate / (1.0 + moderate), severe / (1.0 + severe)
    weight = np.array([1.0, worse, worse * worse, (worse * worse) * worse])
    mean = (((1.0 - p1) + (p1 - p2) * weight[1]) + (p2 - p3) * weight[2]) + p3 * weight[3]
    stage = ((lot < p1).astype(np.int64) + (lot < p2)) + (lot < p3)
    return stage, (float(exposure.death_chance) * weight[stage]) / mean


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


def handle(scene: Scene, rows: Ints, fraction: Floats, handler: Ints, party_lot: Floats, lots: Floats) -> Ints:
    """Let persons handed over, returned or moved by a service be robbed, hurt, separated; one chance for all handlers.

    Parameters
    ----------
    party_lot : float64[n], the lot of each person's part, by which its money is taken
    lots : float64[2, n] or more, each person's own, by which it is hurt, and parted from the others

    Returns
    -------
    separated : int64, positions among `rows` of those who from now on are alone.
    """
    columns, tally, exposure = scene.people.population, scene.tally, scene.scenario.exposure
    robbed = (party_lot < float(exposure.handling_robbery_chance)) & (columns["means"][rows] > 0)
    np.add.at(tally.robbed[scene.day], handler[robbed], np.int32(1))
    columns["means"][rows[robbed]] = 0.0
    hurt = (lots[0] < float(exposure.handling_injury_chance)).nonzero()[0]
    if len(hurt):
        np.add.at(tally.handling[scene.day], handler[hurt], np.int32(1))
        scene.people.weaken(rows[hurt], fraction[hurt], float(exposure.weakened_factor))
    apart = lots[1] < float(exposure.handling_separation_chance)
    separated: Ints = (apart & ~columns["child"][rows] & (columns["id"][rows] != columns["party"][rows])).nonzero()[0]
    np.add.at(tally.separated[scene.day], handler[separated], np.int32(1))
    scene.people.part(rows[separated])
    return separated

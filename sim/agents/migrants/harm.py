"""Illness, injury and death: what happens when harm reaches a person's mark, and what the party then does."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import IN_BELARUS, N_STATES, OUTDOORS, Kind, State
from sim.core.chance import Kind as Who
from sim.core.chance import Purpose, draw, draw_all
from sim.core.groups import among

__all__ = ["BELARUS", "EU", "die", "fall_ill", "handle", "hypothermia", "side_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BELARUS, EU = 0, 1
_SIDE_OF: Ints = np.where(np.isin(np.arange(N_STATES), IN_BELARUS), BELARUS, EU)
_HELPLESS = 2
"""Class of hypothermia from which on people do not come round by themselves: moderate."""
_HOSPITAL = np.array([State.HOSPITAL_BELARUS, State.HOSPITAL_EU], dtype=np.int64)
"""The hospital of each side."""
_FAMILY = int(Kind.FAMILY)
_ONE = np.int32(1)
_OUTDOORS = np.isin(np.arange(N_STATES), OUTDOORS)


def side_of(state: Ints) -> Ints:
    """Return on which side of the line states are, int64[n]: 0 Belarus, 1 EU; those being returned count as EU."""
    return _SIDE_OF[state]


def die(scene: Scene, rows: Ints, fraction: Floats, side: Ints) -> None:
    """Let persons die where they are; the rest of each party goes on."""
    if not len(rows):
        return
    people = scene.people
    _count_deaths(scene, people.population["id"][rows], side)
    place = people.cells.place(people.cell_of(rows))
    people.part(rows)
    people.relocate(rows, fraction, State.DEAD, place, scene.hour, scene.day)


def _count_deaths(scene: Scene, ids: Ints, side: Ints) -> None:
    """Enter deaths into the books, and the share of them that becomes known."""
    if not len(ids):
        return
    found, _, _, _ = draw(scene.seed, Who.PERSON, ids, Purpose.OBSERVED, 0)
    known = found < float(scene.scenario.observation.deaths_found_share)
    np.add.at(scene.tally.deaths[scene.day], side, _ONE)
    np.add.at(scene.tally.deaths_found[scene.day], side[known], _ONE)


def fall_ill(scene: Scene, rows: Ints, fraction: Floats) -> tuple[Ints, Ints]:
    """Handle persons whose harm mark is reached in this hour.

    Some die; some reach a hospital, families together; the others stay, weakened, with a new tolerance.

    Returns
    -------
    moved, weakened : int64, rows of all who moved, and of those who fell ill and stayed.
    """
    people = scene.people
    columns = people.population
    tally, exposure = scene.tally, scene.scenario.exposure
    if len(rows) > 1:
        order = np.lexsort((columns["id"][rows], fraction))
        rows, fraction = rows[order], fraction[order]
    luck = _Luck(scene, rows)
    cell = people.cell_of(rows)
    state, place = people.cells.state(cell), people.cells.place(cell)
    side = side_of(state)
    np.add.at(tally.harm[scene.day], side, _ONE)
    fate, reach, grade, _ = luck.illness
    outdoors = _OUTDOORS[state]
    stage, lethality = hypothermia(scene, place, grade)
    stage[~outdoors] = 0
    dies = outdoors & (fate < lethality)
    reached = ~dies & (~outdoors | (stage >= _HELPLESS) | (reach < exposure.reached_by_help_chance.value))
    cold = stage.nonzero()[0]
    if len(cold):
        np.add.at(tally.hypothermia[scene.day], (side[cold], stage[cold] - 1), _ONE)
    np.add.at(tally.hospital[scene.day], side[reached], _ONE)
    if np.count_nonzero(dies):
        _count_deaths(scene, columns["id"][rows[dies]], side[dies])

    family = people.cells.kind(cell) == _FAMILY
    leaves = (dies | (reached & ~family)).nonzero()[0]  # the dead, and patients whose friends go on
    together = (reached & family).nonzero()[0]
    people.part(rows[leaves], luck.own_resolve)
    members, of = people.companions(rows[together])
    at = np.concatenate((leaves, together[of]))
    moved = np.concatenate((rows[leaves], members))
    if len(moved):
        to = np.where(dies[at], int(State.DEAD), _HOSPITAL[side[at]])
        place = people.cells.place(people.cell_of(moved))
        people.relocate(moved, fraction[at], to, place, scene.hour, scene.day)
    stays = ~dies & ~reached
    if len(members):
        stays &= ~among(members, rows)
    weak = rows[stays]
    columns["susceptibility"][weak] *= np.float32(exposure.weakened_factor.value)
    cared_for = ~dies[at]
    fresh = np.concatenate((moved[cared_for], weak))
    people.restore_tolerance(fresh, np.concatenate((fraction[at[cared_for]], fraction[stays])), luck.tolerance(fresh))
    return moved, weak


class _Luck:
    """All lots that falling ill may ask, drawn at one go: of those who fall ill, and of who may go with them."""

    def __init__(self, scene: Scene, rows: Ints) -> None:
        people = scene.people
        columns = people.population
        self.members, _ = people.companions(rows)
        ids = columns["id"][self.members]
        self.illness, tolerance, body = draw_all(
            scene.seed,
            [
                (Who.PERSON, columns["id"][rows], Purpose.ILLNESS, columns["doses"][rows]),
                people.of_tolerance(self.members),
                people.bodies.of_resolve(ids),
            ],
        )
        self._tolerance, self._body = tolerance[0], body
        self._bodies = people.bodies

    def tolerance(self, rows: Ints) -> Floats:
        """Return the lots of persons' next tolerances, float64[n]."""
        lots: Floats = self._tolerance[self.members.searchsorted(rows)]
        return lots

    def own_resolve(self, rows: Ints) -> NDArray[np.float32]:
        """Return how readily persons act by themselves, float32[n]."""
        return self._bodies.resolve_from(self._body[:, self.members.searchsorted(rows)])


def hypothermia(scene: Scene, place: Ints, lot: Floats) -> tuple[Ints, Floats]:
    """Return class (0 none to 3 severe) and chance of death of episodes outdoors at places, int64[n] and float64[n].

    Classes follow proportional odds (McCullagh 1980) that rise as the dose does; all classes together die with
    `exposure.death_chance`, whatever the weather.
    """
    exposure, weather = scene.scenario.exposure, scene.world.weather
    country = scene.world.country_of_place[place]
    effective, wet = weather.effective_temperature_c[scene.hour][country], weather.wet[scene.hour][country]
    step, worse = exposure.hypothermia_step.value, exposure.hypothermia_lethality.value
    chill = np.exp(-effective / exposure.cold_scale_c.value) * (1.0 + exposure.wet_factor.value * wet)
    odds = np.empty((3, len(place)))
    mild, moderate, severe = odds
    np.multiply(exposure.hypothermia_odds.value, chill, mild)
    np.multiply(mild, step, moderate)
    np.multiply(moderate, step, severe)
    at_least = odds / (1.0 + odds)
    p1, p2, p3 = at_least
    weight = _lethality(worse)
    mean = (((1.0 - p1) + (p1 - p2) * weight[1]) + (p2 - p3) * weight[2]) + p3 * weight[3]
    mildly, moderately, severely = lot < at_least
    stage = mildly.astype(np.int64) + moderately + severely
    return stage, (exposure.death_chance.value * weight[stage]) / mean


@cache
def _lethality(worse: float) -> Floats:
    """Return how many times likelier than without hypothermia people die of each class, float64[4]."""
    return np.array([1.0, worse, worse * worse, (worse * worse) * worse])


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
    robbed = (party_lot < exposure.handling_robbery_chance.value).nonzero()[0]
    robbed = robbed[columns["means"][rows[robbed]] > 0]
    if len(robbed):
        np.add.at(tally.robbed[scene.day], handler[robbed], _ONE)
        columns["means"][rows[robbed]] = 0.0
    hurt = (lots[0] < exposure.handling_injury_chance.value).nonzero()[0]
    if len(hurt):
        np.add.at(tally.handling[scene.day], handler[hurt], _ONE)
        scene.people.weaken(rows[hurt], fraction[hurt], exposure.weakened_factor.value)
    apart = (lots[1] < exposure.handling_separation_chance.value).nonzero()[0]
    those = rows[apart]
    separated: Ints = apart[~columns["child"][those] & (columns["id"][those] != columns["party"][those])]
    if len(separated):
        np.add.at(tally.separated[scene.day], handler[separated], _ONE)
        scene.people.part(rows[separated])
    return separated

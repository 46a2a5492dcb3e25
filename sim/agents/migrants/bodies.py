"""What chance gives each person for life: readiness to act, susceptibility, means, and the first wait and tolerance.

All of it is a function of the person's number, so it can be worked out for a day's passengers before they land.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import SEATS
from sim.core.chance import Address, Kind, Purpose, draw, draw_all, exponential
from sim.core.groups import sizes, starts
from sim.scenario.schema import Scenario

__all__ = ["Bodies", "Entrants", "near_normal", "resolve_from"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROOT_3 = np.sqrt(np.float64(3.0))


def near_normal(lanes: Floats) -> Floats:
    """Return near-normal numbers from four uniforms each: their sum, centred and scaled to unit variance."""
    normal: Floats = (((lanes[0] + lanes[1]) + lanes[2]) + lanes[3] - 2.0) * _ROOT_3
    return normal


def resolve_from(lanes: Floats, sigma: float) -> NDArray[np.float32]:
    """Return how readily persons act by themselves, float32[n], median 1, from the lanes of their first body draw."""
    return np.exp(sigma * near_normal(lanes)).astype(np.float32)


@dataclass(frozen=True)
class Entrants:
    """Whole parties, members in a row by seat, about to enter: what they are and what chance gives them, a row each.

    Attributes
    ----------
    wait : float64[n], first waiting time in units of accumulated hazard
    tolerance : float64[n], harm that each can bear, likewise
    """

    id: Ints
    party: Ints
    kind: Ints
    origin: Ints
    child: NDArray[np.bool_]
    resolve: NDArray[np.float32]
    susceptibility: NDArray[np.float32]
    means: NDArray[np.float32]
    wait: Floats
    tolerance: Floats

    def __len__(self) -> int:
        return len(self.id)

    def part(self, part: slice) -> Entrants:
        """Return some of them, whole parties."""
        return Entrants(
            self.id[part], self.party[part], self.kind[part], self.origin[part], self.child[part],
            self.resolve[part], self.susceptibility[part], self.means[part], self.wait[part], self.tolerance[part],
        )  # fmt: skip


class Bodies:
    """Draws the bodies of a run's persons."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.resolve_sigma = float(scenario.migrants.resolve_sigma)
        self.susceptibility_sigma = float(scenario.exposure.susceptibility_sigma)
        self.means_median = float(scenario.money.means_median_usd)
        self.means_sigma = float(scenario.money.means_sigma)
        self.child_susceptibility = float(scenario.exposure.child_susceptibility)

    def own_resolve(self, ids: Ints) -> NDArray[np.float32]:
        """Return how readily persons act by themselves, float32[n]: a function of the person's number."""
        return self.resolve_from(draw(self.seed, *self.of_resolve(ids)))

    def of_resolve(self, ids: Ints) -> Address:
        """Return the address of the draw that says how readily persons act by themselves."""
        return Kind.PERSON, ids, Purpose.BODY, 0

    def resolve_from(self, lanes: Floats) -> NDArray[np.float32]:
        """Return how readily persons act by themselves, float32[n], from the lanes of that draw."""
        return resolve_from(lanes, self.resolve_sigma)

    def prepare(self, ids: Ints, kind: Ints, origin: Ints, child: NDArray[np.bool_]) -> Entrants:
        """Return whole parties, members in a row by seat, with all that chance gives them before they enter."""
        party = (ids // SEATS) * SEATS
        first = starts(party)
        size = sizes(first, len(ids))
        body, frailty, tolerance, wait, money = draw_all(
            self.seed,
            [
                (Kind.PERSON, ids, Purpose.BODY, 0),
                (Kind.PERSON, ids, Purpose.BODY, 1),
                (Kind.PERSON, ids, Purpose.TOLERANCE, 0),
                (Kind.PARTY, party, Purpose.MARK, 0),
                (Kind.PARTY, party // SEATS, Purpose.PARTY_MAKE_UP, 1),
            ],
        )
        resolve = np.repeat(np.minimum.reduceat(resolve_from(body, self.resolve_sigma), first), size)
        spread = np.exp(self.susceptibility_sigma * near_normal(frailty))
        susceptibility = np.where(child, self.child_susceptibility * spread, spread).astype(np.float32)
        return Entrants(
            id=ids,
            party=party,
            kind=kind,
            origin=origin,
            child=child,
            resolve=resolve,
            susceptibility=susceptibility,
            means=(self.means_median * np.exp(self.means_sigma * near_normal(money))).astype(np.float32),
            wait=exponential(wait[0]) / resolve.astype(np.float64),
            tolerance=exponential(tolerance[0]) / susceptibility.astype(np.float64),
        )

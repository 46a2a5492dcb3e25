"""What people can pay: rides to the line, couriers inside, flights home."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.migrants.due import Due
from sim.agents.scene import Scene

__all__ = ["COURIER", "FLIGHT", "RIDE", "Prices"]

RIDE, COURIER, FLIGHT = range(3)


class Prices:
    """The prices of a scenario, USD a person; a part of a party has the same means for each of its members."""

    def __init__(self, scene: Scene) -> None:
        money = scene.scenario.money
        prices = [float(money.ride_usd), float(money.courier_usd), float(money.flight_usd)]
        self.usd = prices if money.enabled else [0.0, 0.0, 0.0]

    def can_pay(self, scene: Scene, due: Due, payment: int) -> NDArray[np.bool_]:
        """Return who has the price of a payment, bool[n]."""
        able: NDArray[np.bool_] = scene.people.population["means"][due.rows].astype(np.float64) >= self.usd[payment]
        return able

    def ask(self, scene: Scene, due: Due, payment: int, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return who of those `asked` for a payment has its price, bool[n], and count those who have not."""
        paying = self.can_pay(scene, due, payment) & asked
        scene.tally.cannot_pay[scene.day, payment] += np.count_nonzero(asked) - np.count_nonzero(paying)
        return paying

    def spend(self, scene: Scene, due: Due, payment: int, spending: NDArray[np.bool_]) -> None:
        """Take the price of a payment from those who pay."""
        scene.people.population["means"][due.rows[spending]] -= np.float32(self.usd[payment])

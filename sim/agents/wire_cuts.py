"""Wire that Minsk's services are said to cut at night, outside group crossings.

Warsaw, Vilnius and people who were returned allege it; nobody has counted it. It is counted in metres of coil and fence
and by country, and where the barrier is breached does not leave the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import CAPITALS
from sim.agents.host import Host
from sim.agents.scene import Scene
from sim.core.chance import Kind, Purpose, draw, poisson
from sim.world.barriers import WIRE
from sim.world.border import COUNTRIES

__all__ = ["MOST_CUTS", "WireCuts", "report_cuts"]

MOST_CUTS: Final = 12
"""Cuts planned for one night, at most."""

_PLANNED: Final = 2**30
"""Occasions from here on belong to single cuts, those below to their number in a night."""


@dataclass(frozen=True)
class PlannedCut:
    """A cut that is still to come: hour of the run, post, and the uniform that picks the segment."""

    hour: int
    post: int
    where: float


class WireCuts:
    """What the services cut: planned at midnight, carried out by night where coil or fence stands.

    Attributes
    ----------
    per_day : cuts a day if the services directed everybody
    metres : metres that one cut takes of each layer of wire
    """

    def __init__(self, scene: Scene) -> None:
        section = scene.scenario.services
        self.per_day = float(section.cuts_per_day)
        self.metres = float(section.cut_m)
        self._to_come: list[PlannedCut] = []

    def plan(self, scene: Scene, steering_share: float, running: NDArray[np.float64]) -> None:
        """Plan the coming night's cuts: as many as the share directed says, at posts that the services favour.

        `running` is the running sum of their weights over posts, float64[n_posts].
        """
        rate = self.per_day * steering_share
        if rate <= 0.0:
            return
        how_many, *_ = draw(scene.seed, Kind.SERVICES, 0, Purpose.CUTS, scene.absolute_day)
        number = np.arange(1, poisson(how_many[0], rate, MOST_CUTS) + 1)
        occasion = scene.absolute_day * MOST_CUTS + number + _PLANNED
        when, which, where, _ = draw(scene.seed, Kind.SERVICES, np.zeros_like(number), Purpose.CUTS, occasion)
        hours = scene.hours_of_night(when)
        posts = np.minimum(running.searchsorted(which * running[-1], side="right"), len(running) - 1)
        self._to_come += map(PlannedCut, hours.tolist(), posts.tolist(), where.tolist())

    def carry_out(self, scene: Scene) -> list[tuple[int, float]]:
        """Cut what is planned for this hour; return country and metres lost of each cut that found wire."""
        if not self._to_come:
            return []
        due = [cut for cut in self._to_come if cut.hour == scene.hour]
        if not due:
            return []
        self._to_come = [cut for cut in self._to_come if cut.hour > scene.hour]
        posts, barriers = scene.world.border.posts, scene.world.barriers
        made = []
        for cut in due:
            first, end = int(posts.first_segment[cut.post]), int(posts.end_segment[cut.post])
            with_wire = np.flatnonzero((barriers.built_m[WIRE, first:end] > 0.0).any(axis=0))
            if not len(with_wire):
                continue
            chosen = min(int(np.floor(cut.where * len(with_wire))), len(with_wire) - 1)
            metres = barriers.cut(first + int(with_wire[chosen]), self.metres)
            country = int(posts.country[cut.post])
            scene.tally.metres_cut[scene.day, country] += metres
            made.append((country, metres))
        return made


def report_cuts(host: Host, cuts: Iterable[tuple[int, float]]) -> None:
    """Enter cuts (country, metres) into the chronicle: each is the model's own, whoever alleges such cuts."""
    for country, metres in cuts:
        if metres > 0.0:
            text = f"wire cut at night, metres of it; {CAPITALS[country]} alleges such cuts"
            host.log("wire_cut", "Minsk's services", COUNTRIES[country], text, metres, "the model")

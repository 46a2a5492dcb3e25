"""What can go wrong in a drill: an aircraft over the line, a survey team taken for something else, a deadly accident.

Each danger of each phase is a point process of constant rate while the phase lasts, drawn as waiting times from one
event to the next, so that nobody looks every hour. Who did it is an allegation of the other side and kept as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.incidents import INCIDENT_KINDS, MISREAD_SURVEY, Incident
from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.drills import Drill, Drills

__all__ = ["DANGERS", "DangerDraws", "aircraft_in", "danger_rates", "incident_of", "soldiers_in"]

DANGERS: Final = ("airspace", "misread_survey", "accident")
"""Kinds of danger; their numbers in a draw are their places here."""

AIRSPACE: Final = next(kind for kind in INCIDENT_KINDS if kind.name == "airspace")

FLYING: Final[dict[str, tuple[str, ...]]] = {
    "lift": ("il_76",), "drop": ("il_76",), "gunships": ("helicopter",), "manoeuvre": ("aircraft",),
    "patrol": ("aircraft",), "air_policing": ("aircraft",),
}  # fmt: skip
"""What of an order of battle flies in a phase: words in the names of its parts."""

IN_THE_AIR: Final = {"manoeuvre": 0.1}
"""Share of a phase's hours in which its aircraft fly, where that is not the whole of it (assumed)."""

LOUD: Final = frozenset({"drop", "gunships", "live_fire", "manoeuvre"})
"""Phases in which men and fire are near enough for a survey team to be taken for something else (assumed)."""

SOLDIERS: Final = ("soldier", "paratrooper", "parachutist")
HOURS_OF_A_MILLION_DAYS: Final = 24.0e6


def aircraft_in(forces: dict[str, float], phase: str) -> float:
    """Return how many aircraft of an order of battle fly in a phase, on average over its hours; 0 where none do."""
    words = FLYING.get(phase, ())
    flying = sum(count for what, count in forces.items() if any(word in what.lower() for word in words))
    return flying * IN_THE_AIR.get(phase, 1.0)


def soldiers_in(forces: dict[str, float]) -> float:
    """Return how many soldiers an order of battle names as persons; units of unknown size count for none."""
    return sum(count for what, count in forces.items() if what.lower().startswith(SOLDIERS))


def danger_rates(settings: Drills, row: Drill, phase: int, distance_km: float) -> NDArray[np.float64]:
    """Return the rate of each of `DANGERS` in a phase, float64[3] per hour; all 0 where dangers are off.

    `distance_km` is that of the drill from the nearest guard post's stretch of the line.
    """
    if not settings.dangers:
        return np.zeros(len(DANGERS))
    of_phase = row.phases[phase]
    near = float(np.exp(-distance_km / float(settings.airspace_scale_km)))
    airspace = aircraft_in(row.forces, of_phase.name) * float(settings.airspace_per_aircraft_hour) * near
    misread = float(settings.misread_per_hour) if of_phase.name in LOUD and of_phase.reach_km > 0 else 0.0
    deaths = soldiers_in(row.forces) * float(settings.deaths_per_million_soldier_days) / HOURS_OF_A_MILLION_DAYS
    return np.array([airspace, misread, deaths])


@dataclass
class DangerDraws:
    """The draws of one danger of one phase: number of the process, its rate per hour, events drawn so far, the last."""

    number: int
    danger: str
    rate: float
    drawn: int = 0
    since: float = 0.0

    def next_after(self, seed: int, hour: float) -> tuple[float, float]:
        """Return the time of the next event after `hour`, in hours (inf if never), and its mark in (0, 1)."""
        uniforms = draw(seed, Kind.DRILL, self.number, Purpose.DANGER, self.drawn)
        self.drawn += 1
        if self.rate <= 0.0:
            return float("inf"), float(uniforms[1][0])
        return hour - float(np.log(uniforms[0][0])) / self.rate, float(uniforms[1][0])


def incident_of(host: Host, row: Drill, danger: str, mark: float, near: NDArray[np.bool_]) -> Incident | None:
    """Return the incident that an event of `danger` makes at the line, or None if there is nobody to whom it happens.

    An aircraft strays over the stretch of one of the posts `near`, bool[n_posts], by lot along their length. A survey
    team is misread only where one is at work near such a post in this hour.
    """
    posts = host.world.border.posts
    at = np.flatnonzero(near)
    who = ""
    if danger == "misread_survey":
        teams = [(name, post) for name, post in host.survey_teams() if near[post]]
        if not teams:
            return None
        who, post = teams[int(mark * len(teams))]
        kind = MISREAD_SURVEY
    else:
        if not len(at):
            return None
        reach = np.cumsum(posts.length_km[at])
        found = int(np.searchsorted(reach, mark * reach[-1], side="right"))
        post, kind = int(at[min(found, len(at) - 1)]), AIRSPACE
    line = int(posts.country[post])
    west = ("Warsaw", "Vilnius", "Riga")[line]
    eastern = row.side in ("Minsk", "Moscow")
    actor, claimant = (row.side, west) if eastern else (row.side, "Minsk")
    what = f"{who}: {kind.text}" if who else kind.text
    text = f"{claimant} reports {what}, during {row.name}, and names {actor}"
    return Incident(line, kind, actor, claimant, mark, place=posts.name[post], text=text)

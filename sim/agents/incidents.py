"""Incidents on the line: shots in the air, dazzling, stones, intrusions, aircraft, misread survey teams.

On each common line they come as a point process whose rate rises with the rung of the ladder and with armed units in
reach of each other. Who did it is an allegation of the other side, and is recorded as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.core.chance import Kind, Purpose, draw

if TYPE_CHECKING:
    from sim.agents.host import Host
    from sim.scenario.politics import Tension as Settings

__all__ = [
    "ARMED_SHARE", "INCIDENT_KINDS", "INCIDENT_WEIGHT", "MISREAD_SURVEY", "Incident", "IncidentKind", "Incidents",
    "kind_of", "report",
]  # fmt: skip

INCIDENT_WEIGHT: Final = 0.25
"""Share of its Goldstein weight with which a simulated incident counts (assumed: the weights were made for acts of
governments, and most incidents between patrols are answered by a note of protest)."""

REFERENCE_RUNG: Final = 6
"""The rung at which `incidents_per_day` of the scenario holds."""

ARMED_SHARE: Final = (1.0, 0.3, 0.1)
"""Soldiers on each line as a share of those on the Polish one, for which the scenario gives its rate: incidents need
armed units in reach. Lithuania: 1,200 (E017) when Poland had 3,500 (E015). Latvia: assumed."""

LUCK_HOURS: Final = 240
"""Hours whose draws are made at one go: one call of the generator costs far more than its numbers."""


@dataclass(frozen=True)
class IncidentKind:
    """A sort of incident: how common it is, who is said to do it, and how grave it is.

    `share` is its share of incidents and `second_end_share` the chance that the alleged actor is the second end of the
    pair (both assumed: most known reports are Polish, some are Minsk's). `goldstein` is the weight of what is alleged.
    """

    name: str
    share: float
    second_end_share: float
    goldstein: float
    text: str


INCIDENT_KINDS: Final = (
    # Weights after A139 (threats), A140 (posture) and A144 (violent protest); kinds as in the events in brackets.
    IncidentKind("shots", 0.20, 0.1, -7.0, "shots in the air near a patrol"),  # (E018, E020)
    IncidentKind("dazzling", 0.28, 0.1, -5.8, "lasers or strobe lights turned on a patrol"),  # (E050, E088)
    IncidentKind("stones", 0.20, 0.1, -7.5, "stones thrown at a patrol"),  # (E056)
    IncidentKind("intrusion", 0.10, 0.3, -7.2, "armed persons on the wrong side of the line"),  # (E026)
    IncidentKind("fence_damaged", 0.17, 0.0, -5.8, "a fence damaged by uniformed persons"),  # (E057)
    IncidentKind("airspace", 0.05, 0.5, -7.2, "an aircraft over the line"),
)
MISREAD_SURVEY: Final = IncidentKind(
    "misread_survey", 0.10, 0.0, -5.8, "a survey team taken for something else and threatened"
)
"""Happens only where engineers survey near the line; its share comes on top of the others (assumed)."""


@dataclass(frozen=True)
class Incident:
    """One simulated incident on line `line` (in the order of countries): `claimant` says that `actor` did it.

    `place_luck` in (0, 1) says how far along the line it happened, for whoever wants a place; an incident of a drill
    names its `place` and has a `text` of its own.
    """

    line: int
    kind: IncidentKind
    actor: str
    claimant: str
    place_luck: float
    place: str = ""
    text: str = ""


class Incidents:
    """The point process of incidents on the common lines of some pairs of sides."""

    def __init__(
        self,
        settings: Settings,
        lines: tuple[tuple[str, str], ...],
        *,
        seed: int,
        epoch_hour: int,
        first_hour: int,
    ) -> None:
        """Draw incidents on `lines` (first and second end of each) from hour `first_hour` on."""
        self.per_hour = float(settings.incidents_per_day) / 24.0
        self.per_rung = float(settings.incident_per_rung)
        self.lines, self.seed, self.epoch_hour, self.first_hour = lines, seed, epoch_hour, first_hour
        self._luck: NDArray[np.float64] = np.empty((4, 0, len(lines)))
        self._luck_from = 0

    def chance(self, rung: NDArray[np.int8], armed_in_reach: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance of an incident in an hour on each line, float64[n_lines], in [0, 1].

        `armed_in_reach` is a factor on what `ARMED_SHARE` says, for a day with more or fewer units than usual.
        """
        rise = np.exp(self.per_rung * (rung.astype(np.float64) - REFERENCE_RUNG))
        armed = np.array(ARMED_SHARE) * armed_in_reach
        chance: NDArray[np.float64] = -np.expm1(-self.per_hour * rise * armed)
        return chance

    def draw(
        self,
        hour: int,
        rung: NDArray[np.int8],
        armed_in_reach: NDArray[np.float64],
        survey_near: NDArray[np.bool_],
    ) -> list[Incident]:
        """Return the incidents of an hour, at most one on each line, in the order of the lines."""
        if hour < self.first_hour:
            return []
        happens, kind, actor, place = self._luck_of(hour)
        near = np.broadcast_to(survey_near, len(self.lines))
        incidents = []
        for line in np.flatnonzero(happens < self.chance(rung, armed_in_reach)).tolist():
            sort = kind_of(float(kind[line]), bool(near[line]))
            end = int(actor[line] < sort.second_end_share)
            ends = self.lines[line]
            incidents.append(Incident(line, sort, ends[end], ends[1 - end], float(place[line])))
        return incidents

    def _luck_of(self, hour: int) -> NDArray[np.float64]:
        """Return four uniforms for each line in an hour, float64[4, n_lines]; blocks change nothing but speed."""
        at = hour - self._luck_from
        if not 0 <= at < self._luck.shape[1]:
            n_lines = len(self.lines)
            hours = self.epoch_hour + hour + np.repeat(np.arange(LUCK_HOURS), n_lines)
            lines = np.tile(np.arange(n_lines), LUCK_HOURS)
            drawn = draw(self.seed, Kind.PAIR, lines, Purpose.INCIDENT, hours)
            self._luck, self._luck_from, at = drawn.reshape(4, LUCK_HOURS, n_lines), hour, 0
        return self._luck[:, at]


def kind_of(uniform: float, survey_near: bool) -> IncidentKind:
    """Return the sort of incident that a uniform in (0, 1) picks, by share."""
    kinds = (*INCIDENT_KINDS, MISREAD_SURVEY) if survey_near else INCIDENT_KINDS
    edges = np.cumsum([kind.share for kind in kinds])
    return kinds[min(int(np.searchsorted(edges, uniform * edges[-1], side="right")), len(kinds) - 1)]


def report(host: Host, incidents: Iterable[Incident]) -> None:
    """Enter incidents into the chronicle, each at its place or at a guard post drawn along the line by length."""
    posts = host.world.border.posts
    for incident in incidents:
        on_line = np.flatnonzero(posts.country == incident.line)
        reach = np.cumsum(posts.length_km[on_line])
        at = np.searchsorted(reach, incident.place_luck * reach[-1], side="right")
        post = int(on_line[min(int(at), len(on_line) - 1)])
        place = incident.place or posts.name[post]
        text = incident.text or f"{incident.claimant} reports {incident.kind.text} and names {incident.actor}"
        host.log("incident", incident.actor, place, text, 1.0, incident.claimant)

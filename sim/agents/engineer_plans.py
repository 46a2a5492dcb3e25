"""Where engineers work and how fast: the rules of the trade, apart from the teams who follow them.

Speed is counted in man-hours per metre: a norm for each job, times factors for ground, frost, light and whether
the stretch was surveyed. Place is the worst place first (where most people got over yesterday, then where most
is breached, then near crossing points), and from there on along the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, ScenarioError
from sim.scenario.engineering import Contingent, Engineers
from sim.world.barriers import LAYERS, SEGMENT_M
from sim.world.border import COUNTRIES, TERRAINS
from sim.world.world import World

__all__ = [
    "BREACH_M",
    "FROST_C",
    "GUST_LIMIT_KMH",
    "OBSERVE",
    "ROAD",
    "SURVEY",
    "Claims",
    "ContingentPlan",
    "WorkRates",
]

ROAD: Final = len(LAYERS)
"""The job of mending access roads; smaller numbers are the job of building that layer."""

SURVEY: Final = ROAD + 1
"""The job of surveying."""

OBSERVE: Final = SURVEY + 1
"""The job of setting up an observation post; a whole post counts as 1,000 m."""

_APART: Final = 3
"""Observation posts stand more than so many segments apart."""

FROST_C: Final = -5.0
"""Below this the ground is frozen as `frost_factor` means it, °C."""

GUST_LIMIT_KMH: Final = 70.0
"""Above such gusts nothing is raised, km/h: at 75 (a strong gale) slates and branches fly, Beaufort 9."""

BREACH_M: Final = 1.0
"""A team is sent to mend where at least so much is breached, m: less is done in passing and not planned."""


class WorkRates:
    """Man-hours per metre of each job, and what raises or lowers them from place to place and hour to hour.

    Attributes:
        build: man-hours per metre of each layer by day, in mild weather, on open unsurveyed ground.
        mend: the same for a metre of breach, and `road` for a metre of access road.
        observe: the same for a thousandth of an observation post.
        survey_team_hours: team-hours per metre surveyed.
        surveyed_factor: factor on man-hours on a surveyed stretch, (0, 1].
        work_hours: length of the working day, h.
        ground: float64[n_segments], factor for forest and bog, >= 1.
        hour: float64[n_hours, n_posts], factor for darkness and frost, >= 1.
        too_windy: bool[n_hours, n_countries], whether gusts stop building.
    """

    def __init__(self, section: Engineers, world: World) -> None:
        self.work_hours = float(section.work_hours_per_day)
        per_soldier_day = (
            section.low_coil_m_per_soldier_day,
            section.wire_fence_m_per_soldier_day,
            section.steel_wall_m_per_soldier_day,
            section.electronics_m_per_soldier_day,
        )
        self.build = tuple(self.work_hours / float(metres) for metres in per_soldier_day)
        self.mend = 1.0 / float(section.mend_m_per_soldier_hour)
        self.road = self.work_hours / float(section.road_m_per_soldier_day)
        self.observe = float(section.observation_post_man_hours) / SEGMENT_M
        self.survey_team_hours = self.work_hours / (float(section.survey_km_per_team_day) * SEGMENT_M)
        self.surveyed_factor = float(section.surveyed_factor)

        segments, posts = world.border.segments, world.border.posts
        heavy = np.isin(segments.terrain, [TERRAINS.index("forest"), TERRAINS.index("wetland")])
        self.ground = np.where(heavy, float(section.forest_factor), 1.0)
        frozen = np.where(world.weather.temperature_c < FROST_C, float(section.frost_factor), 1.0)
        dark = np.power(float(section.night_factor), world.darkness)
        self.hour: NDArray[np.float64] = dark * frozen[:, posts.country]
        self.too_windy: NDArray[np.bool_] = world.weather.gust_kmh > GUST_LIMIT_KMH


class Claims:
    """Who has taken which segment, and until when: no two teams work on one segment in the same hour."""

    def __init__(self, n_segments: int) -> None:
        self._holder: NDArray[np.int32] = np.full(n_segments, -1, dtype=np.int32)
        self._until: NDArray[np.int64] = np.zeros(n_segments, dtype=np.int64)

    def take(self, segment: int, team: int, until: int) -> None:
        """Give a free segment to a team up to the hour `until`, not included."""
        self._holder[segment] = team
        self._until[segment] = until

    def is_free(self, segment: int, team: int, hour: int) -> bool:
        """Return whether a team may work on a segment in an hour."""
        return bool(self._until[segment] <= hour or self._holder[segment] == team)

    def free(self, first: int, end: int, team: int, hour: int) -> NDArray[np.bool_]:
        """Return whether a team may work on each segment from `first` up to `end`, bool[end - first]."""
        open_to_team: NDArray[np.bool_] = (self._until[first:end] <= hour) | (self._holder[first:end] == team)
        return open_to_team


@dataclass
class Run:
    """A stretch without gaps that one team works through, from `low` to `high`, both included."""

    job: int
    low: int
    high: int


class ContingentPlan:
    """A contingent's sector, its norms, and what its staff know on the morning of a day.

    Attributes:
        number: row of the contingent in the scenario.
        first, end: its sector, segments `first` up to `end`, all in its country.
        soldiers: soldiers in one team.
        jobs: what its teams do besides mending, in order.
        mend_share: share of a team's day that may go to mending while there is other work, [0, 1].
        norm: man-hours per metre of each job and, last, of mending, in the best conditions there are.
        remaining_m: metres of each job still to be done: of layers before `target_km` of them stand in the sector, of
            observation posts before the contingent has set up its number; of roads and surveys without end.
    """

    def __init__(self, number: int, row: Contingent, section: Engineers, rates: WorkRates, world: World) -> None:
        """Raises ScenarioError when no segment of the sector lies in the contingent's country."""
        segments = world.border.segments
        own = np.flatnonzero(segments.country == COUNTRIES.index(row.country))
        own = own[(own >= row.from_segment) & (own < row.end_segment)]
        if own.size == 0:
            found = f"segments {row.from_segment} to {row.end_segment}"
            allowed = f"a stretch that holds segments of {row.country} is needed"
            raise ScenarioError([Problem("scenario", f"contingent[{number}].from_segment", found, allowed)])
        self.number, self.row = number, row
        self.first, self.end = int(own[0]), int(own[-1]) + 1
        self.country = COUNTRIES.index(row.country)
        self.soldiers = row.soldiers / row.teams
        self.rates = rates
        self.barriers, self.roads = world.barriers, world.roads
        self._post: list[int] = segments.post.tolist()
        if row.task == "build":
            self.jobs = tuple(LAYERS.index(layer) for layer in row.layers)
            self.mend_share = float(section.mend_share)
        else:
            self.jobs = (SURVEY,) if row.task == "survey" else (ROAD,)
            self.mend_share = 0.0 if row.task == "survey" else 1.0
        if row.observation_posts:
            self.jobs = (OBSERVE, *self.jobs)

        best = rates.surveyed_factor
        self.base = (*rates.build, rates.road, rates.survey_team_hours * self.soldiers, rates.observe, rates.mend)
        self.norm = tuple(base if job == SURVEY else base * best for job, base in enumerate(self.base))

        sector = slice(self.first, self.end)
        water = np.isin(segments.terrain[sector], [TERRAINS.index("river_wide"), TERRAINS.index("lake")])
        order = np.lexsort((segments.crossing_km[sector], water))  # stable: among equals the southernmost
        self._rank = np.empty(order.size, dtype=np.int64)
        self._rank[order] = np.arange(order.size)
        self.remaining_m = [0.0] * len(LAYERS) + [np.inf, np.inf, row.observation_posts * SEGMENT_M]
        self._seen_day = -1
        self._crossings: NDArray[np.float64] = np.zeros(order.size)
        self._breached: NDArray[np.float64] = np.zeros(order.size)

    def look(self, day: int, crossings_by_segment: NDArray[np.float64]) -> bool:
        """Look at the line, once a day; return whether this was the first look of the day."""
        if day == self._seen_day:
            return False
        self._seen_day = day
        self._crossings = crossings_by_segment[self.first : self.end].copy()
        self._breached = self.barriers.breached_by_segment(self.first, self.end)
        for layer in range(len(LAYERS)):
            standing = np.cumsum(self.barriers.built_m[layer, self.first : self.end])[-1]
            self.remaining_m[layer] = max(0.0, self.row.target_km * SEGMENT_M - float(standing))
        return True

    def man_hours_per_metre(self, job: int, segment: int, hour: int) -> float:
        """Return the man-hours that a metre of a job (or of mending, job −1) costs there and then."""
        factor: float = self.rates.ground.item(segment) * self.rates.hour.item(hour, self._post[segment])
        if job != SURVEY and self.roads.surveyed.item(segment):
            factor *= self.rates.surveyed_factor
        return self.base[job] * factor

    def do(self, job: int, segment: int, metres: float) -> float:
        """Do up to `metres` of a job on a segment and return the metres done."""
        if job == SURVEY:
            return self.roads.survey(segment, metres)
        if job == ROAD:
            return self.roads.mend(segment, metres)
        raise_one = self.barriers.raise_observation_post
        most = min(metres, self.remaining_m[job])
        done = raise_one(segment, most) if job == OBSERVE else self.barriers.build(job, segment, most)
        self.remaining_m[job] -= done
        return done

    # ------------------------------------------------------------ where to work

    def next_run(self, run: Run | None, claims: Claims, team: int, hour: int) -> tuple[int, Run] | None:
        """Return the next segment a team should take and the run it belongs to, or None when all is done.

        A run is extended at its worse end as long as either neighbour can be worked on; otherwise a new one
        starts at the worst place of the sector. Jobs come in the contingent's order; a layer is done when its
        target stands.
        """
        for job in self.jobs:
            if self.remaining_m[job] <= 0.0:
                continue
            if run is not None and run.job == job and job != OBSERVE:
                ends = [s for s in (run.low - 1, run.high + 1) if self._can_take(job, s, claims, team, hour)]
                if ends:
                    segment = max(ends, key=lambda s: (float(self._crossings[s - self.first]), s))
                    return segment, Run(job, min(run.low, segment), max(run.high, segment))
            worst = self._worst(job, claims, team, hour)
            if worst is not None:
                return worst, Run(job, worst, worst)
        return None

    def _can_take(self, job: int, segment: int, claims: Claims, team: int, hour: int) -> bool:
        """Return whether a segment lies in the sector, is free for a team, and has something left to do."""
        if not self.first <= segment < self.end or not claims.is_free(segment, team, hour):
            return False
        return bool(self._unfinished(job, segment, segment + 1)[0])

    def _unfinished(self, job: int, first: int, end: int) -> NDArray[np.bool_]:
        """Return on which segments from `first` up to `end` something of a job is left, bool[end - first]."""
        if job == SURVEY:
            return ~self.roads.surveyed[first:end]
        if job == ROAD:
            return self.roads.mended_share[first:end] < 1.0
        if job == OBSERVE:
            return self._sites(first, end)
        barriers = self.barriers
        return barriers.may_stand[job, first:end] & (barriers.built_m[job, first:end] < SEGMENT_M)

    def _sites(self, first: int, end: int) -> NDArray[np.bool_]:
        """Return where an observation post may be begun or gone on with, bool[end - first]: on land, well apart."""
        watched = self.barriers.watched_m
        crowded = np.zeros(len(watched), dtype=bool)
        for segment in np.flatnonzero(watched > 0.0).tolist():
            crowded[max(0, segment - _APART) : segment + _APART + 1] = True
        begun = (watched > 0.0) & (watched < SEGMENT_M)
        fit = self.barriers.may_stand[LAYERS.index("wire_fence")] & ~crowded
        sites: NDArray[np.bool_] = (begun | fit)[first:end]
        return sites

    def _worst(self, job: int, claims: Claims, team: int, hour: int) -> int | None:
        """Return the worst segment of the sector that a team can take for a job, or None."""
        free = claims.free(self.first, self.end, team, hour)
        if job == OBSERVE:  # what is begun comes first
            begun = self.barriers.watched_m[self.first : self.end]
            started = np.flatnonzero((begun > 0.0) & (begun < SEGMENT_M) & free)
            if started.size:
                return self.first + int(started[0])
        found = np.flatnonzero(self._unfinished(job, self.first, self.end) & free)
        for badness in (self._crossings, self._breached):
            if found.size > 1:
                found = found[badness[found] == badness[found].max()]
        if found.size == 0:
            return None
        return self.first + int(found[self._rank[found].argmin()])

    def breaches(self, home: tuple[int, int], metres: float, claims: Claims, team: int, hour: int) -> list[int]:
        """Return segments to mend today, most breached first: enough for `metres`, from home before elsewhere.

        `home` is the team's own part of the sector, first segment and end.
        """
        broken = (self._breached >= BREACH_M) & claims.free(self.first, self.end, team, hour)
        found = np.flatnonzero(broken)
        if found.size == 0:
            return []
        away = (found < home[0] - self.first) | (found >= home[1] - self.first)
        found = found[np.lexsort((-self._breached[found], away))]
        enough = int(np.searchsorted(np.cumsum(self._breached[found]), metres)) + 1
        return [self.first + segment for segment in found[:enough].tolist()]

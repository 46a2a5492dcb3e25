"""Engineers: teams of named contingents who survey, build and mend barriers, and mend access roads.

Their work changes barriers and roads and nothing else. Whether that matters to anyone is what the model is asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents.actions import hour_of_run
from sim.agents.cover import ask_for_cover
from sim.agents.engineer_plans import OBSERVE, ROAD, SURVEY, Claims, ContingentPlan, Run, WorkRates
from sim.agents.fallen_trees import FallenTrees
from sim.agents.host import Host
from sim.errors import LedgerError
from sim.world.barriers import LAYERS, SEGMENT_M, Barriers
from sim.world.border import COUNTRIES

__all__ = ["START_CLOCK", "Accounts", "BuildersHost", "EngineerCorps", "EngineerTeam", "make_engineers"]

START_CLOCK: Final = "07:00"
"""Warsaw clock time at which a working day starts: about sunrise in November."""

_MEND: Final = -1
_A_MOMENT: Final = 1e-9  # man-hours too few to begin anything with
_ROUNDING: Final = 1e-9  # relative error that the law allows to sums of floats


class BuildersHost(Host, Protocol):
    """The model as engineers see it.

    `crossings_by_segment`: float64[n_segments], people who got over at each segment yesterday.
    """

    crossings_by_segment: NDArray[np.float64]


class Accounts:
    """What each contingent did on each day of the run.

    Attributes:
        metres_built_by_layer: float64[n_contingents, 4, n_days], m.
        metres_mended: float64[n_contingents, n_days], m of breach closed.
        crew_hours: float64[n_contingents, n_days], man-hours spent at work.
        road_metres: float64[n_contingents, n_days], m of access road mended.
        km_surveyed: float64[n_contingents, n_days], km.
        observation_posts: float64[n_contingents, n_days], posts set up, parts of one included.
    """

    def __init__(self, n_contingents: int, n_days: int) -> None:
        self.metres_built_by_layer = np.zeros((n_contingents, len(LAYERS), n_days))
        self.metres_mended = np.zeros((n_contingents, n_days))
        self.crew_hours = np.zeros((n_contingents, n_days))
        self.road_metres = np.zeros((n_contingents, n_days))
        self.km_surveyed = np.zeros((n_contingents, n_days))
        self.observation_posts = np.zeros((n_contingents, n_days))

    @property
    def metres_built(self) -> NDArray[np.float64]:
        """Metres raised, all layers together, float64[n_contingents, n_days]."""
        total: NDArray[np.float64] = self.metres_built_by_layer.sum(axis=1)
        return total

    def add(self, contingent: int, day: int, job: int, metres: float) -> None:
        """Enter metres done of a job: a layer's number, ROAD, SURVEY, OBSERVE, or −1 for mending."""
        if job == _MEND:
            self.metres_mended[contingent, day] += metres
        elif job == ROAD:
            self.road_metres[contingent, day] += metres
        elif job == SURVEY:
            self.km_surveyed[contingent, day] += metres / SEGMENT_M
        elif job == OBSERVE:
            self.observation_posts[contingent, day] += metres / SEGMENT_M
        else:
            self.metres_built_by_layer[contingent, job, day] += metres


class EngineerTeam(mesa.Agent):
    """One team of a contingent. Its government asks it to close the line where people get over.

    A team starts work in the morning: it looks at where people got over yesterday, at what is breached, surveyed
    and finished, takes its stretch for the day, and then works hour by hour. A team that builds first mends, for
    at most a share of its day, and goes on with the run it is in; when the target stands, it only mends. A team
    in support mends first and then repairs access roads. A contingent that is to set up observation posts does so
    before its other work, at the worst places, some kilometres apart. A survey team starts each day at the worst
    place that nobody has surveyed. What a team has taken, no other touches before the next morning.
    """

    def __init__(self, host: BuildersHost, corps: EngineerCorps, plan: ContingentPlan, part: int) -> None:
        """Team number `part` of its contingent, which has the same-numbered part of the sector as its home."""
        super().__init__(cast("mesa.Model", host))
        self.host, self.corps, self.plan = host, corps, plan
        self.number = len(corps.teams)
        length, n_teams = plan.end - plan.first, plan.row.teams
        self.home = (plan.first + length * part // n_teams, plan.first + length * (part + 1) // n_teams)
        self.site: int | None = None
        self.run: Run | None = None
        self.to_mend: list[int] = []
        self.mend_man_hours = 0.0
        self.hours_left = 0.0
        self.last_day_end = corps.end_day(plan)
        self.day = -1
        self.claims_end = 0

    # ------------------------------------------------------------ the day

    def wake(self) -> None:
        """Start a working day or go on with it, then book the next waking."""
        hour = self.host.hour
        today = int(self.corps.day_of_hour[hour])
        if hour == self.corps.start_of_day[today] and today < self.last_day_end:
            self._start_day(today, hour)
        if self._has_work():
            self._work(hour, today, min(1.0, self.hours_left))
        self.hours_left -= 1.0
        self._book(hour)

    def _has_work(self) -> bool:
        return self.hours_left > 0.0 and (self.site is not None or bool(self.to_mend))

    def _book(self, hour: int) -> None:
        """Book the next hour of this working day, or else the next morning on which the contingent works."""
        if self._has_work():
            self.host.diary.book(hour + 1, self)
        elif self.day + 1 < self.last_day_end:
            morning = self.corps.start_of_day[self.day + 1]
            self.host.diary.book(morning, self)
            if self.site is not None and self.plan.row.task == "build":
                # One hour into the next day: a neighbour who wakes earlier in that hour must not take it.
                self.corps.claims.take(self.site, self.number, morning + 1)

    def _start_day(self, day: int, hour: int) -> None:
        """Look at the line, choose the stretch for the day and list what is to be mended."""
        plan, corps = self.plan, self.corps
        self.day, self.hours_left = day, plan.rates.work_hours
        self.claims_end = corps.start_of_day[day + 1]
        if plan.look(day, self.host.crossings_by_segment):
            corps.tell(plan)
        if plan.row.task != "build":
            self.site, self.run = None, None  # such work needs no run from day to day: begin where it is worst
        if self.site is None or self.run is None or not plan.remaining_m[self.run.job]:
            self._move_on(hour)
        else:
            corps.claims.take(self.site, self.number, self.claims_end)
        share = plan.mend_share if self.site is not None or plan.row.task == "survey" else 1.0
        self.mend_man_hours = share * plan.soldiers * plan.rates.work_hours
        self.to_mend = []
        if self.mend_man_hours > 0.0:
            enough_m = self.mend_man_hours / plan.norm[_MEND]
            self.to_mend = plan.breaches(self.home, enough_m, corps.claims, self.number, hour)
            for segment in self.to_mend:
                corps.claims.take(segment, self.number, self.claims_end)
            self.to_mend.reverse()  # the most breached last, where it is taken off first

    def _move_on(self, hour: int) -> None:
        """Take the next segment of the run, or start a new run, or have no site when nothing is left to do."""
        found = self.plan.next_run(self.run, self.corps.claims, self.number, hour)
        if found is None:
            self.site = self.run = None
            return
        self.site, self.run = found
        self.corps.claims.take(self.site, self.number, self.claims_end)

    # ------------------------------------------------------------ the hour

    def _work(self, hour: int, day: int, hours: float) -> None:
        """Work for a whole hour or the last part of one: mend first, then go on with the run."""
        present = self.plan.soldiers * hours
        mended = self._mend(hour, day, min(present, self.mend_man_hours)) if self.to_mend else 0.0
        self.mend_man_hours -= mended
        spent = mended + self._advance(hour, day, present - mended)
        self.corps.accounts.crew_hours[self.plan.number, day] += spent

    def _mend(self, hour: int, day: int, man_hours: float) -> float:
        """Mend what is on the list with up to `man_hours`; return the man-hours spent."""
        plan, left, total = self.plan, man_hours, 0.0
        covered = False
        while self.to_mend and left > _A_MOMENT:
            segment = self.to_mend[-1]
            norm = plan.man_hours_per_metre(_MEND, segment, hour)
            metres = left / norm
            done = plan.barriers.mend(segment, metres)
            total += done
            if done > 0.0 and not covered:
                covered = True
                ask_for_cover(self.host, self.number, segment)
            if done >= metres:
                left = 0.0
                break
            left -= done * norm
            if done == 0.0:
                self.to_mend.pop()
        self.corps.accounts.add(plan.number, day, _MEND, total)
        return man_hours - left

    def _advance(self, hour: int, day: int, man_hours: float) -> float:
        """Go on with the run with up to `man_hours`; return the man-hours spent."""
        plan, left = self.plan, man_hours
        while left > _A_MOMENT and self.site is not None and self.run is not None:
            job = self.run.job
            if job < ROAD and plan.rates.too_windy[hour, plan.country]:
                break
            norm = plan.man_hours_per_metre(job, self.site, hour)
            metres = left / norm
            done = plan.do(job, self.site, metres)
            self.corps.accounts.add(plan.number, day, job, done)
            if done >= metres:
                left = 0.0
                break
            left -= done * norm
            self._move_on(hour)
        return man_hours - left


class EngineerCorps:
    """All contingents of a run: their teams, what they have claimed, and their accounts.

    Attributes:
        names: names of the contingents, as in the scenario.
        teams: the agents; none when engineers are switched off.
        accounts: what each contingent did on each day.
        trees: what gales do to the barriers that they mend, whether or not there are engineers.
    """

    def __init__(self, host: BuildersHost) -> None:
        scenario, world = host.scenario, host.world
        section, calendar = scenario.engineers, world.calendar
        self.host = host
        self.names = tuple(row.name for row in scenario.contingent)
        self.accounts = Accounts(len(self.names), calendar.n_days)
        self.claims = Claims(len(world.barriers))
        self.teams: list[EngineerTeam] = []
        self.plans: list[ContingentPlan] = []
        self.day_of_hour = calendar.day_of_hour
        dates = [calendar.first_day + timedelta(days=day) for day in range(calendar.n_days + 1)]
        self.start_of_day = [hour_of_run(calendar, date, START_CLOCK) for date in dates]
        self._before_m = standing_m(world.barriers)
        self._told: set[tuple[int, int]] = set()
        self.trees = FallenTrees(host)
        world.roads.set_factor(float(section.road_response_factor))
        if not section.enabled:
            return
        rates = WorkRates(section, world)
        for number, row in enumerate(scenario.contingent):
            plan = ContingentPlan(number, row, section, rates, world)
            self.plans.append(plan)
            first_day = max(0, (row.first - calendar.first_day).days)
            mornings = [h for h in self.start_of_day[first_day : self.end_day(plan)] if h >= host.hour]
            for part in range(row.teams if row.soldiers > 0.0 else 0):
                team = EngineerTeam(host, self, plan, part)
                self.teams.append(team)
                if mornings:
                    host.diary.book(mornings[0], team)

    def allow_for_given(self, placed_m: NDArray[np.float64]) -> None:
        """Allow in the third law for metres of each layer, float64[4], that a scenario puts up without crews."""
        self._before_m = self._before_m + placed_m

    def surveys(self, day: int) -> NDArray[np.bool_]:
        """Return whether engineers survey near each country's line on a day of the run, bool[3]."""
        near = np.zeros(len(COUNTRIES), dtype=bool)
        today = self.host.world.calendar.date_of_day(day)
        for plan in self.plans:
            near[plan.country] |= plan.row.task == "survey" and plan.row.first <= today <= plan.row.last
        return near

    def survey_teams(self, day: int) -> list[tuple[str, int]]:
        """Return contingent and number of the guard post of each survey team at work now, on a day of the run."""
        post = self.host.world.border.segments.post
        return [
            (team.plan.row.name, int(post[team.site]))
            for team in self.teams
            if team.plan.row.task == "survey" and team.day == day and team.hours_left > 0.0 and team.site is not None
        ]

    def end_day(self, plan: ContingentPlan) -> int:
        """Return the run day before which a contingent's work ends, at least 0."""
        return max(0, (plan.row.last - self.host.world.calendar.first_day).days + 1)

    def tell(self, plan: ContingentPlan) -> None:
        """Enter into the chronicle that a contingent has begun, or that a layer has reached its target."""
        posts, post = self.host.world.border.posts.name, self.host.world.border.segments.post
        place = f"{posts[post[plan.first]]} – {posts[post[plan.end - 1]]}"
        if (plan.number, _MEND) not in self._told:
            self._told.add((plan.number, _MEND))
            text = f"starts work ({plan.row.task}, {plan.row.teams} teams)"
            self.host.log("engineers", plan.row.name, place, text, plan.row.soldiers)
        for layer in plan.jobs:
            if layer < ROAD and plan.remaining_m[layer] <= 0.0 and (plan.number, layer) not in self._told:
                self._told.add((plan.number, layer))
                text = f"{LAYERS[layer].replace('_', ' ')} has reached its target"
                self.host.log("engineers", plan.row.name, place, text, plan.row.target_km)

    def check(self, hour: int) -> None:
        """Hold the day of `hour` to the law: no metre without the man-hours that it costs at the very least.

        For each contingent: metres times the least man-hours per metre never exceed its crew-hours, nor these
        its soldiers' working day. And what stands on the line is what stood before plus what crews raised.

        Raises:
            LedgerError: the law is broken; the message names hour and contingent.
        """
        day, accounts = int(self.day_of_hour[hour]), self.accounts
        for plan in self.plans:
            number = plan.number
            crew = float(accounts.crew_hours[number, day])
            work = [float(metres) for metres in accounts.metres_built_by_layer[number, :, day]]
            work.append(float(accounts.road_metres[number, day]))
            work.append(float(accounts.km_surveyed[number, day]) * SEGMENT_M)
            work.append(float(accounts.observation_posts[number, day]) * SEGMENT_M)
            work.append(float(accounts.metres_mended[number, day]))
            least = sum(metres * norm for metres, norm in zip(work, plan.norm, strict=True))
            most = plan.row.soldiers * plan.rates.work_hours
            for what, hours, limit in (("work worth", least, crew), ("crew-hours of", crew, most)):
                if hours > limit * (1.0 + _ROUNDING) + _ROUNDING:
                    when = f"{self.host.world.calendar.utc(hour):%Y-%m-%d %H:%M} UTC (hour {hour})"
                    raise LedgerError(
                        f"engineers, {when}, {plan.row.name}: {what} {hours:g} man-hours; at most {limit:g}"
                    )
        raised = accounts.metres_built_by_layer.sum(axis=(0, 2))
        standing = standing_m(self.host.world.barriers)
        wrong = np.abs(standing - self._before_m - raised) > _ROUNDING * standing + 1e-6
        if wrong.any():
            layer = int(np.argmax(wrong))
            raise LedgerError(
                f"engineers, hour {hour}, all contingents: {standing[layer] - self._before_m[layer]:g} m of "
                f"{LAYERS[layer]} appeared, crews raised {raised[layer]:g} m"
            )


def make_engineers(host: BuildersHost) -> EngineerCorps:
    """Return the engineers of a scenario, their first mornings booked; no agents when they are switched off.

    Raises:
        ScenarioError: a contingent's sector lies outside its country.
    """
    return EngineerCorps(host)


def standing_m(barriers: Barriers) -> NDArray[np.float64]:
    """Return the metres of each layer that stand on the whole line, float64[4]."""
    total: NDArray[np.float64] = barriers.built_m.sum(axis=1)
    return total

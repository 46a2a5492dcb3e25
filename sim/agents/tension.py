"""Tension between pairs of sides: readiness that answers readiness, a ladder to read it off, and incidents.

The readiness of each end of a pair follows Richardson's equations of action and reaction (Richardson 1960,
*Arms and Insecurity*), with a lag: each end arms at the pace of what the other was a day ago, tires of its own
readiness, and keeps a standing grievance. Dated and simulated acts push it by their Goldstein weight (Goldstein 1992,
*Journal of Conflict Resolution* 36: 369–385). The mean of both ends, in steps of a fixed width, is a rung of a ladder
in the manner of Kahn (1965, *On Escalation*), with names of our own.

There are no data on readiness: it is an index, and acts on the world only through incidents, through slower decisions
at the posts (`decision_delay`) and through what governments see of the rung. Each channel has an off-switch.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.agents.incidents import INCIDENT_WEIGHT, Incident, Incidents

if TYPE_CHECKING:
    from sim.scenario.politics import Readiness
    from sim.scenario.politics import Tension as Settings

__all__ = [
    "EAST", "LINE_COUNTRIES", "PAIRS", "PAIR_NAMES", "RUNGS", "WEST", "PastEvent", "Tension", "end_factors", "ladder",
    "pair_weights",
]  # fmt: skip

PAIRS: Final = (
    ("Minsk", "Warsaw"), ("Minsk", "Vilnius"), ("Minsk", "Riga"), ("Moscow", "NATO"), ("Minsk", "EU"),
)  # fmt: skip
"""First and second end of each pair; the first three have a line in common, in the order of LINE_COUNTRIES."""

PAIR_NAMES: Final = tuple(f"{first}–{second}" for first, second in PAIRS)
LINE_COUNTRIES: Final = ("PL", "LT", "LV")
N_LINES: Final = len(LINE_COUNTRIES)

EAST: Final = frozenset({"Minsk", "Moscow"})
WEST: Final = frozenset({"Warsaw", "Vilnius", "Riga", "London", "NATO", "EU", "Kyiv"})
"""The two camps; Baghdad, Ankara and Damascus belong to neither, so that their acts raise nobody's readiness."""

RUNGS: Final = (
    "calm", "gestures", "declarations", "hardening", "show of force", "mobilisation", "legal harassment",
    "acts of violence", "armed confrontation", "broken relations", "full alert", "open fighting",
)  # fmt: skip
"""Names of rungs 1 to 12. Rungs 1–3, 4–9 and 10 on follow the bands of Kahn's ladder (evidence A155)."""

N_RUNGS: Final = len(RUNGS)
HYSTERESIS: Final = 0.15
"""A rung is left downwards only this share of its width below its edge (assumed: alarms are raised faster than they
are called off)."""

SIDE_WEIGHTS: Final = (0.25, 0.5, 1.0)
"""Weight of an act in a pair that holds neither of the two sides concerned, one of them, or both (assumed: allies feel
with each other, but less than those who are meant)."""

SPEAKS_FOR: Final = {"London": "NATO"}
"""The end of a pair that a side without a pair of its own belongs to."""

HOUR: Final = 1.0 / 24.0  # days
CALM_RUNG: Final = 4
"""Rung up to which nobody hesitates at the posts; the unit of `delay_per_rung` in the scenario says so."""

PastEvent = tuple[int, str, tuple[str, ...], float]
"""An act of the time before the run: hours before hour 0 (positive), actor, targets, Goldstein weight."""


@cache
def pair_weights(actor: str, targets: tuple[str, ...]) -> tuple[int, NDArray[np.float64]] | None:
    """Return the end that an act moves (0 first, 1 second) and its weight in each pair, float64[n_pairs].

    None when the act does not cross between the camps. Without a target an act is meant for the whole other camp.
    """
    if actor in EAST:
        end, others = 0, WEST
    elif actor in WEST:
        end, others = 1, EAST
    else:
        return None
    facing = [target for target in targets if target in others]
    if any(targets) and not facing:
        return None
    by = SPEAKS_FOR.get(actor, actor)
    meant = {SPEAKS_FOR.get(target, target) for target in facing}
    weights = np.array([SIDE_WEIGHTS[(pair[end] == by) + (pair[1 - end] in meant)] for pair in PAIRS])
    weights.flags.writeable = False
    return end, weights


def end_factors(rows: Iterable[Readiness]) -> NDArray[np.float64]:
    """Return the factors on reaction, decay and grievance of each end of each pair, float64[3, n_pairs, 2].

    All 1 without rows: both ends of a pair then behave alike. One row for a side holds in every pair of which the side
    is an end.
    """
    factors = np.ones((3, len(PAIRS), 2))
    for row in rows:
        own = (row.reaction_factor, row.decay_factor, row.grievance_factor)
        for pair, ends in enumerate(PAIRS):
            for end in np.flatnonzero([side == row.side for side in ends]):
                factors[:, pair, end] = own
    return factors


def ladder(level: NDArray[np.float64], rung: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the rungs, int8[n] in [1, 12], after `level` (readiness in rung widths), from the rungs before.

    A rung is climbed as soon as its edge is reached, and left `HYSTERESIS` of a width below it.
    """
    climbed = 1 + np.floor(level)
    kept = np.minimum(rung, 1 + np.floor(level + HYSTERESIS))
    held: NDArray[np.int8] = np.minimum(np.maximum(np.maximum(climbed, kept), 1), N_RUNGS).astype(np.int8)
    return held


class Tension:
    """Readiness of both ends of every pair, hour by hour, with the ladder and the incidents.

    With x the readiness of one end and y of the other, per day:

        dx/dt = k·y(t − lag) − a·x + g        dy/dt = l·x(t − lag) − b·y + h

    where k, a, g of one end and l, b, h of the other may differ (`end_factors`),

    stepped hourly by Euler's explicit rule. The system returns to its equilibrium if a·b > k·l, whatever the lag, and
    if a and b are at most 24 per day, so that a step never overshoots (for |z| ≥ 1 the characteristic equation (z − 1
    + a/24)(z − 1 + b/24) = k·l/24²·z^(−2·lag) then has no root, since its left side is the larger). Readiness is held
    between 0 and the top of the ladder, so that an unstable pair runs to the top and stays there.

    Attributes:
        readiness: float64[n_pairs, 2], both ends of each pair, in [0, ceiling].
        rung: int8[n_pairs], in [1, 12].
        n_incidents: int64[n_pairs], simulated incidents so far.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        seed: int,
        epoch_hour: int,
        incidents_from: int = 0,
        start: ArrayLike | None = None,
        readiness: Iterable[Readiness] = (),
    ) -> None:
        """Begin at the equilibrium (or at `start`, float64[n_pairs, 2]), with the past at the same readiness.

        `incidents_from` is the first hour in which incidents are drawn: while history is replayed, its dated incidents
        are acted out, and drawing others beside them would count them twice. `readiness` says how sides differ.
        """
        shape = (len(PAIRS), 2)
        factors = end_factors(readiness if settings.asymmetric else ())
        self.reaction = float(settings.reaction_per_day) * factors[0]
        self.decay = float(settings.decay_per_day) * factors[1]
        self.grievance = float(settings.grievance_per_day) * factors[2]
        self.event_scale = float(settings.event_scale)
        self.rung_width = float(settings.rung_width)
        self.ceiling = N_RUNGS * self.rung_width
        self.lag_hours = round(float(settings.lag_hours))
        self.delay_per_rung = float(settings.delay_per_rung) if settings.decision_delay else 0.0
        self.incidents = Incidents(
            settings, PAIRS[:N_LINES], seed=seed, epoch_hour=epoch_hour, first_hour=incidents_from
        )
        self.n_incidents = np.zeros(len(PAIRS), dtype=np.int64)
        self._noted: list[Incident] = []
        at_start = self.equilibrium() if start is None else np.asarray(start, dtype=np.float64)
        self.readiness = np.clip(np.broadcast_to(at_start, shape), 0.0, self.ceiling)
        self._past = np.repeat(self.readiness[None], self.lag_hours + 1, axis=0)
        self._slot = 0
        self.rung = ladder(self.level, np.ones(len(PAIRS), dtype=np.int8))

    @property
    def level(self) -> NDArray[np.float64]:
        """Mean readiness of both ends in rung widths, float64[n_pairs], in [0, 12]."""
        mean: NDArray[np.float64] = (self.readiness[:, 0] + self.readiness[:, 1]) / 2.0 / self.rung_width
        return mean

    def rung_of(self, first: str, second: str) -> int:
        """Return the rung between two sides that form a pair, in [1, 12]."""
        return int(self.rung[PAIRS.index((first, second))])

    def is_stable(self) -> NDArray[np.bool_]:
        """Return whether each pair returns to its equilibrium (a·b > k·l, no step overshoots), bool[n_pairs]."""
        faded = self.decay[:, 0] * self.decay[:, 1] > self.reaction[:, 0] * self.reaction[:, 1]
        stable: NDArray[np.bool_] = faded & np.all(self.decay * HOUR <= 1.0, axis=1)
        return stable

    def equilibrium(self) -> NDArray[np.float64]:
        """Return the readiness that stays without events, float64[n_pairs, 2]; inf for unstable pairs."""
        other = slice(None, None, -1)
        gap = self.decay * self.decay[:, other] - self.reaction * self.reaction[:, other]
        pull = self.decay[:, other] * self.grievance + self.reaction * self.grievance[:, other]
        stable = np.broadcast_to(self.is_stable()[:, None], gap.shape)
        rest: NDArray[np.float64] = np.divide(pull, gap, out=np.full(gap.shape, np.inf), where=stable)
        return rest

    def event(self, actor: str, target: str | Iterable[str], goldstein: float) -> None:
        """Let an act of Goldstein weight `goldstein` in [-10, 10] move the readiness of its actor.

        A hostile act (below 0) raises it in the pairs in which the actor's camp faces a target's, a friendly one
        lowers it, in full where the pair is that of actor and target and less elsewhere (`SIDE_WEIGHTS`). Several
        targets are one act, not several.
        """
        targets = (target,) if isinstance(target, str) else tuple(target)
        found = pair_weights(actor, targets)
        if found is None:
            return
        end, weights = found
        raised = self.readiness[:, end] - self.event_scale * goldstein * weights
        self.readiness[:, end] = np.clip(raised, 0.0, self.ceiling)

    def step(self, hour: int, *, armed_in_reach: ArrayLike = 1.0, survey_near: ArrayLike = False) -> list[Incident]:
        """Live through one hour after its events: draw its incidents, let readiness answer, read the ladder.

        Args:
            hour: hour of the run.
            armed_in_reach: factor on the incident rate of each line from armed units in reach of each other,
                against the usual (`ARMED_SHARE`), float64[3] or one number, >= 0.
            survey_near: whether engineers survey near each line, bool[3] or one.

        Returns:
            The incidents of this hour: those noted, then those drawn in the order of the pairs; each has already
            moved readiness.
        """
        noted, self._noted = self._noted, []
        drawn = self.incidents.draw(hour, self.rung[:N_LINES], np.asarray(armed_in_reach), np.asarray(survey_near))
        incidents = [*noted, *drawn]
        for incident in incidents:
            self.n_incidents[incident.line] += 1
            self.event(incident.actor, incident.claimant, INCIDENT_WEIGHT * incident.kind.goldstein)
        self._advance()
        return incidents

    def note(self, incident: Incident) -> None:
        """Take in an incident of this hour that came of something else, such as a drill, before the ones drawn here."""
        self._noted.append(incident)

    def run_in(self, past: Iterable[PastEvent]) -> None:
        """Let acts of the time before the run happen, each at its hour: the run opens on what they left."""
        waiting = sorted(past, key=lambda event: -event[0])
        for index, (hours_before, actor, targets, goldstein) in enumerate(waiting):
            self.event(actor, targets, goldstein)
            until = waiting[index + 1][0] if index + 1 < len(waiting) else 0
            for _ in range(hours_before - until):
                self._advance()

    def response_factor(self, country_of_post: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the factor on response times at each post, float64[n_posts], at least 1.

        Units ask before they act when tension with their neighbour stands above rung four. `country_of_post` holds
        codes in the order of `LINE_COUNTRIES`.
        """
        above = np.maximum(self.rung[:N_LINES].astype(np.float64) - CALM_RUNG, 0.0)
        factor: NDArray[np.float64] = (1.0 + self.delay_per_rung * above)[country_of_post]
        return factor

    def _advance(self) -> None:
        """Move readiness by one hour and read the ladder."""
        self._past[self._slot] = self.readiness
        self._slot = (self._slot + 1) % len(self._past)
        other = self._past[self._slot][:, ::-1]  # the slot written `lag_hours` steps ago
        change = self.reaction * other - self.decay * self.readiness + self.grievance
        self.readiness = np.minimum(np.maximum(self.readiness + HOUR * change, 0.0), self.ceiling)
        self.rung = ladder(self.level, self.rung)

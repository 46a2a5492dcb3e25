"""How readily each government takes up each kind of act: rates counted in the evidence and corrected for coverage.

A kind of act that was reported n times while its condition held on T days is taken up at (n / share + ½) / T a day,
where `share` is the stated part of that side's acts that the evidence holds. The half is the prior of Jeffreys (1946,
*Proceedings of the Royal Society A* 186: 453–461) for a rate of rare events: what was never seen is rare, not
impossible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["DAYS_WITHOUT_A_ROW", "PRIOR_ACTS", "Habits"]

PRIOR_ACTS: Final = 0.5
DAYS_WITHOUT_A_ROW: Final = 30.0
"""Days for which an act is taken to have been open where the scenario says nothing (assumed: the weeks of tension)."""


class Habits:
    """The rates at which governments take up what is open to them, per day."""

    def __init__(self, scenario: Scenario) -> None:
        corrects = scenario.governments.corrects_coverage
        share = {row.actor: row.share for row in scenario.coverage} if corrects else {}
        self._per_day: dict[tuple[str, str], float] = {
            (row.actor, row.kind): (row.n_reported / share.get(row.actor, 1.0) + PRIOR_ACTS) / row.days_open
            for row in scenario.habit
        }

    def per_day(self, actor: str, kind: str) -> float:
        """Return the rate at which a side takes up a kind of act while it is open, acts a day, above 0."""
        return self._per_day.get((actor, kind), PRIOR_ACTS / DAYS_WITHOUT_A_ROW)

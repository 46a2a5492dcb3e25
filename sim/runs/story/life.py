"""One simulated life: whose it is, what happened in it, and the words that mark it as invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

from sim.limits import LIMITS
from sim.runs.story.events import Event, Night, Party
from sim.world.calendar import Calendar

__all__ = ["CLOSING", "TITLE", "Story"]

_FINAL: Final = ("west", "home", "dead")
TITLE: Final = "A simulated life (invented; no real person)"
CLOSING: Final = (
    "Simulated. Rules and chance made this life; it stands for nobody, living or dead, and nobody who died or was "
    "hurt at this border is meant by anyone in it."
)


@dataclass(frozen=True)
class Story:
    """One simulated life.

    Attributes
    ----------
    scenario, seed, calendar : of the run
    person, ordinal, n_people : number of the person; position among the run's people, from 1, and how many they are
    people_per_agent : how many people a simulated person stands for in the counts of the run
    why : why this person was chosen, empty where the person was named
    party, own : the party as it set out, and the person's position in it
    events : what happened, in order of time
    nights : nights outdoors, in order of time
    n_hours : hours of the run
    n_days : days from landing, or from the start, to a final state or the end of the run
    attempts : attempts made, those before the run included
    """

    scenario: str
    seed: int
    calendar: Calendar
    person: int
    ordinal: int
    n_people: int
    people_per_agent: int
    why: str
    party: Party
    own: int
    events: tuple[Event, ...] = field(repr=False)
    nights: tuple[Night, ...] = field(repr=False)
    n_hours: int
    n_days: float
    attempts: int

    def state_at(self, hour: int) -> str:
        """Return the name of the person's state at the end of an hour."""
        own = [e for e in self.events if e.hour <= hour and e.kind not in ("companion_died", "parted", "rejoined")]
        return own[-1].to_state if own else ""

    def is_final_at(self, hour: int) -> bool:
        """Return whether the person has reached a final state by the end of an hour."""
        return self.state_at(hour) in _FINAL

    def json_lines(self) -> Iterator[str]:
        """Yield the story as JSON lines: what it is first, then an event a line, the closing words last."""
        about = {
            "simulated": TITLE, "limits": list(LIMITS), "scenario": self.scenario, "seed": self.seed,
            "person": self.person, "ordinal": self.ordinal, "people_per_agent": self.people_per_agent,
            "party": asdict(self.party), "own": self.own,
            "attempts": self.attempts, "nights_outdoors": len(self.nights),
        }  # fmt: skip
        yield json.dumps(about, ensure_ascii=False)
        for event in self.events:
            when = self.calendar.local(max(event.hour, 0)).strftime("%Y-%m-%dT%H:00%z")
            yield json.dumps({"about": when, **asdict(event)}, ensure_ascii=False)
        yield json.dumps({"simulated": CLOSING}, ensure_ascii=False)

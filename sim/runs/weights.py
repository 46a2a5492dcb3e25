"""The fidelity dial: fewer agents, each for several people. What a reader is told of it, and when it goes too far.

The weight itself is ``Scenario.people_per_agent``: rules scale by ``Scenario.agent_scale``, and ``sim.record`` turns
counts of agents into counts of people. What that bends is measured by ``python -m benchmarks.weights``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["FEWEST_AGENTS", "agents_at_most", "one_for", "one_for_many", "too_few_agents"]

FEWEST_AGENTS: Final = 500
"""Agents below which a run is hardly more than the luck of a few parties: some two hundred parties, a dozen patrols."""


def one_for_many(scenario: Scenario) -> str:
    """Return the sentence for whoever reads counts of a weighted run; empty where each agent is one person."""
    return one_for(scenario.people_per_agent)


def one_for(each: int) -> str:
    """Return the sentence for counts of a run in which one agent stands for `each` people; empty for one."""
    if each == 1:
        return ""
    return (
        f"One agent stands for {each:,} people, one patrol for {each:,}: counts are of people and go by steps of "
        f"{each:,}, and some lie beside those of a whole run (docs/ensembles.md says by how much)."
    )


def agents_at_most(scenario: Scenario) -> int:
    """Return how many agents a run has if no seat stays empty: those there at the start, and those who may arrive."""
    from sim.agents.migrants.arrivals import seats_by_day
    from sim.world.calendar import Calendar

    if not scenario.migrants.enabled:
        return 0
    initial = sum(int(np.floor(row.people * scenario.agent_scale + 0.5)) for row in scenario.initial)
    arriving = seats_by_day(scenario, Calendar(scenario.first_day, scenario.until)).sum()
    return initial + int(np.ceil(arriving))


def too_few_agents(scenario: Scenario) -> str:
    """Return the warning that a weight leaves too few agents to tell anything; empty if it does not."""
    if scenario.people_per_agent == 1 or not scenario.migrants.enabled:
        return ""
    n_agents = agents_at_most(scenario)
    if n_agents >= FEWEST_AGENTS:
        return ""
    enough = scenario.people_per_agent * n_agents // FEWEST_AGENTS
    advice = f"--people-per-agent {enough} leaves some {FEWEST_AGENTS}" if enough > 1 else "leave the option out"
    return (
        f"one agent for {scenario.people_per_agent:,} people leaves {n_agents:,} agents at most, fewer than "
        f"{FEWEST_AGENTS}: luck decides more than rules do; {advice}"
    )

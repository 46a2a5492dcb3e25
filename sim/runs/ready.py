"""A scenario made ready to be run: loaded with its settings, and checked against the map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario.load import load_scenario

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["ready"]


def ready(scenario: str | Path | Scenario, settings: Mapping[str, str]) -> Scenario:
    """Return a scenario loaded and checked against the map; one that is resolved already takes no settings.

    Raises
    ------
    ScenarioError
        If anything is wrong with it.
    ValueError
        If settings come with a resolved scenario, which would not heed them.
    """
    from sim.scenario.checks import check_references
    from sim.world.border import load_border

    if settings and not isinstance(scenario, str | Path):
        raise ValueError(
            f"settings: found {', '.join(settings)} beside the resolved scenario '{scenario.name}'; give the settings "
            "to load_scenario, or a name or path here"
        )
    loaded = load_scenario(scenario, settings) if isinstance(scenario, str | Path) else scenario
    check_references(loaded, load_border(), str(scenario) if isinstance(scenario, str | Path) else "")
    return loaded

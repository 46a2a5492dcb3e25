"""The chronicle as a table: what happened, by whom, and who says so where it is a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.agents.governments import first_free_hour

if TYPE_CHECKING:
    from sim.model import Happening, StandoffModel

__all__ = ["chronicle_table"]


def _is_simulated(entry: Happening, free_from: int) -> bool:
    """Return whether an entry is the model's own and not a dated act: drills and engineers are dated throughout."""
    own = entry.hour >= free_from and entry.kind not in {"drill", "engineers"}
    return own or entry.claimant == "the model"


def chronicle_table(model: StandoffModel) -> pd.DataFrame:
    """Return the chronicle of the recorded days: what happened, by whom, and who says so where it is a claim."""
    calendar = model.world.calendar
    first_hour = int(calendar.first_hour_of_day[calendar.day_of(model.scenario.start)])
    rows = [entry for entry in model.chronicle if entry.hour >= first_hour]
    free_from = first_free_hour(model.scenario, calendar)
    return pd.DataFrame(
        {
            "hour_utc": pd.Series([calendar.utc(e.hour).strftime("%Y-%m-%dT%H:%MZ") for e in rows], dtype=str),
            "day": pd.Series([str(calendar.date_of_day(int(calendar.day_of_hour[e.hour]))) for e in rows], dtype=str),
            "kind": pd.Series([e.kind for e in rows], dtype=str),
            "actor": pd.Series([e.actor for e in rows], dtype=str),
            "place": pd.Series([e.place for e in rows], dtype=str),
            "size": pd.Series([e.size for e in rows], dtype=float),
            "claimant": pd.Series([e.claimant for e in rows], dtype=str),
            "simulated": pd.Series([_is_simulated(e, free_from) for e in rows], dtype=bool),
            "text": pd.Series([e.text for e in rows], dtype=str),
        }
    )

"""The results folder of an exploration: its table, a codebook, what made it; and what its figures say at their head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.errors import OutputError
from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.runs.ensemble.gather import about
from sim.runs.ensemble.member import Luck, code_hash
from sim.runs.ensemble.seeds import seeds_in_words
from sim.runs.ensemble.store import write_whole
from sim.runs.provenance import make_manifest, write_manifest
from sim.runs.weights import one_for_many

if TYPE_CHECKING:
    import pandas as pd
    from xarray import Dataset

    from sim.scenario.schema import Scenario

__all__ = ["heading", "keep"]

_FIGURES: Final = {"sensitivity": ("sensitivity",), "box": ("discovery",), "sweep": ("frontier", "lever-[0-9]*-*")}
"""Figures of each kind of exploration, as patterns of their names."""


def heading(scenario: Scenario, seeds: Sequence[int], n_runs: int) -> Dataset:
    """Return what the header of a figure asks for: names, seeds, days and how many runs there were."""
    import pandas as pd

    days = pd.date_range(scenario.start, scenario.until, name="day")
    told = pd.DataFrame(index=days).to_xarray()
    told.attrs = {**about(scenario, [Luck(seed) for seed in seeds]), "n_members": f"{n_runs:,}"}
    return told


def keep(
    folder: Path,
    name: str,
    table: pd.DataFrame,
    meanings: Mapping[str, str],
    scenario: Scenario,
    seeds: Sequence[int],
    command: str,
    started: datetime,
    more: Mapping[str, Any],
) -> None:
    """Write ``tables/NAME.csv`` with floats to six digits after the point, its codebook, and ``manifest.json``.

    Figures of the same kind that an earlier call left in the folder are removed: they show another table.

    Parameters
    ----------
    folder : results folder, which is there
    meanings : of each column of `table`
    scenario : the resolved scenario whose numbers were varied
    seeds : of the runs
    command : command line to be noted
    started : when the analysis began
    more : what else shapes the results

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    _remove_figures(folder, name)
    import pandas as pd

    rows = [(column, meanings[column]) for column in table.columns]
    weights = one_for_many(scenario)
    rows += [("weights", weights)] if weights else []
    rows += [("limits", " ".join(LIMITS)), ("attribution", MAP_ATTRIBUTION)]
    book = pd.DataFrame(rows, columns=["name", "meaning"])
    for stem, one in ((name, table.round(6)), ("codebook", book)):
        write_whole(folder / "tables" / f"{stem}.csv", one.to_csv(index=False, lineterminator="\n").encode())
    facts = {"kind": name, "code_hash": code_hash(), "seeds": seeds_in_words(list(seeds)), **more}
    write_manifest(make_manifest(scenario, None, command, folder, {}, started, facts), folder)


def _remove_figures(folder: Path, name: str) -> None:
    for pattern in _FIGURES[name]:
        for path in [*(folder / "figures").glob(f"{pattern}.png"), *(folder / "figures").glob(f"{pattern}.svg")]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"{path}: found an earlier figure that cannot be removed ({error.strerror})"
                ) from error

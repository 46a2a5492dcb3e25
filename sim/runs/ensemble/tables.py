"""Tables of an ensemble: outcomes and days as medians and intervals, members one by one, what failed, a codebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.runs.ensemble.gather import daily_quantiles
from sim.runs.ensemble.intervals import INTERVALS, central_intervals, mean_interval

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["QUANTILE_COLUMNS", "daily_table", "member_table", "outcome_table", "save_tables"]

QUANTILE_COLUMNS: Final = ("median", *(f"{side}_{share}" for share in INTERVALS for side in ("low", "high")))

_CODEBOOK: Final = (
    ("group", "outcomes.csv", "whom the outcome concerns"),
    ("outcome", "outcomes.csv, members.csv", "what is counted over all days, as in a run's outcomes.csv"),
    ("unit", "all", "unit of the numbers of the row"),
    ("n_members", "outcomes.csv", "members that the row rests on"),
    ("mean", "outcomes.csv", "mean of the members"),
    ("mean_low_95", "outcomes.csv", "lower end of the 95 % interval of the mean (Student t); empty: one member alone"),
    ("mean_high_95", "outcomes.csv", "upper end of the 95 % interval of the mean (Student t); empty: one member alone"),
    ("sd", "outcomes.csv", "standard deviation of the members (n − 1); empty: one member alone"),
    ("median", "outcomes.csv, daily.csv", "median of the members"),
    *((f"{side}_{share}", "outcomes.csv, daily.csv", f"{word} end of the interval of the middle {share} % of members")
      for share in INTERVALS for side, word in (("low", "lower"), ("high", "upper"))),
    ("day", "daily.csv", "day of Europe/Warsaw"),
    ("series", "daily.csv", "what is counted by day, a column of a run's daily.csv"),
    ("member", "members.csv", "number of the member, from 1"),
    ("seed", "members.csv, failed.csv", "its seed"),
    ("value", "members.csv", "its outcome"),
    ("why", "failed.csv", "why the member gave nothing; such members are in no other table"),
    ("limits", "all", " ".join(LIMITS)),
    ("attribution", "all", MAP_ATTRIBUTION),
)  # fmt: skip


def outcome_table(members: xr.Dataset) -> pd.DataFrame:
    """Return one row an outcome, what befell people first: mean with its interval, median, central intervals."""
    rows = []
    totals = members["total"].values
    for number, (group, outcome, unit) in enumerate(_outcomes(members)):
        values = totals[:, number]
        mean = mean_interval(values)
        low, high = (mean.low, mean.high) if mean.n > 1 else (np.nan, np.nan)
        rows.append(
            {"group": group, "outcome": outcome, "unit": unit, "n_members": mean.n, "mean": mean.mean,
             "mean_low_95": low, "mean_high_95": high,
             "sd": values.std(ddof=1) if len(values) > 1 else np.nan,
             **dict(zip(QUANTILE_COLUMNS, central_intervals(values), strict=True))}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _outcomes(members: xr.Dataset) -> list[tuple[str, str, str]]:
    names = ("outcome_group", "outcome", "outcome_unit")
    return list(zip(*([str(value) for value in members[name].values] for name in names), strict=True))


def daily_table(members: xr.Dataset) -> pd.DataFrame:
    """Return one row a series and day: median and central intervals of the members."""
    days = members["day"].dt.strftime("%Y-%m-%d").values
    names, units = members["series"].values, members["series_unit"].values
    parts = []
    for block, quantiles in daily_quantiles(members):
        for number, series in enumerate(names[block]):
            columns = dict(zip(QUANTILE_COLUMNS, quantiles[:, number], strict=True))
            parts.append(pd.DataFrame({"day": days, "series": series, "unit": units[block][number], **columns}))
    return pd.concat(parts, ignore_index=True)


def member_table(members: xr.Dataset) -> pd.DataFrame:
    """Return one row a member and outcome."""
    seeds, totals = members["seed"].values, members["total"].values
    named = _outcomes(members)
    return pd.DataFrame(
        {
            "member": [number + 1 for number in range(len(seeds)) for _ in named],
            "seed": [seed for seed in seeds for _ in named],
            "outcome": [outcome for _ in seeds for _, outcome, _ in named],
            "unit": [unit for _ in seeds for _, _, unit in named],
            "value": totals.ravel(),
        }
    )


def failed_table(failed: Mapping[int, str]) -> pd.DataFrame:
    """Return one row a failed member: its seed and why."""
    return pd.DataFrame({"seed": list(failed), "why": list(failed.values())})


def write_tables(members: xr.Dataset, failed: Mapping[int, str], folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write all tables into ``folder/tables``; return those of outcomes and of days."""
    outcomes, daily = outcome_table(members), daily_table(members)
    tables = {"outcomes": outcomes, "daily": daily, "members": member_table(members)}
    if failed:
        tables["failed"] = failed_table(failed)
    tables["codebook"] = pd.DataFrame(_CODEBOOK, columns=["name", "where", "meaning"])
    save_tables(tables, folder)
    return outcomes, daily


def save_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables as CSV into ``folder/tables``, floats to six digits after the point."""
    (folder / "tables").mkdir()
    for name, table in tables.items():
        floats = table.select_dtypes(include="float").columns
        rounded = table.assign(**{column: table[column].round(6) for column in floats})
        rounded.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")

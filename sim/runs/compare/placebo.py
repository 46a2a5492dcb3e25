"""Fates beside the placebo: gross and net flows over all pairs, and which exceed the churn of chaos alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.runs.compare.pairs import FATES, Flows

__all__ = ["FEWEST_PAIRS", "churn", "fate_table"]

FEWEST_PAIRS: Final = 8
"""With fewer pairs the ends of the placebo's churn are too unsure to highlight anything."""


def fate_table(groups: Sequence[tuple[str, str]], pairs: Sequence[Flows], placebo: Sequence[Flows]) -> pd.DataFrame:
    """Return one row a group and two fates between which anybody moves, in either comparison.

    Gross flows count those with the first fate in the first world and the second in the second; the net flow takes
    off those who go the other way, so that each two fates have one net flow and two gross ones. A flow *exceeds* where
    the median pair lies outside what 95 % of the placebo's pairs keep to: above their 95 % quantile for gross flows,
    outside their central 95 % for net flows. Without a placebo nothing does, and its columns are NaN.
    """
    real = np.stack([flows.counts for flows in pairs])
    idle = np.stack([flows.counts for flows in placebo]) if placebo else np.full((1, *real.shape[1:]), np.nan)
    net, idle_net = real - real.swapaxes(2, 3), idle - idle.swapaxes(2, 3)
    enough = min(len(pairs), len(placebo)) >= FEWEST_PAIRS
    columns = {
        "gross": real.mean(axis=0),
        "gross_placebo": idle.mean(axis=0),
        "gross_placebo_95": np.quantile(idle, 0.95, axis=0),
        "gross_exceeds": (np.median(real, axis=0) > np.quantile(idle, 0.95, axis=0)) & enough,
        "net": net.mean(axis=0),
        "net_placebo_low_95": np.quantile(idle_net, 0.025, axis=0),
        "net_placebo_high_95": np.quantile(idle_net, 0.975, axis=0),
    }
    middle = np.median(net, axis=0)
    columns["net_exceeds"] = (
        (middle < columns["net_placebo_low_95"]) | (middle > columns["net_placebo_high_95"])
    ) & enough
    moved = (real.sum(axis=0) + np.nansum(idle, axis=0)) > 0
    moved[:, np.arange(len(FATES)), np.arange(len(FATES))] = False
    group, start, end = np.nonzero(moved)
    rows = pd.DataFrame(
        {
            "group": np.array([name for name, _ in groups])[group],
            "value": np.array([value for _, value in groups])[group],
            "first_fate": [FATES[number] for number in start],
            "second_fate": [FATES[number] for number in end],
            **{name: values[group, start, end] for name, values in columns.items()},
        }
    )
    return _largest_first(rows, group)


def _largest_first(rows: pd.DataFrame, group: NDArray[np.int64]) -> pd.DataFrame:
    """Return the rows group by group, the largest gross flows first; ties by the names of the fates."""
    rows = rows.assign(order=group)
    rows = rows.sort_values(
        ["order", "gross", "first_fate", "second_fate"], ascending=[True, False, True, True], kind="stable"
    )
    return rows.drop(columns="order").reset_index(drop=True)


def churn(flows: Sequence[Flows]) -> NDArray[np.float64]:
    """Return the share of people whose fate is another, float64[n_pairs]."""
    return np.array([item.n_changed / item.n_people if item.n_people else 0.0 for item in flows])

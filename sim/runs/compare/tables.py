"""Tables of a comparison and their codebook, and the finding in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.runs.compare.differences import daily_differences, outcome_differences, post_differences
from sim.runs.compare.pairs import Flows
from sim.runs.compare.placebo import FEWEST_PAIRS, churn, fate_table

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["finding", "flows_told", "make_tables"]

PEOPLE: Final = "People"
SERIES: Final = (
    "person_nights_outdoors", "harm_events", "hospital_admissions", "deaths", "returned_pl", "people_in_belarus",
    "recorded_attempts_pl", "recorded_attempts_lt", "recorded_attempts_lv", "germany_arrivals",
)  # fmt: skip
"""Daily series whose differences are told by day, what befell people first."""

_CODEBOOK: Final = (
    ("group", "outcomes.csv", "whom the outcome concerns"),
    ("group", "fates.csv", "by what people are grouped: all, origin, party kind, post"),
    ("outcome", "outcomes.csv", "what is counted over all days, as in a run's outcomes.csv"),
    ("unit", "outcomes.csv", "unit of the numbers of the row"),
    ("n_pairs", "outcomes.csv", "pairs that the row rests on"),
    ("first_median", "outcomes.csv", "median of the first scenario's members"),
    ("first_low_80", "outcomes.csv", "lower end of the interval of their middle 80 %"),
    ("first_high_80", "outcomes.csv", "its upper end"),
    ("second_median", "outcomes.csv", "median of the second scenario's members"),
    ("second_low_80", "outcomes.csv", "lower end of the interval of their middle 80 %"),
    ("second_high_80", "outcomes.csv", "its upper end"),
    ("difference", "outcomes.csv, daily.csv, posts.csv", "mean of second − first over pairs"),
    ("low_95", "outcomes.csv, daily.csv, posts.csv", "lower end of its 95 % interval (Student t over pairs)"),
    ("high_95", "outcomes.csv, daily.csv, posts.csv", "upper end of its 95 % interval"),
    ("placebo_low_95", "outcomes.csv, posts.csv", "lower end of what 95 % of placebos differ by; empty: there is none"),
    ("placebo_high_95", "outcomes.csv, posts.csv", "upper end of what 95 % of placebos differ by"),
    ("chance_second_above", "outcomes.csv", "chance that a member of the second exceeds one of the first, ties half"),
    ("variance_factor", "outcomes.csv", "variance of the difference without pairing over that with it; < 1: it hurt; "
     "inf: all pairs differ by the very same"),
    ("p_value", "outcomes.csv", "chance of so far a mean difference if there were none (two-sided t test)"),
    ("p_holm", "outcomes.csv", "the same with all outcomes in mind (Holm)"),
    ("detectable", "outcomes.csv", "whether p_holm is below 0.05"),
    ("series", "daily.csv", "what is counted by day, a column of a run's daily.csv"),
    ("day", "daily.csv", "day of Europe/Warsaw"),
    ("country", "posts.csv", "country of the guard post"),
    ("post", "posts.csv", "guard post, south to north; recorded attempts over all days"),
    ("first_mean", "posts.csv", "mean of the first scenario's members"),
    ("value", "fates.csv", "which of the group; a post is where a person was last seen at the end of a day"),
    ("first_fate", "fates.csv", "where people are at the end in the first world; absent: not in it"),
    ("second_fate", "fates.csv", "where the same people are at the end in the second world"),
    ("gross", "fates.csv", "people who do so, mean over pairs"),
    ("gross_placebo", "fates.csv", "the same between the first world and its placebo"),
    ("gross_placebo_95", "fates.csv", "what 95 % of the placebo's pairs do not exceed"),
    ("gross_exceeds", "fates.csv", f"whether the median pair exceeds that; never with fewer than {FEWEST_PAIRS} pairs"),
    ("net", "fates.csv", "gross less those who go the other way"),
    ("net_placebo_low_95", "fates.csv", "lower end of what 95 % of the placebo's pairs keep to"),
    ("net_placebo_high_95", "fates.csv", "upper end of what 95 % of the placebo's pairs keep to"),
    ("net_exceeds", "fates.csv", f"whether the median pair lies outside; never with fewer than {FEWEST_PAIRS} pairs"),
    ("seed", "partings.csv, failed.csv", "seed of the pair"),
    ("worlds_part_utc", "partings.csv", "first hour in which anything watched differs, UTC; empty: never"),
    ("people_part_utc", "partings.csv", "first hour in which anybody is elsewhere, UTC; empty: never"),
    ("share_changed", "churn.csv", "share of people whose fate is another"),
    ("comparison", "churn.csv", "second: the second scenario; placebo: the nudged first"),
    ("left_out", "failed.csv", "pair: in no other table; placebo: the pair counts, only its placebo is missing"),
    ("why", "failed.csv", "why it failed"),
    ("limits", "all", " ".join(LIMITS)),
    ("attribution", "all", MAP_ATTRIBUTION),
)  # fmt: skip


def make_tables(
    arms: Sequence[xr.Dataset | None],
    groups: Sequence[tuple[str, str]],
    pairs: Sequence[Flows],
    placebo: Sequence[Flows],
    partings: pd.DataFrame,
    failed: Mapping[str, Mapping[int, str]],
) -> dict[str, pd.DataFrame]:
    """Return all tables by name.

    Parameters
    ----------
    arms : members of first, second and placebo, None where there is none
    groups : as :func:`sim.runs.compare.pairs.groups` names them
    pairs, placebo : changed fates of the pairs and of the placebos that there are
    partings : when each pair parts; of one that never does the placebo is the first member itself
    failed : why what was left out failed, by seed, of ``pair`` and ``placebo``

    Raises
    ------
    ValueError
        If the first or the second are missing.
    """
    first, second, nudged = arms
    if first is None or second is None:
        raise ValueError("a comparison needs members of both scenarios")
    n_still = int((partings["worlds_part_utc"] == "").sum())
    moved = [("second", pairs), ("placebo", placebo)]
    tables = {
        "outcomes": outcome_differences(first, second, nudged, n_still),
        "daily": daily_differences(first, second, SERIES),
        "posts": post_differences(first, second, nudged, n_still),
        "fates": fate_table(groups, pairs, placebo),
        "churn": pd.DataFrame(
            [(name, share) for name, flows in moved for share in churn(flows)], columns=["comparison", "share_changed"]
        ),
        "partings": partings,
    }
    left_out = [(seed, what, why) for what, seeds in failed.items() for seed, why in seeds.items()]
    if left_out:
        tables["failed"] = pd.DataFrame(left_out, columns=["seed", "left_out", "why"])
    return tables | {"codebook": pd.DataFrame(_CODEBOOK, columns=["name", "where", "meaning"])}


def finding(outcomes: pd.DataFrame, fates: pd.DataFrame, churned: pd.DataFrame) -> list[str]:
    """Return what was found, in sentences; that nothing was is a finding too."""
    lines = []
    for heading, of in ((PEOPLE, "people"), (None, "the line, guards, engineers and drills")):
        rows = outcomes[(outcomes["group"] == PEOPLE) == (heading == PEOPLE)]
        seen = rows[rows["detectable"]]
        if not len(seen):
            told = f"No detectable effect on {of}: none of {len(rows)} outcomes differs by more than luck"
            lines.append(f"{told}{as_far_as(outcomes)}.")
            continue
        lines.append(f"Detectable effects on {of}, {len(seen)} of {len(rows)} outcomes:")
        lines += [
            f"  {row['outcome']}: {row['difference']:+,.1f} {row['unit']}, "
            f"{row['low_95']:+,.1f} to {row['high_95']:+,.1f}"
            for row in seen.to_dict("records")
        ]
    shares = churned.groupby("comparison")["share_changed"]
    changed = f"{100 * shares.mean()['second']:.1f} % of people have another fate"
    if "placebo" in shares.groups:
        changed += f", with the placebo {100 * shares.mean()['placebo']:.1f} % (95 % of its pairs: at most "
        changed += f"{100 * shares.quantile(0.95)['placebo']:.1f} %)"
    lines.append(f"{changed}.")
    flows, more = flows_told(fates, churned)
    lines.append(f"{flows[0].upper()}{flows[1:]}{more}.")
    return lines


def as_far_as(outcomes: pd.DataFrame) -> str:
    """Return what qualifies "no detectable effect" where pairs differ, but are too few to detect any; empty if not."""
    n_pairs = int(outcomes["n_pairs"].max())
    few = n_pairs < FEWEST_PAIRS and bool(outcomes[["low_95", "high_95"]].any(axis=None))
    return f", as far as {n_pairs} pairs can tell" if few else ""


def flows_told(fates: pd.DataFrame, churned: pd.DataFrame) -> tuple[str, str]:
    """Return whether flows between fates exceed the placebo's churn, as a clause, and what words add to it."""
    exceeding = int((fates["gross_exceeds"] | fates["net_exceeds"])[fates["group"] == "all"].sum())
    if exceeding:
        flows = "flow between fates exceeds" if exceeding == 1 else "flows between fates exceed"
        return f"{exceeding:,} {flows} the placebo's churn", " (tables/fates.csv)"
    n_placebos = int((churned["comparison"] == "placebo").sum())
    if not n_placebos:
        return "no placebo to hold flows between fates against", ": every one failed (tables/failed.csv)"
    if n_placebos < FEWEST_PAIRS and churned["share_changed"].any():
        return "too few pairs to tell flows between fates from the placebo's churn", f": {FEWEST_PAIRS} are needed"
    return "no flow between fates exceeds the placebo's churn", ""

"""Figures of a comparison: differences over time, changed fates beside the placebo, pressure along the line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes

from .style import (
    BLUE,
    COUNTRY_COLOURS,
    GREY,
    INK,
    PALE,
    PAPER,
    STATE_COLOURS,
    VERMILION,
    WIDTH_IN,
    Frame,
    colour_of,
    frame,
    house,
    number_axis,
    panel_title,
    save,
    say_instead,
    tint,
)
from .timeline import day_axis
from .words import COUNTRY_NAMES, STATE_NAMES, count, named

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

__all__ = ["draw_comparison", "draw_differences", "draw_fates", "draw_posts"]

Tables = Mapping[str, "DataFrame"]

_PANELS: Final = (
    ("person_nights_outdoors", "Nights outdoors", "person-nights per day", VERMILION),
    ("harm_events", "Illness that needs care", "episodes per day", VERMILION),
    ("people_in_belarus", "People in Belarus", "persons at the end of the day", BLUE),
    ("recorded_attempts_pl", "Recorded attempts, Poland", "per day", BLUE),
    ("germany_arrivals", "Reaching Germany", "persons per day", BLUE),
)
_MOST_FLOWS: Final = 16


def draw_comparison(tables: Tables, about: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figures of a comparison into `folder`; return the paths written.

    `about` names ``scenario``, ``second``, ``n_members``, ``seed``, ``people_scale``, ``sources`` as a record's
    attributes do, and says in a clause, ``flows``, whether flows between fates exceed the placebo's churn; in another,
    ``as_far_as``, what qualifies that no effect was detected. ``pairs_needed`` is 0, or how many would tell of posts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    heading = _heading(tables, about)
    with house():
        written = save(draw_differences(tables["daily"], tables["outcomes"], heading), folder, "differences")
        written += save(draw_fates(tables["fates"], tables["churn"], about["flows"], heading), folder, "fates")
        return written + save(draw_posts(tables["posts"], heading), folder, "posts")


def _heading(tables: Tables, about: Mapping[str, Any]) -> Dataset:
    """Return what the header of a figure asks for: names, seeds and days."""
    days = np.array(sorted(set(tables["daily"]["day"])), dtype="datetime64[ns]")
    from pandas import DataFrame, Index

    heading = DataFrame(index=Index(days, name="day")).to_xarray()
    own = {"scenario": f"{about['second']} less {about['scenario']}", "n_members": f"{about['n_members']} pairs of"}
    heading.attrs = {**about, **own}
    return heading


def draw_differences(daily: DataFrame, outcomes: DataFrame, heading: Dataset) -> Frame:
    """Return the mean difference of the pairs by day, inside its 95 % interval."""
    people = outcomes[outcomes["group"] == "People"]
    seen = people[people["detectable"]]
    if len(seen):
        title = (
            f"Of {len(people)} outcomes of people, {len(seen)} differ{'s' * (len(seen) == 1)} by more than luck: "
            + ", ".join(seen["outcome"])
        )
    else:
        title = f"No detectable effect on people: none of {len(people)} outcomes differs by more than luck"
        title += heading.attrs.get("as_far_as", "")
    framed = frame(
        heading,
        title,
        height=2.0 * len(_PANELS) + 1.9,
        notes_below=(
            "Line: mean difference, second less first scenario, over pairs under the same luck. Band: its 95 % "
            "interval on each day by itself (Student t); by luck alone one day in twenty lies outside. Whether an "
            "outcome differs in all is tested with all outcomes in mind (Holm)."
        ),
    )
    rows = framed.rows((1.0,) * len(_PANELS), gap=0.62)
    for axes, (series, text, unit, colour) in zip(rows, _PANELS, strict=True):
        rows_of = daily[daily["series"] == series]
        days = rows_of["day"].to_numpy(dtype="datetime64[D]").astype(np.float64)
        day_axis(axes, days)
        panel_title(axes, f"{text}, difference", unit)
        mean, low, high = (rows_of[name].to_numpy(dtype=np.float64) for name in ("difference", "low_95", "high_95"))
        if not (np.abs(low) + np.abs(high)).any():
            say_instead(axes, "The same on every day in every pair.")
            continue
        edges = np.append(days, days[-1] + 1)
        axes.stairs(high, edges, baseline=low, fill=True, color=tint(colour, 0.3), lw=0, zorder=2)
        axes.stairs(mean, edges, baseline=None, color=colour, lw=1.8, zorder=3)
        axes.axhline(0.0, color=INK, lw=0.9, zorder=4)
        lowest, highest = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
        room = 0.08 * (highest - lowest)
        axes.set_ylim(lowest - room, highest + room)
        number_axis(axes, unit.split(" ", maxsplit=1)[0] if unit != "per day" else "attempts")
    return framed


def draw_fates(fates: DataFrame, churn: DataFrame, flows: str, heading: Dataset) -> Frame:
    """Return the largest flows between fates, both ways, beside what 95 % of the placebo's pairs keep to.

    Flows that exceed it are shown however small they are, the largest of them; `flows` says in a clause whether any do.
    """
    everyone = fates[fates["group"] == "all"]
    exceeds = everyone["gross_exceeds"] | everyone["net_exceeds"]
    shown = everyone[(np.arange(len(everyone)) < _MOST_FLOWS) | (exceeds & (exceeds.cumsum() <= _MOST_FLOWS))]
    framed = frame(
        heading,
        _fates_title(churn, flows),
        height=3.2 + 0.34 * max(len(shown), 6),
        notes_below=(
            "A person is matched by number. Bar: people with one fate in the first and another in the second world, "
            "mean over pairs. Dot: mean of the placebo, the first scenario with the waits of two parties exchanged in "
            "the hour in which the worlds part. End of the grey line: what 95 % of the placebo’s pairs do not exceed. "
            "Full colour: beyond that in the median pair."
        ),
    )
    axes = framed.axes(4.3, framed.bottom + 0.5, WIDTH_IN - 5.0, framed.top - framed.bottom - 0.95)
    panel_title(axes, "People whose fate is another", "persons, mean over pairs")
    if not len(shown):
        say_instead(axes, "Nobody’s fate is another in any pair.")
        return framed
    _draw_flows(axes, shown)
    return framed


def _fates_title(churn: DataFrame, flows: str) -> str:
    shares = churn.groupby("comparison")["share_changed"].mean()
    changed = f"{100 * shares.get('second', 0.0):.1f} % of people have another fate"
    if "placebo" not in shares.index:
        return f"{changed}; every placebo failed, so what chaos alone would change is not known"
    told = flows.replace("'", "’")
    return f"{changed}, with the placebo {100 * shares['placebo']:.1f} %; {told}"


def _draw_flows(axes: Axes, flows: DataFrame) -> None:
    at = np.arange(len(flows))[::-1]
    for y, row in zip(at, flows.to_dict("records"), strict=True):
        colour = colour_of(str(row["second_fate"]), STATE_COLOURS)
        beyond = bool(row["gross_exceeds"] or row["net_exceeds"])
        axes.barh(y, row["gross"], height=0.62, color=colour if beyond else tint(colour, 0.45), lw=0, zorder=2)
        axes.plot([0, row["gross_placebo_95"]], [y, y], color=GREY, lw=1.4, zorder=3)
        axes.plot([row["gross_placebo_95"]] * 2, [y - 0.22, y + 0.22], color=GREY, lw=1.4, zorder=3)
        axes.plot(row["gross_placebo"], y, ls="", marker="o", ms=3.5, color=INK, zorder=4)
    names = {**STATE_NAMES, "absent": "in this world only"}
    axes.set_yticks(
        at,
        [f"{named(row['first_fate'], names)} → {named(row['second_fate'], names)}" for row in flows.to_dict("records")],
        size=7.5,
    )
    axes.set_ylim(-0.7, len(flows) - 0.3)
    axes.set_xlim(0, None)
    axes.grid(axis="y", visible=False)


def draw_posts(posts: DataFrame, heading: Dataset) -> Frame:
    """Return the difference of recorded attempts by guard post, from north to south."""
    outside = posts[(posts["low_95"] > 0) | (posts["high_95"] < 0)]
    beyond = outside[
        (outside["difference"] < outside["placebo_low_95"]) | (outside["difference"] > outside["placebo_high_95"])
    ]
    if posts["placebo_low_95"].isna().all():
        title = "Every placebo failed: there is no placebo beside which recorded attempts could move more or less"
    elif heading.attrs.get("pairs_needed", 0):
        title = "Too few pairs with placebos to tell whether recorded attempts move beyond the placebo at any guard "
        title += f"post: {heading.attrs['pairs_needed']} are needed"
    elif len(beyond):
        title = f"Recorded attempts move beyond the placebo at {count(len(beyond), 'guard post')} of {len(posts)}: "
        title += ", ".join(beyond["post"].head(6)) + (" …" if len(beyond) > 6 else "")
    else:
        title = f"At none of {len(posts)} guard posts do recorded attempts move beyond what the placebo moves them"
    framed = frame(
        heading,
        title,
        height=2.4 + 0.23 * len(posts),
        notes_below=(
            "Dot and line: mean difference of recorded attempts over all days, second less first scenario, with its "
            "95 % interval (Student t over pairs). Grey: what 95 % of the placebo’s single pairs differ by. Posts from "
            "north to south."
        ),
    )
    axes = framed.axes(2.3, framed.bottom + 0.45, WIDTH_IN - 3.2, framed.top - framed.bottom - 0.85)
    panel_title(axes, "Recorded attempts by guard post, difference", "person-attempts over all days")
    at = np.arange(len(posts))
    low, high = posts["placebo_low_95"].to_numpy(), posts["placebo_high_95"].to_numpy()
    axes.barh(at, high - low, left=low, height=0.7, color=PALE, lw=0, zorder=1)
    for y, row in zip(at, posts.to_dict("records"), strict=True):
        colour = colour_of(str(row["country"]), COUNTRY_COLOURS)
        axes.plot([row["low_95"], row["high_95"]], [y, y], color=colour, lw=1.6, zorder=3)
        axes.plot(row["difference"], y, ls="", marker="o", ms=4.0, mfc=colour, mec=PAPER, mew=0.6, zorder=4)
    axes.axvline(0.0, color=INK, lw=0.9, zorder=2)
    axes.set_yticks(at, list(posts["post"]), size=7.5)
    axes.set_ylim(-0.8, len(posts) - 0.2)
    axes.grid(axis="y", visible=False)
    countries = list(dict.fromkeys(posts["country"]))
    for country in countries:
        middle = float(at[posts["country"].to_numpy() == country].mean())
        axes.text(
            1.01,
            middle,
            named(country, COUNTRY_NAMES),
            transform=axes.get_yaxis_transform(),
            size=8.5,
            color=colour_of(country, COUNTRY_COLOURS),
            va="center",
            ha="left",
        )
    return framed

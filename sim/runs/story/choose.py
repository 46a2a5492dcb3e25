"""Whose life is told: somebody typical, whoever was outdoors longest, or a person named by number."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import StandoffError
from sim.model import StandoffModel
from sim.runs.story.watch import Watch

__all__ = ["CHOICES", "StoryError", "choose_person", "find_person"]

CHOICES: Final = ("typical", "longest")


class StoryError(StandoffError):
    """A story cannot be told: the run has no such person, or went another way than its folder says."""


def choose_person(watch: Watch, choose: str) -> tuple[int, str]:
    """Return the row of the person chosen and why, among those present when the record began or born later.

    ``typical``: nearest to the medians of attempts, nights outdoors and days, each difference divided by the mean
    difference; ``longest``: most hours outdoors. Ties go to the lowest number.

    Raises
    ------
    StoryError
        If there is nobody.
    """
    population = watch.model.people
    rows = np.flatnonzero(watch.present)
    if not len(rows):
        raise StoryError("story: found nobody in the recorded days of this run; choose another run")
    ids = population["id"][rows]
    among = f"of {len(rows):,} people who were there in the recorded days or came in them"
    if choose == "longest":
        hours = watch.hours_outdoors[rows]
        best = np.lexsort((ids, -hours))[0]
        why = f"Chosen for the longest time outdoors, {hours[best] / 24.0:,.0f} days, {among}."
        return int(rows[best]), why
    columns: list[NDArray[np.float64]] = [
        population["attempts"][rows].astype(np.float64),
        watch.nights[rows].astype(np.float64),
        (watch.ended - watch.born)[rows] / 24.0,
    ]
    medians = [float(np.median(column)) for column in columns]
    far = np.zeros(len(rows))
    for column, median in zip(columns, medians, strict=True):
        off = np.abs(column - median)
        far += off / max(float(off.mean()), 1e-9)
    best = np.lexsort((ids, far))[0]
    attempts, nights, days = (f"{median:,.0f}" for median in medians)
    why = (
        f"Chosen as typical: {among}, the nearest to the medians of attempts ({attempts}), nights outdoors ({nights}) "
        f"and days ({days})."
    )
    return int(rows[best]), why


def find_person(model: StandoffModel, person: int) -> int:
    """Return the row of a person given by number, or by position among the run's people (from 1)."""
    rows = np.flatnonzero(model.people["id"] == person)
    if len(rows):
        return int(rows[0])
    if 1 <= person <= len(model.people):
        return person - 1
    raise StoryError(f"PERSON: found {person}; must be 1 to {len(model.people):,}, or a person's number")

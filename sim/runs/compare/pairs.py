"""Pairs: two members under the same luck, when their worlds part, and whose fate is another in the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.agents.states import KINDS, ORIGINS, STATE_NAMES

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ABSENT", "FATES", "Flows", "changed_fates", "first_difference", "groups"]

Ints = NDArray[np.int64]

FATES: Final = (*STATE_NAMES, "absent")
"""Where a person is at the end: the states of the model, or in one world only."""
ABSENT: Final = len(STATE_NAMES)
NO_POST: Final = "at no post"


@dataclass(frozen=True)
class Flows:
    """Whose fate is another in the second world, by group.

    Attributes
    ----------
    counts : int64[n_groups, n_fates, n_fates], persons by fate in the first and in the second world; those whose fate
        is the same stand on the diagonal
    """

    counts: Ints

    @property
    def n_changed(self) -> int:
        """Persons of all groups whose fate is another."""
        everyone = self.counts[0]
        return int(everyone.sum() - np.trace(everyone))

    @property
    def n_people(self) -> int:
        """Persons who are in either world."""
        return int(self.counts[0].sum())


def groups(posts: list[str]) -> list[tuple[str, str]]:
    """Return the groups by which fates are told: everyone first, then origins, kinds of party, posts."""
    return [
        ("all", "all"),
        *(("origin", name) for name in ORIGINS),
        *(("party kind", name) for name in KINDS),
        *(("post", name) for name in [*posts, NO_POST]),
    ]


def first_difference(first: xr.Dataset, second: xr.Dataset, name: str = "world_print") -> int | None:
    """Return the first simulated hour at whose end two worlds differ, or None.

    `name` is ``world_print`` for anything that is watched, ``people_print`` for where people are.
    """
    differ = np.flatnonzero(first[name].values != second[name].values)
    return int(differ[0]) if len(differ) else None


def changed_fates(first: xr.Dataset, second: xr.Dataset) -> Flows:
    """Return the flows between the fates of two worlds, persons matched by their number.

    A person's group is that of the first world, or of the second where it is in no other: identity is fixed, but a
    post is where somebody was last seen at the end of a day, and may itself be another. Where an agent stands for
    several people all of them are counted.
    """
    a, b = first["person"].values, second["person"].values
    people = np.union1d(a, b)
    in_a, in_b = np.searchsorted(people, a), np.searchsorted(people, b)

    def column(name: str, otherwise: int) -> tuple[Ints, Ints]:
        one, other = np.full(len(people), otherwise), np.full(len(people), otherwise)
        one[in_a], other[in_b] = first[name].values, second[name].values
        return one, other

    fate_a, fate_b = column("fate", ABSENT)
    n_posts = first.sizes["post"]
    members: list[tuple[int, Ints]] = [(1, np.zeros(len(people), dtype=np.int64))]
    for name, n_values in (("origin", len(ORIGINS)), ("kind", len(KINDS)), ("last_post", n_posts + 1)):
        one, other = column(name, -1)
        value = np.where(one >= 0, one, other)
        members.append((n_values, np.minimum(value, n_values - 1)))  # a post of 255 is none: the last of its group
    n_fates, parts = len(FATES), []
    for n_values, value in members:
        cell = (value * n_fates + fate_a) * n_fates + fate_b
        parts.append(np.bincount(cell, minlength=n_values * n_fates**2).reshape(n_values, n_fates, n_fates))
    return Flows(np.concatenate(parts) * int(first.attrs.get("people_per_agent", 1)))

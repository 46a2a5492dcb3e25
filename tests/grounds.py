"""Strange ground: the real line with its terrain, cities and stretches of posts changed, for worlds that never were.

Country lengths, coordinates and crossing points stay as they are; kilometres between posts follow their new middles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.world.border import COUNTRIES, TERRAINS, Border, great_circle_km, load_border

__all__ = ["Ground", "grounds", "on_ground"]

_TERRAINS = ("real", "reversed", "shuffled", "by lot", *(f"all {name}" for name in TERRAINS))
_CITIES = ("real", "reversed", "shuffled", "all at the line", "all far")
_STRETCHES = ("real", "equal", "uneven")


@dataclass(frozen=True)
class Ground:
    """What is changed about the line.

    Attributes
    ----------
    terrain : where each kind of ground lies
    cities : how far each segment is from a Belarusian city
    stretches : how the segments of a country are shared among its posts
    lot : what decides where chance is asked for
    """

    terrain: str = "real"
    cities: str = "real"
    stretches: str = "real"
    lot: int = 0

    @property
    def is_real(self) -> bool:
        """Whether nothing is changed."""
        return {self.terrain, self.cities, self.stretches} == {"real"}


def grounds() -> st.SearchStrategy[Ground]:
    """Return a strategy of grounds: the real one about as often as not."""
    strange = st.builds(
        Ground,
        st.sampled_from(_TERRAINS),
        st.sampled_from(_CITIES),
        st.sampled_from(_STRETCHES),
        st.integers(0, 9),
    )
    return st.just(Ground()) | strange


@contextmanager
def on_ground(ground: Ground) -> Iterator[Border]:
    """Let worlds be built on a ground while the context lasts, and yield its border."""
    border = _border(ground)
    with patch("sim.world.world.load_border", lambda: border):
        yield border


@cache
def _border(ground: Ground) -> Border:
    real = load_border()
    if ground.is_real:
        return real
    rng = np.random.default_rng(ground.lot)
    first, end = _stretches(real, ground.stretches, rng)
    post = np.repeat(np.arange(len(first)), end - first)
    segments = replace(
        real.segments,
        terrain=_frozen(_terrain(real.segments.terrain, ground.terrain, rng)),
        city_km_by=_frozen(_city_km(real.segments.city_km_by, ground.cities, rng)),
        post=_frozen(post.astype(np.uint8)),
    )
    middle = (first + end) // 2
    posts = replace(
        real.posts,
        first_segment=_frozen(first.astype(np.int32)),
        end_segment=_frozen(end.astype(np.int32)),
        length_km=_frozen((end - first).astype(np.float64)),
        lon=_frozen(segments.lon[middle]),
        lat=_frozen(segments.lat[middle]),
    )
    lon, lat = posts.lon[:, None], posts.lat[:, None]
    places = tuple(replace(place, post=int(post[place.segment])) for place in real.places)
    return Border(segments, posts, real.towns, places, _frozen(great_circle_km(lon, lat, lon.T, lat.T)))


def _terrain(real: NDArray[np.uint8], how: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    match how:
        case "real":
            return real.copy()
        case "reversed":
            return real[::-1].copy()
        case "shuffled":
            return rng.permutation(real)
        case "by lot":
            return rng.integers(0, len(TERRAINS), len(real)).astype(np.uint8)
    return np.full(len(real), TERRAINS.index(how.removeprefix("all ")), dtype=np.uint8)


def _city_km(real: NDArray[np.float64], how: str, rng: np.random.Generator) -> NDArray[np.float64]:
    match how:
        case "real":
            return real.copy()
        case "reversed":
            return real[::-1].copy()
        case "shuffled":
            return rng.permutation(real)
    return np.full(len(real), 0.0 if how == "all at the line" else 1000.0)


def _stretches(real: Border, how: str, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first segment and end of each post, south to north; every post keeps at least one segment."""
    if how == "real":
        return real.posts.first_segment.astype(np.int64), real.posts.end_segment.astype(np.int64)
    first: list[int] = []
    end: list[int] = []
    start = 0
    for country in range(len(COUNTRIES)):
        n_segments = int((real.segments.country == country).sum())
        n_posts = int((real.posts.country == country).sum())
        if how == "equal":
            cuts = [n_segments * number // n_posts for number in range(n_posts + 1)]
        else:
            inner = rng.choice(np.arange(1, n_segments), n_posts - 1, replace=False)
            cuts = [0, *sorted(inner.tolist()), n_segments]
        first += [start + cut for cut in cuts[:-1]]
        end += [start + cut for cut in cuts[1:]]
        start += n_segments
    return np.array(first), np.array(end)


def _frozen(values: NDArray[np.generic]) -> NDArray[np.generic]:
    values.setflags(write=False)
    return values

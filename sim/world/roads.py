"""Access roads behind the line and what is known of the ground: the other work of engineers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sim.world.border import Border

__all__ = ["SEGMENT_M", "Roads", "check_metres", "checked"]

SEGMENT_M: Final = 1000.0
"""Length of a segment, m; its access road is taken to be as long."""

Floats = NDArray[np.float64]


class Roads:
    """Access roads behind the line that engineers mended, and stretches they surveyed.

    Attributes:
        mended_share: float64[n_segments], share of the access road of each segment that is mended, [0, 1].
        surveyed_m: float64[n_segments], metres of the segment walked by a survey team, [0, 1000].
        surveyed: bool[n_segments], whether the whole segment is surveyed.
        response_road_factor: float64[n_posts], factor on a post's response time: the mean, over its
            segments, of the factor where the road is mended and 1 elsewhere, (0, 1].
    """

    def __init__(self, border: Border, mended_road_factor: float = 1.0) -> None:
        """Start with nothing mended and nothing surveyed; for the factor see :meth:`set_factor`."""
        n_segments = len(border.segments)
        self._post: NDArray[np.uint8] = border.segments.post
        self._first: list[int] = border.posts.first_segment.tolist()
        self._end: list[int] = border.posts.end_segment.tolist()
        self.mended_share: Floats = np.zeros(n_segments)
        self.surveyed_m: Floats = np.zeros(n_segments)
        self.surveyed: NDArray[np.bool_] = np.zeros(n_segments, dtype=bool)
        self.response_road_factor: Floats = np.ones(len(border.posts))
        self.set_factor(mended_road_factor)

    def set_factor(self, mended_road_factor: float) -> None:
        """Set the factor on response time where the road is mended, (0, 1], and work out every post.

        Raises:
            ValueError: a factor outside (0, 1].
        """
        if not 0.0 < mended_road_factor <= 1.0:
            raise ValueError(f"mended_road_factor: found {mended_road_factor:g}; allowed is (0, 1]")
        self._factor = mended_road_factor
        for post in range(len(self._first)):
            self._refresh(post)

    def mend(self, segment: int, metres: float) -> float:
        """Mend up to `metres` of a segment's access road (taken as 1,000 m) and return the metres mended.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        share = float(self.mended_share[segment])
        room = (1.0 - share) * SEGMENT_M
        mended = min(metres, room)
        if mended > 0.0:
            self.mended_share[segment] = 1.0 if metres >= room else min(1.0, share + mended / SEGMENT_M)
            self._refresh(int(self._post[segment]))
        return mended

    def survey(self, segment: int, metres: float) -> float:
        """Walk up to `metres` of a segment and return the metres newly surveyed.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        walked = float(self.surveyed_m[segment])
        room = SEGMENT_M - walked
        self.surveyed_m[segment] = SEGMENT_M if metres >= room else walked + metres
        self.surveyed[segment] = self.surveyed_m[segment] >= SEGMENT_M
        return min(metres, room)

    def _refresh(self, post: int) -> None:
        """Work out the factor of one post, by a running sum: its order is fixed, that of np.sum is not."""
        share = self.mended_share[self._first[post] : self._end[post]]
        running = np.cumsum(1.0 + share * (self._factor - 1.0))
        self.response_road_factor[post] = running[-1] / len(share)

    def copy(self) -> Self:
        """Return roads that change on their own from here."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        for name in ("mended_share", "surveyed_m", "surveyed", "response_road_factor"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that changes, by name."""
        return {"mended_share": self.mended_share.copy(), "surveyed_m": self.surveyed_m.copy()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what :meth:`state` returned.

        Raises:
            ValueError: an array of another shape, or a value outside its interval.
        """
        shape = self.mended_share.shape
        mended = checked(state["mended_share"], "mended_share", shape, 1.0)
        walked = checked(state["surveyed_m"], "surveyed_m", shape, SEGMENT_M)
        self.mended_share, self.surveyed_m, self.surveyed = mended, walked, walked >= SEGMENT_M
        self.set_factor(self._factor)


def check_metres(metres: float) -> None:
    """Refuse a length that is negative or not a number."""
    if not metres >= 0.0:
        raise ValueError(f"metres: found {metres!r}; a length of 0 or more is needed")


def checked(values: NDArray[Any], name: str, shape: tuple[int, ...], most: float) -> Floats:
    """Return a float64 copy of `values`, or say what is wrong with their shape or interval."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name}: found shape {array.shape}; {shape} is needed")
    if not bool(np.all((array >= 0.0) & (array <= most))):
        raise ValueError(f"{name}: found {array.min():g} to {array.max():g}; allowed is [0, {most:g}]")
    return array

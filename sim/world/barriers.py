"""Barriers on the line, layer by layer.

Each segment is one official kilometre. A layer on it has metres that stand and an integrity: the share of
those metres that still do their work. Engineers build and mend, people who get over wear it down. What the
many meet is worked out only where something changed: a delay and a factor on detection for each segment.

Sums of floats here are written out in a fixed order (never a dot product or a pairwise sum), so that one
segment worked out alone gives the same bits as all segments at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import Problem, ScenarioError
from sim.world.border import COUNTRIES, TERRAINS, Border
from sim.world.roads import SEGMENT_M, Roads, check_metres, checked

if TYPE_CHECKING:
    from sim.scenario.forces import Barriers as BarrierNumbers
    from sim.scenario.forces import ExistingBarrier

__all__ = ["LAYERS", "SEGMENT_M", "WIRE", "Barriers", "Roads"]

LAYERS: Final = ("low_coil", "wire_fence", "steel_wall", "electronics")
"""Layers of barrier, in the order in which their delays are added."""

WIRE: Final = (LAYERS.index("low_coil"), LAYERS.index("wire_fence"))
"""Layers that can be cut by hand."""

_WATER: Final = ("river_wide", "lake")
_EASY_GROUND: Final = ("open", "built_up", "stream", "forest", "wetland", "river_wide", "lake")

Floats = NDArray[np.float64]


class Barriers:
    """Layers of barrier on every segment, with what they add to delay and detection.

    Attributes:
        built_m: float64[4, n_segments], metres of each layer that stand, [0, 1000].
        integrity: float64[4, n_segments], share of them that still does its work, [0, 1]; 1 where nothing
            stands.
        may_stand: bool[4, n_segments], where a layer can be built: no layer in a lake, and on the bank of a
            wide river only coil, as laid along the Bug from December 2021.
        natural_delay_hours: float64[n_segments], delay by water and bog alone, h.
        delay_hours: float64[n_segments], mean delay at the line, h, >= `natural_delay_hours`.
        watched_m: float64[n_segments], how far the segment's observation post is built, [0, 1000]; at 1000 it stands.
        detection_factor: float64[n_segments], how many times wider patrols sweep there, >= 1.
    """

    def __init__(self, section: BarrierNumbers, border: Border) -> None:
        """Start with nature alone; `section` gives the delay of each layer and terrain."""
        segments = border.segments
        n_segments = len(segments)
        self.country: NDArray[np.uint8] = segments.country
        self._border = border
        natural = dict.fromkeys(TERRAINS, 0.0)
        natural["stream"] = float(section.stream_minutes) / 60.0
        natural["wetland"] = float(section.wetland_minutes) / 60.0
        natural["river_wide"] = natural["lake"] = float(section.wide_river_minutes) / 60.0
        self.natural_delay_hours: Floats = np.array([natural[name] for name in TERRAINS])[segments.terrain]
        self.layer_delay_hours: tuple[float, ...] = (
            float(section.low_coil_minutes) / 60.0,
            float(section.wire_fence_minutes) / 60.0,
            float(section.steel_wall_minutes) / 60.0,
            float(section.electronics_minutes) / 60.0,
        )
        self._detection_gain = float(section.electronics_detection) - 1.0
        self._view_gain = float(section.observation_post_detection) - 1.0

        on_land = ~np.isin(segments.terrain, codes_of(_WATER))
        self.may_stand: NDArray[np.bool_] = np.tile(on_land, (len(LAYERS), 1))
        self.may_stand[LAYERS.index("low_coil")] = segments.terrain != TERRAINS.index("lake")
        self.built_m: Floats = np.zeros((len(LAYERS), n_segments))
        self.integrity: Floats = np.ones((len(LAYERS), n_segments))
        self.delay_hours: Floats = self.natural_delay_hours.copy()
        self.watched_m: Floats = np.zeros(n_segments)
        self.detection_factor: Floats = np.ones(n_segments)

    def __len__(self) -> int:
        return len(self.delay_hours)

    # ------------------------------------------------------------ what changes it

    def build(self, layer: int, segment: int, metres: float) -> float:
        """Raise up to `metres` of a layer on a segment and return the metres added, [0, 1000].

        New metres are whole: the integrity of the layer becomes the mean by length.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        if not self.may_stand.item(layer, segment):
            return 0.0
        built = self.built_m.item(layer, segment)
        added = min(metres, SEGMENT_M - built)
        if added <= 0.0:
            return 0.0
        standing = SEGMENT_M if metres >= SEGMENT_M - built else built + added
        whole = built * self.integrity.item(layer, segment) + added
        self.integrity[layer, segment] = min(1.0, whole / standing)
        self.built_m[layer, segment] = standing
        self._refresh_one(segment)
        return added

    def raise_observation_post(self, segment: int, metres: float) -> float:
        """Go on with an observation post by up to `metres` (a whole post is taken as 1,000) and return those done.

        Nobody looks out of half a post: it helps to see when it stands.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        done = float(self.watched_m[segment])
        room = SEGMENT_M - done
        if room <= 0.0:
            return 0.0
        self.watched_m[segment] = SEGMENT_M if metres >= room else done + metres
        self._refresh_one(segment)
        return min(metres, room)

    def mend(self, segment: int, metres: float) -> float:
        """Restore up to `metres` of the most damaged layer on a segment and return the metres mended.

        The most damaged layer is the one with the most breached metres (the lower number among equals).
        When it is whole again nothing is left over for the next layer: call again.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        layer, most = 0, 0.0
        built, integrity = self.built_m[:, segment].tolist(), self.integrity[:, segment].tolist()
        for number, metres_there in enumerate(built):
            breached = (1.0 - integrity[number]) * metres_there
            if breached > most:
                layer, most = number, breached
        mended: float = min(metres, most)
        if mended <= 0.0:
            return 0.0
        restored = 1.0 if metres >= most else min(1.0, integrity[layer] + mended / built[layer])
        self.integrity[layer, segment] = integrity[layer] = restored
        self._work_out(segment, built, integrity)
        return mended

    def wear(self, segments: ArrayLike, loss: ArrayLike) -> None:
        """Take the share `loss` of its integrity from every layer that stands at `segments`.

        `segments` is int[n], `loss` float[n] or one number, [0, 1]. A segment that is named several times
        loses several times, in that order: integrity times (1 − loss) for each, as if each had come alone.

        Raises:
            ValueError: a loss outside [0, 1].
        """
        where = np.atleast_1d(np.asarray(segments, dtype=np.intp))
        if where.size == 0:
            return
        lost = np.asarray(loss, dtype=np.float64)
        lowest, highest = (loss, loss) if isinstance(loss, float) else (lost.min(), lost.max())
        if not (lowest >= 0.0 and highest <= 1.0):
            raise ValueError(f"loss: found {lowest:g} to {highest:g}; allowed are shares in [0, 1]")
        standing = self.built_m.take(where, axis=1) > 0.0
        layers = np.logical_or.reduce(standing, axis=1).nonzero()[0]
        if not len(layers):
            return
        kept = np.float64(1.0) - lost
        for layer in layers:
            there = standing[layer].nonzero()[0]
            np.multiply.at(self.integrity[layer], where[there], kept if kept.ndim == 0 else kept[there])
        self._refresh(where)

    def damage(self, segment: int, loss: float) -> None:
        """Take the share `loss`, [0, 1], of its integrity from every layer that stands on one segment."""
        self.wear([segment], loss)

    def cut(self, segment: int, metres: float) -> float:
        """Cut a gap of up to `metres` into the coil and the fence on a segment; return the metres lost, both together.

        What is already breached is not cut again. Wall and electronics stay.

        Raises:
            ValueError: `metres` negative or not a number.
        """
        check_metres(metres)
        total = 0.0
        for layer in WIRE:
            built = float(self.built_m[layer, segment])
            if built <= 0.0:
                continue
            integrity = float(self.integrity[layer, segment])
            whole = integrity * built
            lost = min(metres, whole)
            self.integrity[layer, segment] = 0.0 if metres >= whole else max(0.0, integrity - lost / built)
            total += lost
        if total > 0.0:
            self._refresh_one(segment)
        return total

    def place_existing(self, rows: Sequence[ExistingBarrier], *, as_far_as_there_is_room: bool = False) -> None:
        """Put up what stands when the run begins: first on easy ground, there first near crossing points.

        Ground is taken in the order open, built-up, streams, forest, bog, and wide rivers last (coil only);
        among equals the segment nearest to a crossing point, then the southernmost. Rows for one layer add
        up.

        Args:
            rows: what stands, and where.
            as_far_as_there_is_room: leave out what finds no room, for barriers that come later, when crews may have
                built there already.

        Raises:
            ScenarioError: a country has no room for the kilometres of some rows; every such row is named.
        """
        segments = self._border.segments
        ease = np.empty(len(TERRAINS), dtype=np.int64)
        ease[codes_of(_EASY_GROUND)] = np.arange(len(_EASY_GROUND))
        order = np.lexsort((np.arange(len(self)), segments.crossing_km, ease[segments.terrain]))
        problems = []
        for number, row in enumerate(rows):
            layer = LAYERS.index(row.layer)
            left_m = row.km * SEGMENT_M
            there = (order >= row.from_segment) & (order < row.end_segment)
            for segment in order[there & (segments.country[order] == COUNTRIES.index(row.country))]:
                if left_m <= 0.0:
                    break
                left_m -= self.build(layer, int(segment), left_m)
            if left_m > 1e-6 and not as_far_as_there_is_room:
                allowed = f"{row.country} has room for {row.km - left_m / SEGMENT_M:g} km more of {row.layer}"
                problems.append(Problem("scenario", f"existing[{number}].km", f"{row.km:g}", allowed))
        if problems:
            raise ScenarioError(problems)

    # ------------------------------------------------------------ what it is now

    def delay_as_raised_hours(self) -> Floats:
        """Return the mean delay on each segment if no barrier were breached, float64[n_segments], h.

        This is what leaves the model: where barriers are breached does not (see docs/ethics.md).
        """
        delay = self.natural_delay_hours.copy()
        for layer, hours in enumerate(self.layer_delay_hours):
            delay += self.built_m[layer] / SEGMENT_M * hours
        return delay

    def breached_m(self, segment: int) -> float:
        """Return the metres of all layers on a segment that stand but no longer do their work, [0, 4000]."""
        total = 0.0
        for layer in range(len(LAYERS)):
            total += (1.0 - float(self.integrity[layer, segment])) * float(self.built_m[layer, segment])
        return total

    def breached_by_segment(self, first: int = 0, end: int | None = None) -> Floats:
        """Return :meth:`breached_m` of the segments `first` up to `end`, float64[end - first], m."""
        lost = (1.0 - self.integrity[:, first:end]) * self.built_m[:, first:end]
        total: Floats = 0.0 + lost[0]
        for layer in range(1, len(LAYERS)):
            total += lost[layer]
        return total

    def km(self, country: int, layer: int) -> float:
        """Return the kilometres of a layer that stand in a country (numbers as in COUNTRIES and LAYERS)."""
        return float(self.km_by_country_layer()[country, layer])

    def km_by_country_layer(self) -> Floats:
        """Return the kilometres that stand, float64[3, 4], countries by layers."""
        by_layer = [np.bincount(self.country, weights=row, minlength=len(COUNTRIES)) for row in self.built_m]
        return np.stack(by_layer, axis=1) / SEGMENT_M

    # ------------------------------------------------------------ keeping delay and detection up to date

    def _refresh_one(self, segment: int) -> None:
        """Work out delay and detection of one segment: the same sums as :meth:`_refresh`, on plain floats."""
        self._work_out(segment, self.built_m[:, segment].tolist(), self.integrity[:, segment].tolist())

    def _work_out(self, segment: int, built: list[float], integrity: list[float]) -> None:
        """Work out delay and detection of one segment from what stands on it, layer by layer."""
        delay = self.natural_delay_hours.item(segment)
        for metres, whole, layer_delay in zip(built, integrity, self.layer_delay_hours, strict=True):
            effect = metres / SEGMENT_M * whole
            delay = delay + effect * layer_delay
        self.delay_hours[segment] = delay
        seen = 1.0 + effect * self._detection_gain  # electronics are the last layer
        view = self._view_gain if self.watched_m.item(segment) >= SEGMENT_M else 0.0
        self.detection_factor[segment] = seen * (1.0 + view)

    def _refresh(self, segments: NDArray[np.intp]) -> None:
        """Work out delay and detection of some segments, int[n]; a segment may be named twice."""
        effect = self.built_m.take(segments, axis=1) / SEGMENT_M * self.integrity.take(segments, axis=1)
        delay = self.natural_delay_hours[segments]
        for layer, layer_delay in enumerate(self.layer_delay_hours):
            delay = delay + effect[layer] * layer_delay
        self.delay_hours[segments] = delay
        seen = 1.0 + effect[-1] * self._detection_gain
        self.detection_factor[segments] = seen * (1.0 + (self.watched_m[segments] >= SEGMENT_M) * self._view_gain)

    # ------------------------------------------------------------ copies and snapshots

    def copy(self) -> Self:
        """Return barriers that change on their own from here."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.built_m, other.integrity = self.built_m.copy(), self.integrity.copy()
        other.watched_m = self.watched_m.copy()
        other.delay_hours, other.detection_factor = self.delay_hours.copy(), self.detection_factor.copy()
        return other

    def state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that changes, by name; delay and detection follow from it."""
        return {
            "built_m": self.built_m.copy(), "integrity": self.integrity.copy(), "watched_m": self.watched_m.copy(),
        }  # fmt: skip

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what :meth:`state` returned.

        Raises:
            ValueError: an array of another shape, or a value outside its interval.
        """
        built = checked(state["built_m"], "built_m", self.built_m.shape, SEGMENT_M)
        integrity = checked(state["integrity"], "integrity", self.integrity.shape, 1.0)
        self.watched_m = checked(state["watched_m"], "watched_m", self.watched_m.shape, SEGMENT_M)
        self.built_m, self.integrity = built, integrity
        self._refresh(np.arange(len(self), dtype=np.intp))


def codes_of(terrains: Sequence[str]) -> NDArray[np.int64]:
    """Return the codes of terrains, int64[n], as indices of TERRAINS."""
    return np.array([TERRAINS.index(name) for name in terrains], dtype=np.int64)

"""Where the boxes and ribbons of the flow picture stand: people's moves between states laid out on paper, in inches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["COLUMN_OF", "FATES", "HUMANE", "Box", "Layout", "Ribbon", "lay_out", "streams"]

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]
Stream = tuple[str, str, float]
"""Moves of persons from one state to another, and how many."""

COLUMN_OF: Final[dict[str, tuple[int, int]]] = {
    "arrivals": (0, 0),
    "minsk": (1, 0),
    "ride": (2, 0),
    "line": (3, 0),
    "camp": (4, 0),
    "inside": (4, 1),
    "centre": (5, 0),
    "road_west": (5, 1),
    "custody": (5, 2),
    "procedure": (6, 5),
    "returning": (5, 3),
    "going_home": (6, 0),
    "hospital_belarus": (6, 3),
    "hospital": (6, 3),
    "hospital_eu": (6, 4),
    "home": (7, 0),
    "west": (7, 1),
    "dead": (7, 5),
}
"""Column, left to right, and order in it, top to bottom: the journey as it is meant to go, then how it ends."""

FATES: Final = ("west", "home", "dead")
"""States that nobody leaves: only those who come in the days shown take up paper."""

HUMANE: Final = ("dead", "hospital", "hospital_belarus", "hospital_eu")
"""States into which every move is drawn and numbered, however few people make it."""

SMALLEST_SHARE: Final = 0.02
"""Moves of fewer people than this share of the greatest move are left to the table, unless they are humane ones."""

BOX_IN: Final = 0.13
_GAP_IN: Final = 0.62
_LEAST_IN: Final = 0.02
_BESIDE_NAMES_IN: Final = 0.125
"""How far left of a box its name has ended: where lines pass upright between the names of two columns."""
_APART_IN: Final = 0.025
"""From one line of deaths to the next, beside their width."""
_BELOW_IN: Final = 0.08
_MOST_APART_IN: Final = 1.5
"""How far boxes of a column are moved apart at most where its paper is not needed for them."""


@dataclass
class Box:
    """A state: how many were there at the start and at the end, how many moved in and out; its place in inches."""

    name: str
    start: float
    end: float
    into: float
    out: float
    x: float = 0.0
    top: float = 0.0
    height: float = 0.0
    left_used: float = 0.0
    right_used: float = 0.0


@dataclass(frozen=True)
class Ribbon:
    """Moves from one state to another: `size` persons, upper edge at both ends and width, in inches."""

    source: str
    target: str
    size: float
    source_top: float
    target_top: float
    width: float
    backward: bool
    lane: float = 0.0
    """Middle of the way back under the boxes, for a backward ribbon."""
    way: tuple[Point, ...] = ()
    """Corners of the middle line of deaths: between the names, under all boxes, into their own; else empty."""


@dataclass(frozen=True)
class Layout:
    """Boxes by name, ribbons, inches per person, and the lowest line used."""

    boxes: dict[str, Box]
    ribbons: list[Ribbon] = field(default_factory=list)
    per_person: float = 0.0
    bottom: float = 0.0


def streams(states: list[str], flow: Floats, arrivals: float) -> tuple[list[Stream], list[Stream]]:
    """Return the streams of people to be drawn, and those left to the table because few people make them."""
    moves = [("arrivals", "minsk", arrivals)] if arrivals > 0 else []
    moves += [
        (states[a], states[b], float(flow[a, b]))
        for a in range(len(states))
        for b in range(len(states))
        if a != b and flow[a, b] > 0
    ]
    least = SMALLEST_SHARE * max((size for _, _, size in moves), default=0.0)
    small = [move for move in moves if move[2] < least and move[1] not in HUMANE]
    return [move for move in moves if move not in small], small


def lay_out(states: list[str], flow: Floats, final: Floats, arrivals: float, *, width: float, height: float) -> Layout:
    """Return the layout of moves `flow` (float64[n, n], from row to column) on paper of `width` by `height` inches.

    `final` is who is where at the end, float64[n]. Who was there at the start follows, since nobody is lost: those at
    the end, and those who left, less those who came.
    """
    boxes: dict[str, Box] = {}
    moves, _ = streams(states, flow, arrivals)
    off_diagonal = flow - np.diag(np.diag(flow))
    for number, name in enumerate(states):
        into, out = float(off_diagonal[:, number].sum()), float(off_diagonal[number].sum())
        landed = arrivals if name == "minsk" else 0.0
        start = max(float(final[number]) + out - into - landed, 0.0)
        if start + into + out + landed + final[number] > 0:
            boxes[name] = Box(name, start, float(final[number]), into + landed, out)
    if arrivals > 0:
        boxes["arrivals"] = Box("arrivals", arrivals, 0.0, 0.0, arrivals)
    if not boxes:
        return Layout({})
    columns: dict[int, list[Box]] = {}
    for box in sorted(boxes.values(), key=lambda b: COLUMN_OF.get(b.name, (6, 9))[1]):
        columns.setdefault(COLUMN_OF.get(box.name, (6, 9))[0], []).append(box)
    backward_total = sum(size for source, target, size in moves if _is_backward(source, target))
    n_backward = sum(_is_backward(source, target) for source, target, _ in moves)
    deaths = [size for _, target, size in moves if target == "dead"]
    under = 0.05 * n_backward + _APART_IN * len(deaths) + _BELOW_IN + 0.16
    room = min(
        (height - _GAP_IN * len(column) - under) / (sum(_through(box) for box in column) + backward_total + sum(deaths))
        for column in columns.values()
    )
    step = (width - 1.15) / max(*columns, 1)
    for number, column in columns.items():
        y = height
        for box in column:
            box.x = number * step
            box.height = max(_through(box) * room, _LEAST_IN)
            y -= _GAP_IN
            box.top = y
            y -= box.height
    floor = min(box.top - box.height for box in boxes.values())
    for column in columns.values():
        _spread(column, floor)
    return _with_ribbons(boxes, moves, room, floor, step)


def _spread(column: list[Box], floor: float) -> None:
    """Move the boxes of a column apart, down to the floor at most: ribbons pass between their names, not over them."""
    if len(column) < 2:
        return
    left = column[-1].top - column[-1].height - floor
    apart = min(left / (len(column) - 1), _MOST_APART_IN)
    for number, box in enumerate(column):
        box.top -= number * apart


def _through(box: Box) -> float:
    return box.into if box.name in FATES else max(box.start + box.into, box.end + box.out)


def _is_backward(source: str, target: str) -> bool:
    return COLUMN_OF.get(target, (6, 9))[0] <= COLUMN_OF.get(source, (6, 9))[0]


def _column(name: str) -> int:
    return COLUMN_OF.get(name, (6, 9))[0]


def _with_ribbons(boxes: dict[str, Box], moves: list[Stream], room: float, floor: float, step: float) -> Layout:
    """Give every move its place on both boxes: forward ones from the top, by the height of the other end; then back."""
    for box in boxes.values():
        # Those who were there already, and those who stay, hold the upper end of the two sides.
        if box.name not in FATES:
            box.left_used, box.right_used = box.start * room, box.end * room
    forward = [move for move in moves if not _is_backward(move[0], move[1])]
    back = [move for move in moves if _is_backward(move[0], move[1])]
    ends: dict[tuple[str, str], list[float]] = {(source, target): [0.0, 0.0] for source, target, _ in moves}
    back.sort(key=lambda move: (boxes[move[0]].x - boxes[move[1]].x, move[0], move[1]))
    for source, target, size in [*sorted(forward, key=lambda m: (-boxes[m[1]].top, m[1])), *back]:
        ends[source, target][0] = boxes[source].top - boxes[source].right_used
        boxes[source].right_used += size * room
    # Deaths reach their box from the right-most way to the left-most, so that none crosses another before it.
    deaths = sorted(
        (move for move in forward if move[1] == "dead"), key=lambda m: (_column(m[0]), boxes[m[0]].top, m[0])
    )
    others = sorted((m for m in forward if m[1] != "dead"), key=lambda m: (-boxes[m[0]].top, m[0]))
    for source, target, size in [*others, *deaths[::-1], *back]:
        ends[source, target][1] = boxes[target].top - boxes[target].left_used
        boxes[target].left_used += size * room
    ways, lane = _ways_of_deaths(boxes, deaths, ends, room, floor, step)
    lane -= 0.15
    ribbons = []
    for source, target, size in forward:
        start, end = ends[source, target]
        way = ways[source] if target == "dead" else ()
        ribbons.append(Ribbon(source, target, size, start, end, size * room, backward=False, way=way))
    for source, target, size in back:
        wide = size * room
        start, end = ends[source, target]
        ribbons.append(Ribbon(source, target, size, start, end, wide, backward=True, lane=lane - wide / 2))
        lane -= wide + 0.05
    return Layout(boxes, ribbons, room, lane)


def _ways_of_deaths(
    boxes: dict[str, Box], deaths: list[Stream], ends: dict[tuple[str, str], list[float]], room: float, floor: float,
    step: float,
) -> tuple[dict[str, tuple[Point, ...]], float]:  # fmt: skip
    """Return the corners of each way to death by where it begins, and the lowest line that they use.

    Straight ribbons would run behind the names of the boxes between, and these few people must be seen. So a way leaves
    its box to the right, goes down before the names of the next column begin, and along below all boxes. Of the ways
    that go down beside each other the highest keeps right, and of those below the left-most keeps lowest: none crosses.
    """
    if not deaths:
        return {}, floor
    apart = {source: size * room + _APART_IN for source, _, size in deaths}
    final = boxes["dead"].x - _BESIDE_NAMES_IN
    below = [source for source, _, _ in deaths if (_column(source) + 1) * step < boxes["dead"].x - step / 2]
    lowest = floor - _BELOW_IN - sum(apart[source] for source in below)
    ways: dict[str, tuple[Point, ...]] = {}
    upright = {
        column: (column + 1) * step - _BESIDE_NAMES_IN - sum(apart[s] for s, _, _ in deaths if _column(s) == column)
        for column in {_column(source) for source, _, _ in deaths}
    }
    y, turn = lowest, final
    for source, target, size in deaths:
        wide = size * room
        box, column = boxes[source], _column(source)
        leaves, reaches = (end - wide / 2 for end in ends[source, target])
        down = upright[column] = upright[column] + apart[source]
        first, last = ((box.x + BOX_IN, leaves), (down, leaves)), (boxes["dead"].x, reaches)
        if source not in below:
            ways[source] = (*first, (down, reaches), last)
            continue
        y += apart[source] / 2
        ways[source] = (*first, (down, y), (turn, y), (turn, reaches), last)
        y += apart[source] / 2
        turn -= apart[source]
    return ways, lowest

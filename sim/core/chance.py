"""Chance as a function: ``draw(seed, kind, id, purpose, occasion)`` gives the same four uniforms every time.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11) turns the
address of a draw into random words, so luck does not depend on the order or batch in which it is drawn, on what else
is drawn, or on what is recorded. The counter holds (id low, id high, kind and purpose, occasion), the key holds the
seed. *Occasion* is the entity's own count for that purpose, or an absolute hour or day.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.core.members import quick_members

__all__ = ["Address", "Kind", "Purpose", "draw", "draw_all", "exponential", "philox", "poisson"]

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_ROUNDS = 10
_LOW_HALF = 0 if sys.byteorder == "little" else 1
_BLOCK = 4096
"""Counters worked out together: few enough to stay in cache."""


@quick_members
class Kind(IntEnum):
    """What sort of entity a draw belongs to."""

    PERSON = 1
    PARTY = 2
    POST = 3
    SERVICES = 4
    WEATHER = 5
    TEAM = 6
    DRILL = 7
    GOVERNMENT = 8
    PAIR = 9
    ROUTE = 10
    ORDER = 11
    TEST = 12


@quick_members
class Purpose(IntEnum):
    """What a draw decides; a new purpose never shifts the luck of another."""

    PARTY_MAKE_UP = 1
    BODY = 2
    MARK = 3
    CAUSE = 4
    ATTEMPT = 5
    ATTEMPT_TIMES = 6
    AFTER_CATCH = 7
    PLACE = 8
    ORDERED = 9
    ILLNESS = 10
    TOLERANCE = 11
    HANDLING = 12
    RIVER = 13
    DRIVE = 15
    FAVOUR = 16
    GROUPS = 17
    GROUP_SIZE = 18
    WEATHER = 19
    DROP = 20
    ANSWER = 21
    INCIDENT = 22
    OBSERVED = 23
    LOAD = 25
    DANGER = 30
    TREES = 40
    COVER = 50
    CUTS = 51


Words = NDArray[np.uint32] | NDArray[np.uint64]

Address = tuple[Kind, ArrayLike, Purpose, ArrayLike]
"""Kind, ids, purpose and occasion of a draw."""


def philox(counter: Words, key_low: int, key_high: int) -> NDArray[np.uint32]:
    """Return the Philox 4x32-10 block of each counter.

    Words 0 and 2 are multiplied, words 1 and 3 are not. The two multiplied words of all counters stand one behind the
    other in one flat array, and so do multipliers and keys: numpy takes its short way only for arrays of one dimension
    without broadcasting, and for few counters its overhead is most of the cost. The halves of a product are views on
    it; two products take turns, since the low half is needed a round later.

    Parameters
    ----------
    counter : uint32 or uint64[4, n], each word below 2**32; few thousand at once stay in cache
    key_low, key_high : the two 32-bit words of the key

    Returns
    -------
    uint32[4, n]
    """
    n = counter.shape[1]
    multipliers, keys = _middle(key_low, key_high, n)
    multiplied = np.concatenate((counter[0], counter[2]), dtype=np.uint64)
    words = multiplied.view(np.uint32)[_LOW_HALF::2]
    first, second = words[:n], words[n:]
    other_first, other_second = counter[1].astype(np.uint32), counter[3].astype(np.uint32)
    turns = []
    for product in (np.empty(2 * n, dtype=np.uint64), np.empty(2 * n, dtype=np.uint64)):
        halves = product.view(np.uint32)
        high, low = halves[1 - _LOW_HALF :: 2], halves[_LOW_HALF::2]
        turns.append((product, high[n:], high[:n], low[n:], low[:n]))
    turn, next_turn = turns
    for key in keys:
        product, high_second, high_first, low_second, low_first = turn
        np.multiply(multiplied, multipliers, product)
        np.bitwise_xor(high_second, other_first, first)
        np.bitwise_xor(high_first, other_second, second)
        np.bitwise_xor(words, key, words)
        other_first, other_second = low_second, low_first
        turn, next_turn = next_turn, turn
    block = np.empty((4, n), dtype=np.uint32)
    block[0], block[1], block[2], block[3] = first, other_first, second, other_second
    return block


@functools.lru_cache(maxsize=16)
def _spread(key_low: int, key_high: int, most: int) -> tuple[NDArray[np.uint64], tuple[NDArray[np.uint32], ...]]:
    """Return multipliers, uint64[2 * most], and each round's keys, uint32[2 * most]: raised by Weyl constants.

    The first half belongs to word 0, the second to word 2; any 2n entries around the middle serve n counters.
    """
    rounds = range(_ROUNDS)
    keys = [((key_low + n * _WEYL_0) & 0xFFFFFFFF, (key_high + n * _WEYL_1) & 0xFFFFFFFF) for n in rounds]
    return np.repeat(_MULTIPLIERS, most), tuple(np.repeat(np.array(pair, dtype=np.uint32), most) for pair in keys)


@functools.lru_cache(maxsize=1024)
def _middle(key_low: int, key_high: int, n: int) -> tuple[NDArray[np.uint64], tuple[NDArray[np.uint32], ...]]:
    """Return views on what :func:`_spread` holds, for n counters: uint64[2n] and uint32[2n] a round."""
    most = max(n, _BLOCK)
    multipliers, keys = _spread(key_low, key_high, most)
    middle = slice(most - n, most + n)
    return multipliers[middle], tuple(key[middle] for key in keys)


def draw(seed: int, kind: Kind, ids: ArrayLike, purpose: Purpose, occasion: ArrayLike) -> NDArray[np.float64]:
    """Return four uniforms in (0, 1) for each entity: the lanes of one Philox block.

    Parameters
    ----------
    seed : 64-bit seed of the run
    kind : sort of entity
    ids : int[n] or int, the entity's number, from 0 to 2**63 - 1
    purpose : what is decided
    occasion : int[n] or int, the entity's own count for this purpose or an absolute hour or day, from 0 to 2**32 - 1

    Returns
    -------
    float64[4, n]: uniforms (k + 1/2) / 2**32, never 0 nor 1. Unpack by lane: ``u, v, _, _ = draw(…)``.
    """
    return draw_all(seed, [(kind, ids, purpose, occasion)])[0]


def draw_all(seed: int, addresses: Sequence[Address]) -> list[NDArray[np.float64]]:
    """Return the uniforms of several draws, float64[4, n] each, worked out together.

    The same as calling :func:`draw` for each (kind, ids, purpose, occasion): only the cost differs.
    """
    numbers = [_numbers_of(ids, occasion) for _, ids, _, occasion in addresses]
    total = sum(map(len, numbers))
    if not total:
        return [np.empty((4, 0)) for _ in addresses]
    counter = np.empty((4, total), dtype=np.uint32)
    low, high, whose, when = counter
    uniforms = np.empty((4, total))
    parts = []
    start = 0
    for number, (kind, _, purpose, occasion) in zip(numbers, addresses, strict=True):
        part = slice(start, start + len(number))
        if len(number):
            low[part] = number  # the assignment keeps the low 32 bits
            high[part] = number >> 32
            whose[part] = kind << 24 | purpose
            when[part] = occasion
        parts.append(part)
        start = part.stop
    key_low, key_high = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    for start in range(0, total, _BLOCK):
        block = slice(start, start + _BLOCK)
        np.add(philox(counter[:, block], key_low, key_high), 0.5, uniforms[:, block])
    uniforms *= 2.0**-32
    return [uniforms[:, part] for part in parts]


def _numbers_of(ids: ArrayLike, occasion: ArrayLike) -> NDArray[np.int64]:
    """Return the numbers of a draw's entities; one entity on many occasions counts as often."""
    number = np.asarray(ids).astype(np.int64, copy=False)
    if number.ndim == 0:
        number = np.broadcast_to(number, np.shape(occasion) or (1,))
    return number


def exponential(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standard exponentials, −log(u), for uniforms in (0, 1)."""
    return -np.log(uniform)


def poisson(uniform: float, rate: float, most: int) -> int:
    """Return a Poisson number with mean `rate`, cut off at `most`, by inversion of a uniform in (0, 1)."""
    term = np.exp(-np.float64(rate))
    below, number = term, 0
    while uniform > below and number < most:
        number += 1
        term = term * rate / number
        below = below + term
    return number

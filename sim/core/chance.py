"""Chance as a function: ``draw(seed, kind, id, purpose, occasion)`` gives the same four uniforms every time.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11) turns the
address of a draw into random words, so luck does not depend on the order or batch in which it is drawn, on what else
is drawn, or on what is recorded. The counter holds (id low, id high, kind and purpose, occasion), the key holds the
seed. *Occasion* is the entity's own count for that purpose, or an absolute hour or day.
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Address", "Kind", "Purpose", "draw", "draw_all", "exponential", "philox"]

_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], dtype=np.uint64)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_ROUNDS = 10
_LOW_HALF = 0 if sys.byteorder == "little" else 1
_BLOCK = 4096
"""Counters worked out together: few enough to stay in cache."""


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


Address = tuple[Kind, ArrayLike, Purpose, ArrayLike]
"""Kind, ids, purpose and occasion of a draw."""


def philox(counter: NDArray[np.uint64], key_low: int, key_high: int) -> NDArray[np.uint64]:
    """Return the Philox 4x32-10 block of each counter.

    Parameters
    ----------
    counter : uint64[4, n], each word below 2**32
    key_low, key_high : the two 32-bit words of the key

    Returns
    -------
    uint64[4, n], each word below 2**32.
    """
    block = np.empty(counter.shape, dtype=np.uint64)
    for start in range(0, counter.shape[1], _BLOCK):
        part = slice(start, start + _BLOCK)
        _philox_block(counter[:, part], key_low, key_high, block[:, part])
    return block


def _philox_block(counter: NDArray[np.uint64], key_low: int, key_high: int, out: NDArray[np.uint64]) -> None:
    """Write the Philox block of some counters into `out`.

    Words 0 and 2 are multiplied, words 1 and 3 are not: two rows each, so that a round is three array operations. The
    halves of a product are views on it; two products take turns, since the low half is needed a round later.
    """
    n_counters = counter.shape[1]
    multiplied, other = counter[0::2].astype(np.uint32), counter[1::2].astype(np.uint32)
    products = np.empty((2, 2, n_counters), dtype=np.uint64)
    halves = products.view(np.uint32).reshape(2, 2, n_counters, 2)[:, ::-1]
    high, low = halves[..., 1 - _LOW_HALF], halves[..., _LOW_HALF]
    for number, keys in enumerate(_round_keys(key_low, key_high)):
        turn = number % 2
        np.multiply(multiplied, _MULTIPLIERS, out=products[turn])
        np.bitwise_xor(high[turn], other, out=multiplied)
        np.bitwise_xor(multiplied, keys, out=multiplied)
        other = low[turn]
    out[0::2], out[1::2] = multiplied, other


@functools.lru_cache(maxsize=64)
def _round_keys(key_low: int, key_high: int) -> NDArray[np.uint32]:
    """Return the two key words of each round, uint32[rounds, 2, 1]: the key raised by Weyl constants."""
    rounds = range(_ROUNDS)
    words = [[(key_low + n * _WEYL_0) & 0xFFFFFFFF, (key_high + n * _WEYL_1) & 0xFFFFFFFF] for n in rounds]
    return np.array(words, dtype=np.uint32)[:, :, None]


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
    ends = list(itertools.accumulate(number.size for number in numbers))
    total = ends[-1] if ends else 0
    if not total:
        return [np.empty((4, 0)) for _ in addresses]
    counter = np.empty((4, total), dtype=np.uint64)
    start = 0
    for number, end, (kind, _, purpose, occasion) in zip(numbers, ends, addresses, strict=True):
        identity = number.astype(np.uint64)
        counter[0, start:end] = identity & _LOW
        counter[1, start:end] = identity >> _SHIFT
        counter[2, start:end] = (int(kind) << 24) | int(purpose)
        counter[3, start:end] = np.asarray(occasion).astype(np.uint64) & _LOW
        start = end
    uniforms = (philox(counter, seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF).astype(np.float64) + 0.5) * 2.0**-32
    return [uniforms[:, end - number.size : end] for number, end in zip(numbers, ends, strict=True)]


def _numbers_of(ids: ArrayLike, occasion: ArrayLike) -> NDArray[np.int64]:
    """Return the numbers of a draw's entities; one entity on many occasions counts as often."""
    number = np.asarray(ids)
    if number.ndim == 0:
        number = np.broadcast_to(number, np.shape(occasion) or (1,))
    return number


def exponential(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standard exponentials, −log(u), for uniforms in (0, 1)."""
    return -np.log(uniform)

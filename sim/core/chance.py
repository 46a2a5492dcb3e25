"""Chance as a function: ``draw(seed, kind, id, purpose, occasion)`` gives the same four uniforms every time.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11) turns the
address of a draw into random words, so luck does not depend on the order or batch in which it is drawn, on what else
is drawn, or on what is recorded. The counter holds (id low, id high, kind and purpose, occasion), the key holds the
seed. *Occasion* is the entity's own count for that purpose, or an absolute hour or day.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.core.members import quick_members

__all__ = ["Address", "Kind", "Purpose", "compile_draws", "draw", "draw_all", "exponential", "philox", "poisson"]

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


def philox(counter: Words | Sequence[Words], key_low: int, key_high: int) -> NDArray[np.uint32]:
    """Return the Philox 4x32-10 block of each counter.

    Words 0 and 2 are multiplied, words 1 and 3 are not. The two multiplied words of all counters stand in one flat
    array, the first half forwards and the second half backwards, and so do multipliers and keys: numpy takes its short
    way only for arrays of one dimension without broadcasting, and for few counters its overhead is most of the cost.
    The halves of a product are views on it. A round's high halves meet the low halves of the other word of the round
    before: as one half of the array is the mirror of the other, these are the same array read from its end. Words 0
    and 2 change places in every round; two products take turns, since the low halves are needed a round later.

    Parameters
    ----------
    counter : uint32 or uint64[4, n] or four arrays [n], each word below 2**32; few thousand at once stay in cache
    key_low, key_high : the two 32-bit words of the key

    Returns
    -------
    uint32[4, n]
    """
    first, second, third, fourth = counter
    n = len(first)
    multipliers, keys = _middle(key_low, key_high, n)
    multiplied = np.concatenate((first, third[::-1]), dtype=np.uint64)
    words = multiplied.view(np.uint32)[_LOW_HALF::2]
    mirrored = np.concatenate((fourth, second[::-1]), dtype=np.uint32)
    turns = []
    for product in (np.empty(2 * n, dtype=np.uint64), np.empty(2 * n, dtype=np.uint64)):
        halves = product.view(np.uint32)
        turns.append((product, halves[1 - _LOW_HALF :: 2], halves[_LOW_HALF::2][::-1]))
    turn, next_turn = turns
    for factors, key in zip(multipliers, keys, strict=True):
        product, high, low_mirrored = turn
        np.multiply(multiplied, factors, product)
        np.bitwise_xor(high, mirrored, words)
        np.bitwise_xor(words, key, words)
        mirrored = low_mirrored
        turn, next_turn = next_turn, turn
    block = np.empty((4, n), dtype=np.uint32)
    block[0], block[2], block[1], block[3] = words[:n], words[: n - 1 : -1], mirrored[: n - 1 : -1], mirrored[:n]
    return block


_Rounds = tuple[tuple[NDArray[np.uint64], ...], tuple[NDArray[np.uint32], ...]]


@functools.lru_cache(maxsize=16)
def _spread(key_low: int, key_high: int, most: int) -> _Rounds:
    """Return each round's multipliers, uint64[2 * most], and keys, uint32[2 * most]: raised by Weyl constants.

    A half belongs to word 0, the other to word 2, in turn: in even rounds the first half of the multiplied words is
    word 0, and the first half of what becomes of them is word 2. Any 2n entries around the middle serve n counters.
    """
    multipliers, keys = [], []
    for n in range(_ROUNDS):
        forwards = slice(None, None, 1 if n % 2 == 0 else -1)
        key = [(key_high + n * _WEYL_1) & 0xFFFFFFFF, (key_low + n * _WEYL_0) & 0xFFFFFFFF]
        multipliers.append(np.repeat(_MULTIPLIERS[forwards], most))
        keys.append(np.repeat(np.array(key, dtype=np.uint32)[forwards], most))
    return tuple(multipliers), tuple(keys)


@functools.lru_cache(maxsize=1024)
def _middle(key_low: int, key_high: int, n: int) -> _Rounds:
    """Return views on what :func:`_spread` holds, for n counters: uint64[2n] and uint32[2n] a round."""
    most = max(n, _BLOCK)
    middle = slice(most - n, most + n)
    multipliers, keys = _spread(key_low, key_high, most)
    return tuple(factors[middle] for factors in multipliers), tuple(key[middle] for key in keys)


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
    ends = list(accumulate(map(len, numbers), initial=0))
    if not ends[-1]:
        return [np.empty((4, 0)) for _ in addresses]
    parts = [slice(start, end) for start, end in pairwise(ends)]
    draws = [
        (kind << 24 | purpose, number, occasion, part)
        for (kind, _, purpose, occasion), number, part in zip(addresses, numbers, parts, strict=True)
        if len(number)
    ]
    key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    uniforms = np.empty((4, ends[-1]))
    if _fill is None:
        _by_numpy(key, draws, uniforms)
    else:
        _by_machine_code(_fill, key, draws, uniforms)
    return [uniforms[:, part] for part in parts]


_Draw = tuple[int, NDArray[np.int64], ArrayLike, slice]
"""Word of kind and purpose, numbers of entities, occasions, and whose columns of the uniforms a draw fills."""


def _by_numpy(key: tuple[int, int], draws: list[_Draw], uniforms: NDArray[np.float64]) -> None:
    """Write the uniforms of several draws, each into its columns; together these are all columns, in order."""
    total = uniforms.shape[1]
    halves = np.concatenate([number for _, number, _, _ in draws]).view(np.uint32)
    low, high = halves[_LOW_HALF::2], halves[1 - _LOW_HALF :: 2]
    whose, when = np.empty(total, dtype=np.uint32), np.empty(total, dtype=np.uint32)
    for word, _, occasion, part in draws:
        whose[part] = word
        when[part] = occasion
    for start in range(0, total, _BLOCK):
        block = slice(start, start + _BLOCK)
        words = philox((low[block], high[block], whose[block], when[block]), *key)
        np.add(words, 0.5, uniforms[:, block])
    uniforms *= 2.0**-32


_fill: Callable[..., None] | None = None
"""The same as machine code, once :func:`compile_draws` has been called."""


def _by_machine_code(
    fill: Callable[..., None], key: tuple[int, int], draws: list[_Draw], uniforms: NDArray[np.float64]
) -> None:
    """Write the uniforms of several draws, each into its columns, by machine code."""
    low, high = key
    for word, number, occasion, part in draws:
        when = _whole(occasion)
        if when.ndim == 0:
            when = when.reshape(1)
        if len(when) not in (1, len(number)):
            raise ValueError(f"{len(when)} occasions cannot be broadcast to {len(number)} entities")
        fill(low, high, word, number, when, uniforms, part.start)


def compile_draws() -> bool:
    """Let draws be worked out by machine code from now on, where numba is installed; return whether it is.

    Not a bit of any draw changes. It takes half a second, once in a process: worth it for long or large runs only.
    """
    global _fill  # noqa: PLW0603 - how draws are worked out is a matter of the process, not of a run
    if _fill is None:
        try:
            from sim.core.compiled import fill
        except ImportError:
            return False
        _fill = fill
    return True


def _numbers_of(ids: ArrayLike, occasion: ArrayLike) -> NDArray[np.int64]:
    """Return the numbers of a draw's entities; one entity on many occasions counts as often."""
    number = _whole(ids)
    if number.ndim == 0:
        number = np.broadcast_to(number, np.shape(occasion) or (1,))
    return number


def _whole(numbers: ArrayLike) -> NDArray[np.int64]:
    """Return numbers as int64, themselves where they are, as mostly: asking is quicker than converting to the same."""
    if type(numbers) is np.ndarray and numbers.dtype == np.int64:
        return numbers
    return np.asarray(numbers).astype(np.int64, copy=False)


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

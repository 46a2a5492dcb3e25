"""The draws of ``sim.core.chance`` as machine code, by numba: the same bits in a tenth of the time.

numba is an extra (``pip install 'border-standoff[fast]'``) and takes half a second to load, so it serves runs that are
long or large. Where it is not installed, numpy does the work.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["fill"]

_NUMBERS = numba.types.Array(numba.int64, 1, "A", readonly=True)
_UNIFORMS = numba.types.Array(numba.float64, 2, "C")
_WORD = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10


def _fill(
    key_low: np.uint64,
    key_high: np.uint64,
    whose: np.uint64,
    number: NDArray[np.int64],
    when: NDArray[np.int64],
    uniforms: NDArray[np.float64],
    start: int,
) -> None:
    """Write the uniforms of one draw, an entity a column from `start` on; one `when` alone serves all.

    Parameters
    ----------
    key_low, key_high, whose : words of the key, and of kind and purpose
    number, when : int64[n], entities and occasions; the occasion may be int64[1]
    uniforms : float64[4, at least start + n], written to
    """
    step = 0 if len(when) == 1 else 1
    for n in range(len(number)):
        entity = np.uint64(number[n])
        a, b, c, d = entity & _WORD, entity >> _HIGH, whose, np.uint64(when[n * step]) & _WORD
        low, high = key_low, key_high
        for _ in range(_ROUNDS):
            first, second = _MULTIPLIER_0 * a, _MULTIPLIER_1 * c
            a, b, c, d = (second >> _HIGH) ^ b ^ low, second & _WORD, (first >> _HIGH) ^ d ^ high, first & _WORD
            low, high = (low + _WEYL_0) & _WORD, (high + _WEYL_1) & _WORD
        column = start + n
        uniforms[0, column] = (np.float64(a) + 0.5) * 2.0**-32
        uniforms[1, column] = (np.float64(b) + 0.5) * 2.0**-32
        uniforms[2, column] = (np.float64(c) + 0.5) * 2.0**-32
        uniforms[3, column] = (np.float64(d) + 0.5) * 2.0**-32


def _compile(*, kept: bool) -> numba.core.dispatcher.Dispatcher:
    word = numba.uint64
    signature = numba.void(word, word, word, _NUMBERS, _NUMBERS, _UNIFORMS, numba.int64)
    return numba.njit(signature, cache=kept)(_fill)


try:
    fill = _compile(kept=True)
except RuntimeError:  # no folder in which numba could keep what it compiled
    fill = _compile(kept=False)

"""Sorted batches: where groups of equal numbers begin, how large they are, and who is among whom.

Batches of an hour are small, and numpy's general functions (``unique``, ``isin``, ``diff``) spend ten times longer on
asking what they were given than on such a batch. These take what the rules have: sorted whole numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["among", "sizes", "starts"]

Ints = NDArray[np.int64]


def starts(ordered: Ints) -> Ints:
    """Return the positions at which a run of equal numbers begins, int64[n_runs]: in sorted numbers, their groups."""
    begins = np.empty(len(ordered), dtype=np.bool_)
    begins[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], begins[1:])
    return begins.nonzero()[0]


def sizes(first: Ints, n: int) -> Ints:
    """Return how many of `n` entries each group has, int64[n_groups], from the positions at which groups begin."""
    size = np.empty_like(first)
    np.subtract(first[1:], first[:-1], size[:-1])
    size[-1:] = n - first[-1:]
    return size


def among(ordered: Ints, wanted: Ints) -> NDArray[np.bool_]:
    """Return which of some numbers are among sorted ones, bool[n_wanted]."""
    if not len(ordered):
        return np.zeros(len(wanted), dtype=np.bool_)
    found: NDArray[np.bool_] = ordered.take(ordered.searchsorted(wanted), mode="clip") == wanted
    return found

"""Which luck the members of an ensemble have: those of a published set of seeds first, then seeds made by number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count, islice
from typing import Final

from sim.scenario.seed_sets import load_seed_set

__all__ = ["DEFAULT_SET", "member_seeds", "seeds_in_words"]

DEFAULT_SET: Final = "published-100"


def member_seeds(n_members: int, base: int, named: str = DEFAULT_SET) -> list[int]:
    """Return the seeds of `n_members` members; more members begin with the same seeds as fewer.

    Parameters
    ----------
    n_members : how many, from 0
    base : seed of the scenario, from which seeds beyond the named set are made: the first 63 bits of the SHA-256 of
        ``base:number``
    named : set of seeds in ``seeds/random``

    Raises
    ------
    EvidenceError
        If no set has this name.
    """
    seeds = list(load_seed_set(named)[:n_members])
    taken = set(seeds)
    made = (int.from_bytes(hashlib.sha256(f"{base}:{number}".encode()).digest()[:8]) >> 1 for number in count(1))
    seeds += islice((seed for seed in made if seed not in taken), n_members - len(seeds))
    return seeds


def seeds_in_words(seeds: Sequence[int]) -> str:
    """Return seeds as ``1–24``, or as ``1, 2, 5 and 9 more`` where they are not in a row."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]}–{seeds[-1]}"
    shown = ", ".join(str(seed) for seed in seeds[:3])
    return shown + (f" and {len(seeds) - 3} more" if len(seeds) > 3 else "")

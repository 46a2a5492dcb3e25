"""Sorted batches: groups, their sizes and membership are what numpy's general functions say, for any numbers."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.groups import among, sizes, starts
from sim.core.members import quick_members

numbers = st.lists(st.integers(-5, 5), max_size=30).map(lambda values: np.array(sorted(values), dtype=np.int64))


@given(numbers, st.booleans())
def test_groups_are_those_of_equal_numbers(ordered: np.ndarray, left: bool) -> None:
    left_in_memory = np.full(len(ordered), left)  # an empty array of this size finds what the last one held
    del left_in_memory
    begins = starts(ordered)
    _, first, count = np.unique(ordered, return_index=True, return_counts=True)
    assert begins.tolist() == first.tolist()
    assert sizes(begins, len(ordered)).tolist() == count.tolist()


@given(numbers, st.lists(st.integers(-7, 7), max_size=30))
def test_members_are_found_in_any_order_and_strangers_are_not(ordered: np.ndarray, wanted: list[int]) -> None:
    found = among(ordered, np.array(wanted, dtype=np.int64))
    assert found.dtype == np.bool_
    assert found.tolist() == [number in ordered for number in wanted]


def test_members_of_an_enumeration_stay_what_they_were() -> None:
    @quick_members
    class Colour(IntEnum):
        RED = 0
        BLUE = 1

    assert vars(Colour)["BLUE"] is Colour.BLUE is Colour(1) is Colour["BLUE"]
    assert [colour.name for colour in Colour] == ["RED", "BLUE"]
    with pytest.raises(AttributeError):
        Colour.RED = 2  # type: ignore[misc]

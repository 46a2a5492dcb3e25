"""Chance is a function: known answers, an independent reference, and luck that nothing else can shift."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.core import chance
from sim.core.chance import Address, Kind, Purpose, compile_draws, draw, draw_all, exponential, philox, poisson

IDS = st.integers(0, 2**63 - 1)
OCCASIONS = st.integers(0, 2**32 - 1)
SEEDS = st.integers(0, 2**64 - 1)
KINDS = st.sampled_from(Kind)
PURPOSES = st.sampled_from(Purpose)
WORD = 0xFFFFFFFF

N_DRAWS = 100_000
N_BINS = 50
FAR = 5.0
"""Standard deviations that a statistic may lie from its mean. Seeds are fixed, so a test that passes stays so."""

Lots = NDArray[np.float64]


@pytest.fixture(scope="module", params=["numpy", "machine code"], autouse=True)
def by_whom(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let each test of draws be passed by numpy and by machine code."""
    before, chance._fill = chance._fill, None
    if request.param == "machine code":
        assert compile_draws()
    yield request.param
    chance._fill = before


def reference_words(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a Philox 4x32-10 block, one word at a time in whole numbers, as its authors' paper lays it out."""
    a, b, c, d = counter
    low, high = key
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (second >> 32) ^ b ^ low, second & WORD, (first >> 32) ^ d ^ high, first & WORD
        low, high = (low + 0x9E3779B9) & WORD, (high + 0xBB67AE85) & WORD
    return a, b, c, d


def reference_draw(seed: int, kind: Kind, number: int, purpose: Purpose, occasion: int) -> list[float]:
    """Return the four uniforms of one draw, worked out without numpy."""
    counter = (number & WORD, number >> 32, (kind << 24) | purpose, occasion)
    words = reference_words(counter, (seed & WORD, seed >> 32))
    return [(word + 0.5) / 2**32 for word in words]


# ---------------------------------------------------------------- known answers

KNOWN = {
    "zeros": ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": ((WORD,) * 4, (WORD,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "digits of pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN.values(), ids=KNOWN.keys())
def test_published_answers_of_philox(counter: tuple[int, int, int, int], key: tuple[int, int], answer: str) -> None:
    block = philox(np.array([counter], dtype=np.uint64).T, *key)
    assert " ".join(f"{word:08x}" for word in block[:, 0]) == answer
    assert " ".join(f"{word:08x}" for word in reference_words(counter, key)) == answer


def test_philox_leaves_its_counters_alone() -> None:
    counter = np.arange(12, dtype=np.uint64).reshape(4, 3)
    philox(counter, 1, 2)
    assert np.array_equal(counter, np.arange(12).reshape(4, 3))


@given(SEEDS, KINDS, st.lists(st.tuples(IDS, OCCASIONS), min_size=1, max_size=8), PURPOSES)
def test_a_draw_is_what_the_reference_gives(
    seed: int, kind: Kind, who: list[tuple[int, int]], purpose: Purpose
) -> None:
    ids, occasions = zip(*who, strict=True)
    lots = draw(seed, kind, np.array(ids), purpose, np.array(occasions))
    expected = [reference_draw(seed, kind, number, purpose, occasion) for number, occasion in who]
    assert lots.T.tolist() == expected


# ---------------------------------------------------------------- independence of how it is asked


@given(st.lists(IDS, min_size=1, max_size=30), st.data())
def test_batches_and_their_order_change_nothing(ids: list[int], data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(ids)))))
    cut = data.draw(st.integers(0, len(ids)))
    numbers, occasions = np.array(ids), np.arange(len(ids))
    whole = draw(7, Kind.PERSON, numbers, Purpose.CAUSE, occasions)
    assert np.array_equal(draw(7, Kind.PERSON, numbers[order], Purpose.CAUSE, occasions[order]), whole[:, order])
    parts = [draw(7, Kind.PERSON, numbers[s], Purpose.CAUSE, occasions[s]) for s in (slice(cut), slice(cut, None))]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
def test_the_type_of_numbers_changes_nothing(dtype: type[np.generic]) -> None:
    ids, occasions = np.arange(100), np.arange(100)[::-1]
    plain = draw(1, Kind.TEST, ids, Purpose.MARK, occasions)
    assert np.array_equal(draw(1, Kind.TEST, ids.astype(dtype), Purpose.MARK, occasions.astype(dtype)), plain)
    assert np.array_equal(draw(1, Kind.TEST, ids.tolist(), Purpose.MARK, occasions.tolist()), plain)


address = st.tuples(
    KINDS, st.lists(IDS, max_size=5).map(lambda ids: np.array(ids, dtype=np.int64)), PURPOSES, OCCASIONS
)


@given(SEEDS, st.lists(address, max_size=6))
def test_several_draws_at_once_are_the_same_as_one_by_one(seed: int, addresses: list[Address]) -> None:
    together = draw_all(seed, addresses)
    assert len(together) == len(addresses)
    for lots, one in zip(together, addresses, strict=True):
        assert np.array_equal(lots, draw(seed, *one))


def test_one_occasion_serves_all_ids() -> None:
    ids = np.array([3, 1, 2**40])
    for_all = draw(5, Kind.PARTY, ids, Purpose.PLACE, 9)
    assert np.array_equal(for_all, draw(5, Kind.PARTY, ids, Purpose.PLACE, np.array([9, 9, 9])))
    assert np.array_equal(for_all, draw(5, Kind.PARTY, ids, Purpose.PLACE, np.array([9])))


def test_one_number_draws_on_each_of_many_occasions() -> None:
    together = draw(5, Kind.POST, 7, Purpose.OBSERVED, np.arange(6))
    alone = [draw(5, Kind.POST, 7, Purpose.OBSERVED, occasion)[:, 0] for occasion in range(6)]
    assert np.array_equal(together, np.transpose(alone))


def test_occasions_that_do_not_fit_the_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        draw(5, Kind.PARTY, np.arange(3), Purpose.PLACE, np.arange(2))


@pytest.mark.parametrize("ids", [[], np.zeros(0, dtype=np.int64)])
def test_nobody_draws_nothing(ids: list[int] | NDArray[np.int64]) -> None:
    assert draw(5, Kind.PARTY, ids, Purpose.PLACE, 0).shape == (4, 0)
    alone, nobody = draw_all(5, [(Kind.PARTY, [1], Purpose.PLACE, 0), (Kind.PARTY, ids, Purpose.PLACE, 0)])
    assert (alone.shape, nobody.shape) == ((4, 1), (4, 0))
    assert draw_all(5, []) == []


def test_one_number_alone_is_a_draw_of_one() -> None:
    assert draw(5, Kind.PARTY, 8, Purpose.PLACE, 1).tolist() == draw(5, Kind.PARTY, [8], Purpose.PLACE, [1]).tolist()


def test_without_numba_numpy_goes_on_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = draw(5, Kind.PARTY, np.arange(4), Purpose.PLACE, 1)
    monkeypatch.setattr(chance, "_fill", None)
    monkeypatch.setitem(sys.modules, "sim.core.compiled", None)
    assert not compile_draws()
    assert np.array_equal(draw(5, Kind.PARTY, np.arange(4), Purpose.PLACE, 1), expected)


def test_compiled_draws_are_given_the_words_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for what numba compiles, told in whole numbers: what leads up to it is tested without numba too."""

    def fill(low: int, high: int, whose: int, number: Any, when: Any, uniforms: Lots, start: int) -> None:
        occasions = np.broadcast_to(when, len(number)).tolist()
        for n, (entity, occasion) in enumerate(zip(number.tolist(), occasions, strict=True)):
            words = reference_words((entity & WORD, entity >> 32, whose, occasion), (low, high))
            uniforms[:, start + n] = [(word + 0.5) / 2**32 for word in words]

    seed, ids, occasions = 2**63 + 2**33 + 5, np.array([3, 2**40 + 1, 7]), np.array([1, 0, 9], dtype=np.uint16)
    addresses: list[Address] = [
        (Kind.PARTY, ids, Purpose.PLACE, occasions), (Kind.PERSON, ids[:0], Purpose.BODY, 4),
        (Kind.POST, 7, Purpose.OBSERVED, np.arange(3)), (Kind.PERSON, ids[1:], Purpose.BODY, 4),
    ]  # fmt: skip
    monkeypatch.setattr(chance, "_fill", None)
    expected = draw_all(seed, addresses)
    monkeypatch.setattr(chance, "_fill", fill)
    for lots, others in zip(draw_all(seed, addresses), expected, strict=True):
        assert np.array_equal(lots, others)
    with pytest.raises(ValueError, match="2 occasions cannot be broadcast to 3 entities"):
        draw(5, Kind.PARTY, np.arange(3), Purpose.PLACE, np.arange(2))


def test_draws_are_compiled_once_and_then_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    stand_in = types.SimpleNamespace(fill=lambda *words: asked.append(words[2]))
    monkeypatch.setattr(chance, "_fill", None)
    monkeypatch.setitem(sys.modules, "sim.core.compiled", stand_in)
    assert compile_draws()
    assert chance._fill is stand_in.fill
    draw(5, Kind.PARTY, [3], Purpose.PLACE, 1)
    assert asked == [(Kind.PARTY << 24) | Purpose.PLACE]
    monkeypatch.setitem(sys.modules, "sim.core.compiled", None)
    assert compile_draws(), "it has them already"


def test_numbers_that_may_not_be_written_to_are_drawn_for() -> None:
    ids, occasions = np.arange(4), np.arange(4)
    expected = draw(5, Kind.PARTY, ids, Purpose.PLACE, occasions)
    for given_for_reading in (ids, occasions):
        given_for_reading.flags.writeable = False
    assert np.array_equal(draw(5, Kind.PARTY, ids, Purpose.PLACE, occasions), expected)
    assert np.array_equal(draw(5, Kind.PARTY, ids[::2], Purpose.PLACE, occasions[::2]), expected[:, ::2])


# ---------------------------------------------------------------- addresses


@given(SEEDS, KINDS, IDS, PURPOSES, OCCASIONS, st.data())
def test_whoever_differs_in_one_word_draws_otherwise(
    seed: int, kind: Kind, number: int, purpose: Purpose, occasion: int, data: st.DataObject
) -> None:
    """Philox is a bijection of counters: two addresses under one seed can never share a block."""
    here = (seed, kind, number, purpose, occasion)
    which = data.draw(st.integers(0, 4))
    other = data.draw((SEEDS, KINDS, IDS, PURPOSES, OCCASIONS)[which].filter(lambda value: value != here[which]))
    there = [other if position == which else value for position, value in enumerate(here)]
    assert draw(*here).tolist() != draw(*there).tolist()  # type: ignore[arg-type]


def test_every_kind_and_purpose_has_a_number_of_its_own() -> None:
    words = [(kind << 24) | purpose for kind in Kind for purpose in Purpose]
    assert len(set(words)) == len(Kind) * len(Purpose)
    assert list(Kind.__members__) == [kind.name for kind in Kind], "an alias shares its luck"
    assert list(Purpose.__members__) == [purpose.name for purpose in Purpose], "an alias shares its luck"
    assert max(Purpose) < 2**24
    assert max(Kind) < 2**8


def test_numbers_beyond_32_bits_are_told_apart() -> None:
    ids = np.array([1, 1 + 2**32, 1 + 2**33, 1 + 2**62])
    assert len(set(draw(5, Kind.PERSON, ids, Purpose.BODY, 0)[0])) == len(ids)


def test_both_halves_of_the_seed_count() -> None:
    assert len({float(draw(seed, Kind.PERSON, 1, Purpose.BODY, 0)[0, 0]) for seed in (1, 1 + 2**32, 2**32, 2**63)}) == 4


# ---------------------------------------------------------------- the law of the lots


def test_uniforms_reach_neither_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "_fill", None)
    for word, uniform in ((0, 2.0**-33), (WORD, 1.0 - 2.0**-33)):

        def extreme(counter: NDArray[np.uint64], *_: int, word: int = word) -> NDArray[np.uint64]:
            return np.full_like(counter, word)

        monkeypatch.setattr("sim.core.chance.philox", extreme)
        lots = draw(0, Kind.TEST, [1], Purpose.MARK, 0)
        assert (lots == uniform).all()
        assert 0.0 < exponential(lots).min() <= exponential(lots).max() < 23.0


def chi_square(lots: Lots) -> float:
    """Return how many standard deviations the chi-square of equal bins lies above its mean."""
    counts = np.bincount((lots * N_BINS).astype(np.int64), minlength=N_BINS)
    expected = len(lots) / N_BINS
    statistic = float(((counts - expected) ** 2).sum() / expected)
    return float((statistic - (N_BINS - 1)) / np.sqrt(2.0 * (N_BINS - 1)))


def kolmogorov_smirnov(lots: Lots) -> float:
    """Return √n times the largest distance between the distribution of `lots` and the uniform one."""
    ordered, n = np.sort(lots), len(lots)
    steps = np.arange(n + 1) / n
    return float(np.sqrt(n) * max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


ALONG: dict[str, Callable[[], Lots]] = {
    "ids": lambda: draw(11, Kind.TEST, np.arange(N_DRAWS), Purpose.MARK, 0),
    "ids 16 apart": lambda: draw(11, Kind.TEST, np.arange(N_DRAWS) * 16 + 2**40, Purpose.MARK, 0),
    "occasions": lambda: draw(11, Kind.TEST, np.zeros(N_DRAWS, np.int64), Purpose.MARK, np.arange(N_DRAWS)),
    "purposes, few ids": lambda: np.concatenate(
        [draw(11, Kind.TEST, np.arange(N_DRAWS // len(Purpose)), purpose, 0) for purpose in Purpose], axis=1
    ),
    "seeds": lambda: np.concatenate(
        [draw(seed, Kind.TEST, np.arange(100), Purpose.MARK, 0) for seed in range(N_DRAWS // 100)], axis=1
    ),
}
"""Ways to walk through addresses, each giving about 1e5 draws of four lanes."""


@pytest.mark.parametrize("walk", ALONG.values(), ids=ALONG.keys())
def test_lots_are_uniform_and_lanes_and_neighbours_independent(walk: Callable[[], Lots]) -> None:
    lots = walk()
    n = lots.shape[1]
    assert n > 0.99 * N_DRAWS
    for lane in lots:
        assert abs(chi_square(lane)) < FAR
        assert kolmogorov_smirnov(lane) < 2.2  # exceeded with chance 2·exp(−2·2.2²) ≈ 1e-4
        assert abs(np.corrcoef(lane[1:], lane[:-1])[0, 1]) < FAR / np.sqrt(n)
    between = np.corrcoef(lots) - np.eye(4)
    assert np.abs(between).max() < FAR / np.sqrt(n)


PAIRS: dict[str, tuple[tuple[int, Kind, Purpose, int], tuple[int, Kind, Purpose, int]]] = {
    "seeds": ((11, Kind.TEST, Purpose.MARK, 0), (12, Kind.TEST, Purpose.MARK, 0)),
    "seeds in their high half": ((11, Kind.TEST, Purpose.MARK, 0), (11 + 2**32, Kind.TEST, Purpose.MARK, 0)),
    "kinds": ((11, Kind.PERSON, Purpose.MARK, 0), (11, Kind.PARTY, Purpose.MARK, 0)),
    "purposes": ((11, Kind.TEST, Purpose.MARK, 0), (11, Kind.TEST, Purpose.CAUSE, 0)),
    "occasions": ((11, Kind.TEST, Purpose.MARK, 0), (11, Kind.TEST, Purpose.MARK, 1)),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS.keys())
def test_the_same_ids_draw_independently_elsewhere(
    one: tuple[int, Kind, Purpose, int], other: tuple[int, Kind, Purpose, int]
) -> None:
    """Pairs of lots fill a 7 × 7 table evenly; no lane of one repeats a lane of the other."""
    ids = np.arange(N_DRAWS)
    first, second = (draw(seed, kind, ids, purpose, occasion) for seed, kind, purpose, occasion in (one, other))
    for lane in first:
        for elsewhere in second:
            cell = (lane * 7).astype(np.int64) * 7 + (elsewhere * 7).astype(np.int64)
            counts = np.bincount(cell, minlength=49)
            statistic = float(((counts - N_DRAWS / 49) ** 2).sum() / (N_DRAWS / 49))
            assert abs(statistic - 48) / np.sqrt(96.0) < FAR
            assert np.count_nonzero(lane == elsewhere) < 3  # by chance 1e5 / 2**32 in each pair


def test_exponentials_have_the_law_of_waiting_times() -> None:
    waits = exponential(draw(3, Kind.TEST, np.arange(N_DRAWS), Purpose.MARK, 0)[0])
    assert waits.min() > 0.0
    assert abs(waits.mean() - 1.0) < FAR / np.sqrt(N_DRAWS)
    assert kolmogorov_smirnov(1.0 - np.exp(-waits)) < 2.2
    assert exponential(np.array([1.0 / np.e, 0.5])).tolist() == pytest.approx([1.0, np.log(2.0)], rel=1e-15)


@pytest.mark.parametrize("rate", [0.02, 1.0, 7.5])
def test_poisson_numbers_are_the_quantiles_of_their_law(rate: float) -> None:
    uniforms = draw(3, Kind.TEST, np.arange(400), Purpose.CUTS, 0)[0]
    assert [poisson(uniform, rate, 99) for uniform in uniforms] == stats.poisson.ppf(uniforms, rate).tolist()


def test_poisson_numbers_end_at_the_most_and_at_nought() -> None:
    assert [poisson(0.9999, 50.0, most) for most in (0, 1, 3)] == [0, 1, 3]
    assert poisson(0.9999, 0.0, 9) == 0
    assert poisson(float(np.exp(-2.0)), 2.0, 9) == 0, "on the edge of none"

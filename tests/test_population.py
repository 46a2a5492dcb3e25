"""Populations as columns: growth loses nothing, rows are stable handles, verbs mean what they mean on an AgentSet."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.states import COLUMNS
from sim.core.population import Column, Population

HERD = (
    Column("id", np.int64, "1", "number"),
    Column("cell", np.uint16, "1", "where"),
    Column("mark", np.float64, "1", "when"),
    Column("child", np.bool_, "1", "whether a child"),
)
ROW = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(-(2**63), 2**63 - 1),
        "cell": st.integers(0, 2**16 - 1),
        "mark": st.floats(allow_nan=False),
        "child": st.booleans(),
    },
)
NOTHING = {"id": 0, "cell": 0, "mark": 0.0, "child": False}


def people(*cells: int) -> Population:
    """Return members numbered from 10 in the given cells."""
    population = Population(HERD, capacity=1)
    population.add(len(cells), id=np.arange(len(cells)) + 10, cell=cells)
    return population


def contents(population: Population) -> list[dict[str, Any]]:
    """Return all members as plain rows."""
    return [
        {column.name: population[column.name][row].item() for column in population.columns}
        for row in range(len(population))
    ]


# ---------------------------------------------------------------- growth


@given(st.integers(0, 5), st.lists(st.tuples(ROW, st.integers(1, 9), st.data()), max_size=12))
def test_growth_keeps_every_member_as_a_list_of_rows_would(capacity: int, batches: list[Any]) -> None:
    """Batches are added, rows written in between; the model is a plain list of dicts."""
    population, model = Population(HERD, capacity), list[dict[str, Any]]()
    for values, n_new, choice in batches:
        rows = population.add(n_new, **values)
        assert rows.tolist() == list(range(len(model), len(model) + n_new))
        model.extend({**NOTHING, **values} for _ in range(n_new))
        row = choice.draw(st.integers(0, len(model) - 1))
        population["mark"][row] = row + 0.5
        model[row]["mark"] = row + 0.5
        assert len(population) == len(model) <= population.capacity
        assert contents(population) == model


def test_growth_doubles_and_only_when_needed() -> None:
    assert Population(HERD).capacity == 1024
    assert Population(HERD, capacity=0).capacity == 1
    population = Population(HERD, capacity=4)
    before = population["id"].base
    population.add(4)
    assert population.capacity == 4
    assert population["id"].base is before, "what fits is not copied"
    population.add(4)
    assert population.capacity == 8
    population = Population(HERD, capacity=4)
    population.add(5)
    assert population.capacity == 8
    population.add(100)
    assert population.capacity == 128


def test_arrays_fill_their_rows_and_scalars_all_rows() -> None:
    population = people(1, 2)
    rows = population.add(3, id=[7, 8, 9], cell=np.array([5, 6, 7], dtype=np.uint16), child=True)
    assert rows.dtype == np.int64
    assert rows.tolist() == [2, 3, 4]
    assert population["id"].tolist() == [10, 11, 7, 8, 9]
    assert population["cell"].tolist() == [1, 2, 5, 6, 7]
    assert population["child"].tolist() == [False, False, True, True, True]
    assert population["mark"].tolist() == [0.0] * 5


def test_a_row_stays_the_same_member_when_others_come() -> None:
    population = people(3, 4)
    row = population.add(1, id=99, cell=6)[0]
    for _ in range(20):
        population.add(50, id=1)
    assert population["id"][row] == 99
    assert population["cell"][row] == 6


def test_a_column_is_a_view_that_can_be_written() -> None:
    population = people(1, 2, 3)
    population["cell"][1] = 9
    population["cell"][:] += np.uint16(1)
    assert population["cell"].tolist() == [2, 10, 4]


def test_columns_have_their_declared_types_before_and_after_growth() -> None:
    population = Population(COLUMNS, capacity=1)
    for n_new in (1, 100):
        population.add(n_new)
        assert [population[column.name].dtype for column in COLUMNS] == [np.dtype(column.dtype) for column in COLUMNS]


def test_bytes_per_row_is_the_sum_of_the_columns() -> None:
    assert Population(HERD).bytes_per_row == 8 + 2 + 8 + 1
    population = Population(COLUMNS)
    before = population.bytes_per_row
    population.add(5000)
    assert population.bytes_per_row == before == 8 + 8 + 2 + 8 + 8 + 4 + 4 + 4 + 2 + 2 + 2 + 4 + 1 + 1 + 1


def test_every_column_of_people_says_its_unit_and_meaning() -> None:
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    assert all(column.unit and column.meaning for column in COLUMNS)


# ---------------------------------------------------------------- mistakes


def test_values_for_unknown_columns_are_refused_before_anything_is_added() -> None:
    population = people(1)
    with pytest.raises(KeyError, match=r"no such column: colour, height"):
        population.add(2, height=1, id=5, colour=3)
    assert len(population) == 1


def test_an_unknown_column_cannot_be_read() -> None:
    with pytest.raises(KeyError, match="colour"):
        people(1)["colour"]


def test_values_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"id: \(2,\) values for 3 members"):
        people(1).add(3, id=[1, 2])


def test_a_batch_refused_for_its_length_leaves_nothing_behind() -> None:
    population = people(1)
    with pytest.raises(ValueError, match=r"id: \(2,\) values for 3 members"):
        population.add(3, cell=1, id=[1, 2])
    assert len(population) == 1


def test_nobody_can_be_added_without_values() -> None:
    population = people(1, 2)
    assert population.add(0).tolist() == []
    assert len(population) == 2


def test_nobody_can_be_added_with_values() -> None:
    population = people(1, 2)
    assert population.add(0, id=[]).tolist() == []
    assert len(population) == 2


# ---------------------------------------------------------------- verbs of an AgentSet


def test_select_takes_a_mask_or_a_question() -> None:
    population = people(1, 2, 1, 3)
    by_mask = population.select(population["cell"] == 1)
    by_question = population.select(lambda herd: herd["cell"] == 1)
    assert by_mask.rows.tolist() == by_question.rows.tolist() == [0, 2]
    assert len(by_mask) == 2
    assert len(population.select(lambda herd: herd["cell"] > 9)) == 0


def test_get_copies() -> None:
    population = people(1, 2)
    for copy in (population.get("cell"), population.select(population["cell"] > 0).get("cell")):
        copy[:] = 0
    assert population["cell"].tolist() == [1, 2]


def test_agg_sees_live_members_only() -> None:
    population = Population(HERD, capacity=64)
    population.add(3, cell=[4, 5, 9])
    assert population.agg("cell", np.min) == 4
    assert population.agg("cell", len) == 3
    assert population.select(population["cell"] > 4).agg("cell", np.sum) == 14


@given(st.lists(st.integers(0, 4), max_size=30))
def test_groupby_parts_the_population(cells: list[int]) -> None:
    population = Population(HERD, capacity=1)
    if cells:
        population.add(len(cells), cell=cells)
    groups = population.groupby("cell")
    assert set(groups) == set(cells)
    assert all(type(cell) is int for cell in groups)
    assert all((view.get("cell") == cell).all() for cell, view in groups.items())
    assert sorted(row for view in groups.values() for row in view.rows.tolist()) == list(range(len(cells)))


def test_a_view_walks_its_members_as_rows_and_follows_growth() -> None:
    population = people(1, 2, 1)
    view = population.select(population["cell"] == 1)
    population["mark"][2] = 0.5
    population.add(500, cell=1)
    assert list(view) == [
        {"id": 10, "cell": 1, "mark": 0.0, "child": False}, {"id": 12, "cell": 1, "mark": 0.5, "child": False},
    ]  # fmt: skip
    assert len(view) == 2


def test_the_verbs_answer_as_those_of_mesa() -> None:
    """The same members as Mesa agents: an AgentSet gives the same numbers for the same questions."""
    model = mesa.Model(rng=1)
    cells, marks = [1, 2, 1, 3, 2, 1], [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    for cell, mark in zip(cells, marks, strict=True):
        agent = mesa.Agent(model)
        vars(agent).update(cell=cell, mark=mark)
    agents, population = model.agents, Population(HERD)
    population.add(len(cells), cell=cells, mark=marks)
    assert len(population) == len(agents)
    assert population.get("mark").tolist() == agents.get("mark")
    assert population.agg("mark", max) == agents.agg("mark", max)
    ours, theirs = population.select(lambda herd: herd["cell"] == 1), agents.select(lambda agent: agent.cell == 1)
    assert ours.get("mark").tolist() == theirs.get("mark")
    assert ours.agg("mark", sum) == theirs.agg("mark", sum)
    groups = agents.groupby("cell").groups
    assert {cell: view.get("mark").tolist() for cell, view in population.groupby("cell").items()} == {
        cell: members.get("mark") for cell, members in groups.items()
    }
    mesa.Agent._ids.pop(model, None)

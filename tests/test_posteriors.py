"""Every stored posterior can be used, says where it comes from, and saw nothing after October."""

from __future__ import annotations

import pytest

from sim.scenario.load import load_scenario
from sim.scenario.posteriors import as_drawn, find_posterior, posterior_names
from sim.scenario.resolved import scenario_hash


def test_there_is_one() -> None:
    assert "crisis-2021" in posterior_names()


@pytest.mark.parametrize("name", posterior_names())
def test_a_stored_posterior_fits_its_scenario(name: str) -> None:
    posterior = find_posterior(name)
    scenario = load_scenario(posterior.facts["scenario"], {"calibrated": f'"{name}"'})
    priors = {prior.key: prior for prior in scenario.calibration}
    assert set(posterior.keys) == set(priors)
    for draw in posterior.draws:
        for key, value in zip(posterior.keys, draw, strict=True):
            assert priors[key].low * (1 - 1e-5) <= value <= priors[key].high * (1 + 1e-5)
    drawn = as_drawn(scenario, 3)
    assert drawn.calibrated == ""
    assert scenario_hash(scenario) != scenario_hash(load_scenario(posterior.facts["scenario"]))


@pytest.mark.parametrize("name", posterior_names())
def test_a_stored_posterior_saw_nothing_after_october(name: str) -> None:
    facts = find_posterior(name).facts
    assert facts["window"][1] == "2021-10-31"
    assert not [row["target"] for row in facts["fit"] if "2021-11" in row["target"] or "November" in row["target"]]
    assert sum(row["role"] == "free" for row in facts["parameters"]) <= 5
    assert facts["model"]["code_hash"] and facts["design"]["truths"] >= 50

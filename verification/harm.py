"""Harm: a dose against a tolerance, through changes of state, cold and susceptibility."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from sim.agents.states import Kind, State
from verification.check import Check, Floats, within
from verification.line import model_of

__all__ = ["checks"]


def checks() -> list[Check]:
    """Return the checks of harm."""
    return [dose_and_survival()]


def _survival(dose: Floats, sigma: float) -> Floats:
    """Return the share not yet ill at a dose, float64[n]: E[exp(−susceptibility · dose)], median susceptibility 1.

    Susceptibility is exp(sigma · z), z the near-normal sum of four uniforms (Irwin–Hall), centred and scaled.
    """
    grid = np.linspace(0.0, 4.0, 4001)
    middle = (grid[1:] + grid[:-1]) / 2.0
    weight = np.diff(stats.irwinhall(4).cdf(grid))
    susceptibility = np.exp(sigma * (middle - 2.0) * np.sqrt(3.0))
    survival: Floats = np.exp(-np.outer(dose, susceptibility)) @ weight
    return survival


def dose_and_survival() -> Check:
    """People who are moved about between places of different danger fall ill as the sum of their doses says."""
    n = 120_000
    model = model_of("kuznica-8-november", {"until": "2021-11-08", "migrants.people_scale": "0.02"})
    model.run(1)
    people = model.scene.people
    ids = (np.arange(n, dtype=np.int64) + 10_000_000) * 16
    zeros = np.zeros(n, dtype=np.int64)
    place = zeros + 10
    rows = people.born(ids, zeros + int(Kind.ALONE), zeros + int(State.LINE), place, zeros, zeros > 0, zeros,
                       np.zeros(n), 1)  # fmt: skip
    hazards = {State.LINE: 0.02, State.INSIDE: 0.12, State.RETURNING: 0.05, State.CENTRE: 0.004}
    harm = np.zeros(people.cells.n)
    for state, hazard in hazards.items():
        first, end = people.cells.range_of(state)
        harm[first:end] = hazard
    path = [State.LINE, State.INSIDE, State.RETURNING, State.LINE, State.CENTRE, State.INSIDE]
    n_hours, dose, doses, well = 30, 0.0, [0.0], [1.0]
    people.look_ahead(np.zeros((n_hours, people.cells.n)), np.tile(harm, (n_hours, 1)))
    ill, here = np.zeros(len(people), dtype=np.bool_), path[0]
    for hour in range(n_hours):
        people.advance()
        columns = people.population
        when = np.full(n, 0.25)
        reached = people.harm.before[columns["cell"][rows]] + when * people.harm.hazard[columns["cell"][rows]]
        if hour % 5 == 4:  # a quarter into the hour all move on; who fell ill before that stays
            ill[rows] |= columns["harm_mark"][rows] <= reached
            well_rows = rows[~ill[rows]]
            to = path[(hour // 5 + 1) % len(path)]
            people.relocate(well_rows, np.full(len(well_rows), 0.25), int(to), place[: len(well_rows)], hour, 0)
            dose += 0.25 * hazards[here] + 0.75 * hazards[to]
            here = to
        else:
            dose += hazards[here]
        now = people.harm.after[columns["cell"][rows]]
        ill[rows] |= columns["harm_mark"][rows] <= now
        doses.append(dose)
        well.append(1.0 - float(ill[rows].mean()))
    at, found = np.array(doses), np.array(well)
    sigma = float(model.scenario.exposure.susceptibility_sigma)
    law = _survival(at, sigma)
    holds, worst = within(found[1:], law[1:], np.sqrt(law * (1.0 - law) / n)[1:], 4.0)

    def draw_it(axes: Axes) -> None:
        fine = np.linspace(0.0, at[-1], 200)
        axes.plot(fine, _survival(fine, sigma), label="dose against tolerance")
        axes.plot(at, found, "o", label="model, through six states")
        axes.set(xlabel="dose so far", ylabel="share not yet ill")

    return Check(
        "dose-and-survival",
        "However people move between places of different danger, who is not yet ill hangs on the sum of their doses.",
        f"{n:,} people through six stays; largest distance {worst:.1f} standard errors (4 allowed)",
        holds,
        "points on the line",
        draw_it,
    )

"""What the fidelity dial bends and what it saves: the same scenario with one agent for 1, 2, 5, 10 and 20 people.

``python -m benchmarks.weights [--scenario crisis-2021] [--until 2021-11-20] [--seeds 8] [--weights 2 5 10 20]``
``                             [--set KEY=VALUE] [--json FILE] [--page docs/weights.md]``

Every weight runs under the same seeds, so it has the same weather, drive of the services and, of the lists of parties,
the same first ones. *Ratio*: mean outcome over that of one agent a person, with a 95 % interval (Student t over seeds,
by the delta method for a ratio of paired means). It is marked where it is told from 1 at 5 % with all rows and weights
in mind (Holm 1979). *Spread*: standard deviation over seeds as a multiple of that with one agent a person. Seconds are
of the process, for one member from built model to tables, of this machine in this minute. Runs are made one after
another; ``--json`` keeps them and goes on from them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.runs.ensemble.intervals import holm
from sim.runs.ensemble.seeds import member_seeds
from sim.runs.one import simulate
from sim.runs.tables import outcome_table
from sim.scenario.load import load_scenario

Floats = NDArray[np.float64]
Runs = dict[str, dict[str, dict[str, float]]]
"""Outcomes by weight, seed and name; ``seconds`` and ``agents`` among them."""

ABOUT_THE_RUN = ("agents", "seconds")
MORE = {
    "share of attempts that get in": "1",
    "attempts seen, share": "1",
    "patrol hours on duty": "unit-hours",
    "patrol hours tied up by stops": "unit-hours",
    "people at the line, mean": "persons",
}
"""Outcomes beside those of a run's outcomes.csv: what the bias comes from."""


class Ratio(NamedTuple):
    """An outcome with a weight over that without: mean ratio, ends of its 95 % interval, chance, ratio of spreads."""

    ratio: float
    low: float
    high: float
    p_value: float
    spread: float


def measure(scenario: str, settings: Mapping[str, str], seed: int) -> dict[str, float]:
    """Return the outcomes of one run, how many agents it had and the process seconds it took."""
    loaded = load_scenario(scenario, settings)
    began = time.process_time()
    run = simulate(loaded, seed)
    record = run.record
    found = {name: value for _, name, value, _ in outcome_table(record)}
    seconds = time.process_time() - began
    outcome = record["attempts_by_outcome"].sum(["day", "post"])
    every = float(outcome.sum())
    found |= {
        "share of attempts that get in": float(outcome.sel(outcome=["seen_inside", "unseen_inside"]).sum()) / every,
        "attempts seen, share": float(outcome.sel(outcome=["prevented", "caught", "seen_inside"]).sum()) / every,
        "patrol hours on duty": float(record["unit_hours_on_duty"].sum()),
        "patrol hours tied up by stops": float(record["unit_hours_busy"].sum()),
        "people at the line, mean": float(record["people_at_post"].sum("post").mean()),
    }
    return {**found, "agents": float(run.timings["n_people"]), "seconds": seconds}


def ratio_of(weighted: Floats, single: Floats) -> Ratio:
    """Return how an outcome compares under the same seeds, both float64[n_seeds]; NaN where there is none of it."""
    from scipy.special import stdtr, stdtrit

    n, mean = len(single), float(single.mean())
    if mean == 0.0:
        return Ratio(*[float("nan")] * 5)
    ratio = float(weighted.mean()) / mean
    error = float((weighted - ratio * single).std(ddof=1)) / np.sqrt(n) / mean
    half = float(stdtrit(n - 1, 0.975)) * error
    p_value = 1.0 if ratio == 1.0 else 0.0 if error == 0.0 else 2.0 * float(stdtr(n - 1, -abs(ratio - 1.0) / error))
    spread = float(weighted.std(ddof=1) / single.std(ddof=1)) if single.std() > 0.0 else float("nan")
    return Ratio(ratio, ratio - half, ratio + half, p_value, spread)


def units_of(scenario: str) -> dict[str, str]:
    """Return all outcomes that are told, with their units."""
    from sim.model import StandoffModel
    from sim.record import make_record

    model = StandoffModel(load_scenario(scenario), 1)
    units = {name: unit for _, name, _, unit in outcome_table(make_record(model))}
    model.release()
    return units | MORE


def table(runs: Runs, units: Mapping[str, str], seeds: Sequence[int], weights: Sequence[int]) -> list[str]:
    """Return the table as Markdown lines: a row an outcome, a column a weight; then agents and seconds."""

    def values(weight: int, name: str) -> Floats:
        return np.array([runs[str(weight)][str(seed)][name] for seed in seeds])

    ratios = {(name, n): ratio_of(values(n, name), values(1, name)) for name in units for n in weights}
    told = [key for key, item in ratios.items() if np.isfinite(item.ratio)]
    corrected = dict(zip(told, holm([ratios[key].p_value for key in told]), strict=True))
    lines = [
        f"| outcome | mean, 1 | {' | '.join(f'{n}' for n in weights)} |", "|---|---|" + "---|" * len(weights)
    ]  # fmt: skip
    for name, unit in units.items():
        mean = values(1, name).mean()
        cells = [f"{mean:,.0f} {unit}" if unit != "1" else f"{mean:.3f}"]
        for n in weights:
            item = ratios[name, n]
            if not np.isfinite(item.ratio):
                cells.append("–")
                continue
            mark = "**" if corrected[name, n] < 0.05 else ""
            spread = "" if np.isnan(item.spread) else f"; × {item.spread:.1f}"
            cells.append(f"{mark}{item.ratio:.2f}{mark} ({item.low:.2f}–{item.high:.2f}{spread})")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name, form in (("agents", ",.0f"), ("seconds", ".1f")):
        cells = [f"{float(np.median(values(n, name))):{form}}" for n in (1, *weights)]
        title = "agents" if name == "agents" else "seconds of the process, a member, median"
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def page(lines: Sequence[str], scenario: str, settings: Mapping[str, str], n_seeds: int) -> str:
    """Return the page: how to read the table, and the table."""
    changed = "".join(f", {key} {value}" for key, value in settings.items())
    head = [
        "# What weights bend",
        "",
        f"Made by `python -m benchmarks.weights`; do not edit. `{scenario}`{changed}; {n_seeds} seeds a weight;",
        f"version {__version__}, {datetime.now(UTC):%d %B %Y}.",
        "",
        "Columns are people an agent. A cell: mean outcome over that with one agent a person, its 95 % interval, and",
        "the spread over seeds as a multiple of that with one agent a person (with few seeds a rough number).",
        "**Bold** is told from 1 at 5 % with the whole table in mind (Holm). Why, and what follows: "
        "[ensembles.md](ensembles.md).",
        "",
    ]
    return "\n".join([*head, *lines]) + "\n"


def main() -> None:
    """Run what is missing, one after another, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="crisis-2021")
    parser.add_argument("--until", default="2021-11-20")
    parser.add_argument("--seeds", type=int, default=8, help="how many, from 3")
    parser.add_argument("--weights", type=int, nargs="+", default=[2, 5, 10, 20])
    parser.add_argument("--set", dest="given", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, help="keep runs here and go on from them")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    settings = {"until": args.until, **dict(pair.split("=", 1) for pair in args.given)}
    runs: Runs = {}
    if args.json and args.json.is_file():
        runs = json.loads(args.json.read_text(encoding="utf-8"))
    seeds = member_seeds(args.seeds, load_scenario(args.scenario).seed)
    for seed in seeds:
        for weight in (1, *args.weights):
            if str(seed) in runs.setdefault(str(weight), {}):
                continue
            found = measure(args.scenario, {**settings, "people_per_agent": str(weight)}, seed)
            runs[str(weight)][str(seed)] = found
            print(f"  done: seed {seed}, one agent for {weight}, {found['seconds']:.1f} s", flush=True)
            if args.json:
                args.json.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    text = page(table(runs, units_of(args.scenario), seeds, args.weights), args.scenario, settings, args.seeds)
    if args.page:
        args.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""What moves when a kind of agent is switched off: eight seeds, differences with 95 % intervals.

``python -m benchmarks.switches [--seeds published-8] [--scenario standoff-november-2021] [--json FILE]``

Each arm is the same scenario under the same seeds with one kind of agent off from the first simulated day, spin-up
included. A mechanism's own output must move; effects on people are reported as found. Eight histories are few: an
interval that holds zero means *no detectable effect*, not *no effect*.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.runs.one import Run

ARMS = {
    "as it was": {},
    "no people": {"migrants.enabled": "false"},
    "no guards": {"guards.enabled": "false"},
    "no engineers": {"engineers.enabled": "false"},
    "no drills": {"drills.enabled": "false"},
    "no Minsk's services": {"services.enabled": "false"},
    "no governments": {"governments.enabled": "false"},
}
OUTCOMES = {
    "deaths": "persons",
    "hospital admissions": "persons",
    "nights outdoors": "person-nights",
    "people at the line, mean": "persons",
    "reached Germany": "persons",
    "recorded attempts, Poland": "person-attempts",
    "stopped or caught": "person-attempts",
    "group crossings": "person-attempts",
    "units on duty, Poland, mean": "units",
    "unit-hours pinned by drills": "unit-hours",
    "barrier raised": "km",
    "barrier mended": "km",
    "dated actions and reactions": "entries",
    "highest rung, Minsk–Warsaw": "rung",
}


def measure(task: tuple[str, str, int]) -> tuple[str, int, dict[str, float]]:
    """Return the outcomes of one arm under one seed."""
    from sim.runs.one import simulate
    from sim.scenario.load import load_scenario

    scenario, arm, seed = task
    return arm, seed, values_of(simulate(load_scenario(scenario, ARMS[arm]), seed))


def values_of(run: Run) -> dict[str, float]:
    """Return the outcomes of one run, by the names of `OUTCOMES`."""
    record = run.record
    in_poland = record["post_country"].values == "PL"
    governments = {"Minsk", "Moscow", "Warsaw", "Vilnius", "Riga", "London", "NATO", "EU", "Baghdad", "Ankara", "Kyiv"}
    outcome = record["attempts_by_outcome"].sum(["day", "post"])
    values = {
        "deaths": record["deaths"].sum(),
        "hospital admissions": record["hospital_admissions"].sum(),
        "nights outdoors": record["person_nights_outdoors"].sum(),
        "people at the line, mean": record["people_at_post"].sum("post").mean(),
        "reached Germany": record["germany_arrivals"].sum(),
        "recorded attempts, Poland": record["recorded_attempts"].sel(country="PL").sum(),
        "stopped or caught": outcome.sel(outcome=["prevented", "caught"]).sum(),
        "group crossings": record["group_attempts"].sum(),
        "units on duty, Poland, mean": record["units_on_duty"].isel(post=in_poland).sum("post").mean(),
        "unit-hours pinned by drills": record["unit_hours_pinned"].sum(),
        "barrier raised": record["metres_built"].sum() / 1000.0,
        "barrier mended": record["metres_mended"].sum() / 1000.0,
        "dated actions and reactions": int(
            (run.chronicle["actor"].isin(governments) & (run.chronicle["kind"] != "claim")).sum()
        ),
        "highest rung, Minsk–Warsaw": record["rung"].isel(pair=0).max(),
    }
    return {name: float(value) for name, value in values.items()}


def main() -> None:
    """Run all arms and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="standoff-november-2021")
    parser.add_argument("--seeds", default="published-8")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    from sim.scenario.seed_sets import load_seed_set

    seeds = load_seed_set(args.seeds)
    tasks = [(args.scenario, arm, seed) for seed in seeds for arm in ARMS]
    results: dict[str, dict[int, dict[str, float]]] = {arm: {} for arm in ARMS}
    with multiprocessing.get_context("forkserver").Pool(args.workers) as pool:
        for arm, seed, values in pool.imap_unordered(measure, tasks):
            results[arm][seed] = values
            print(f"  done: {arm}, seed {seed}", flush=True)
    print_table(args.scenario, seeds, results)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def print_table(scenario: str, seeds: tuple[int, ...], results: dict[str, dict[int, dict[str, float]]]) -> None:
    """Print, for each outcome, its mean as it was and the paired differences of the other arms as Markdown."""
    others = [arm for arm in ARMS if arm != "as it was"]
    print(f"\n{scenario}, {len(seeds)} seeds; differences to 'as it was', mean and 95 % interval (Student's t)\n")
    print("| outcome | as it was | " + " | ".join(others) + " |")
    print("|---" * (len(others) + 2) + "|")
    quantile = 2.365 if len(seeds) == 8 else 1.984  # Student's t, 7 and about 99 degrees of freedom
    for name, unit in OUTCOMES.items():
        base = np.array([results["as it was"][seed][name] for seed in seeds])
        cells = []
        for arm in others:
            change = np.array([results[arm][seed][name] for seed in seeds]) - base
            half = quantile * change.std(ddof=1) / np.sqrt(len(seeds))
            cells.append(f"{change.mean():+,.0f} ± {half:,.0f}")
        print(f"| {name}, {unit} | {base.mean():,.1f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()

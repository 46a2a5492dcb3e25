"""Every published scenario beside the one it changes: what was expected before any run, and what came out.

``python -m benchmarks.catalogue [--seeds published-8] [--n-seeds N] [--only NAME …] [--page docs/catalogue.md]``

Each what-if and its base run under the same seeds over the same days; the page holds medians of both and the paired
difference with a 95 % interval of Student's t. An interval that holds zero is *no detectable effect* with so few
histories, not *no effect*. The expectation stands as it was written and is not judged by the program.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from pathlib import Path

import numpy as np

from benchmarks.switches import OUTCOMES, values_of

STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}
"""Two-sided 95 % quantiles of Student's t by number of pairs."""

NOT_COMPARED = {"one-million": "its counts are 128 times those of its base: see benchmarks of the machine"}


def bases() -> dict[str, str]:
    """Return the published scenarios that change another one, with the name of that one."""
    from sim.scenario.catalogue import list_scenarios
    from sim.scenario.files import read_table

    found = {}
    for listed in list_scenarios():
        base = str(read_table(listed.path, listed.path.name).get("extends", ""))
        if base:
            found[listed.name] = base
    return found


def base_days(name: str) -> dict[str, str]:
    """Return the settings that give the base of a scenario the scenario's own days."""
    from sim.scenario.load import load_scenario

    asked = load_scenario(name)
    days = {"start": asked.start, "until": asked.until, "spin_up_from": asked.spin_up_from}
    return {key: str(value) for key, value in days.items() if value}


def arms(name: str, base: str) -> tuple[str, str]:
    """Return the two arms of a scenario as text: itself, and its base with its days; bases are often the same."""
    return name, " ".join([base, *(f"{key}={value}" for key, value in base_days(name).items())])


def measure(task: tuple[str, int]) -> tuple[str, int, dict[str, float]]:
    """Return the outcomes of one arm under one seed."""
    from sim.runs.one import simulate
    from sim.scenario.load import load_scenario

    arm, seed = task
    name, *settings = arm.split(" ")
    return arm, seed, values_of(simulate(load_scenario(name, dict(pair.split("=") for pair in settings)), seed))


def section(name: str, base: str, results: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return what is said of one scenario: question, expectation, table of outcomes."""
    from sim.scenario.load import load_scenario

    scenario = load_scenario(name)
    lines = [f"## {name}", " ".join(scenario.question.split()), ""]
    lines += ["*Expected.* " + " ".join(scenario.expectation.split()), ""]
    if name in NOT_COMPARED:
        return "\n".join([*lines, f"*Not compared:* {NOT_COMPARED[name]}."])
    own, other = arms(name, base)
    seeds = sorted(set(results[own]) & set(results[other]))
    mine, its = ({seed: results[arm][seed] for seed in seeds} for arm in (own, other))
    lines.append(f"*Came out,* {len(seeds)} pairs of runs against `{base}` over the same days:")
    lines += ["", f"| outcome | `{base}` | here | difference |", "|---|---|---|---|"]
    for outcome, unit in OUTCOMES.items():
        pairs = np.array([[its[seed][outcome], mine[seed][outcome]] for seed in seeds])
        change = pairs[:, 1] - pairs[:, 0]
        half = STUDENT_T[len(seeds)] * change.std(ddof=1) / np.sqrt(len(seeds))
        told = "none" if not change.any() else f"{change.mean():+,.0f} ± {half:,.0f}"
        middle = np.median(pairs, axis=0)
        lines.append(f"| {outcome}, {unit} | {middle[0]:,.0f} | {middle[1]:,.0f} | {told} |")
    return "\n".join(lines)


def main() -> None:
    """Run what is asked and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="published-8")
    parser.add_argument("--n-seeds", type=int, default=8, help="the first so many of the set, 2 to 8")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="keep results here and go on from them")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    from sim.scenario.seed_sets import load_seed_set

    seeds = load_seed_set(args.seeds)[: args.n_seeds]
    asked = {name: base for name, base in bases().items() if not args.only or name in args.only}
    results: dict[str, dict[str, dict[str, float]]] = {}
    if args.json and args.json.is_file():
        results = json.loads(args.json.read_text(encoding="utf-8"))
    wanted = dict.fromkeys(arm for name, base in asked.items() if name not in NOT_COMPARED for arm in arms(name, base))
    tasks = [(arm, seed) for seed in seeds for arm in wanted if str(seed) not in results.get(arm, {})]
    with multiprocessing.get_context("forkserver").Pool(args.workers) as pool:
        for arm, seed, values in pool.imap_unordered(measure, tasks):
            results.setdefault(arm, {})[str(seed)] = values
            print(f"  done: {arm}, seed {seed}", flush=True)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    head = (
        "# What was expected, and what came out\n\nMade by `python -m benchmarks.catalogue`; do not edit. One history "
        "is one of many: an\ninterval that holds zero means no detectable effect with so few, not no effect. With two "
        "pairs hardly an interval does not."
    )
    text = "\n\n".join([head, *(section(name, base, results) for name, base in asked.items())]) + "\n"
    if args.page:
        args.page.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()

"""What is found about people when a system of ``docs/systems.md`` is off: fills the last column of that page.

``python -m benchmarks.systems [--scenario kuznica-8-november] [--n-seeds 8] [--json FILE] [--write]``

Each row names a switch; the scenario runs with and without it under the same seeds. An outcome is told when the 95 %
interval of its mean difference (Student's t) leaves out zero, in per cent of its mean with the system on. Of many
outcomes one in twenty is told by luck alone. What is not told was not detected, which is not the same as absent.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
from pathlib import Path

import numpy as np

from benchmarks.catalogue import STUDENT_T

PAGE = Path(__file__).parents[1] / "docs" / "systems.md"
ROW = re.compile(
    r"^(\| (?P<name>[^|]+?) \|(?:[^|]*\|){3} `(?P<switch>[a-z_.]+=[a-z0-9]+)` \|[^|]*\|)(?P<found>[^|]*\|)?$"
)
AFTER_REPLAY = {"reactions", "coverage", "drills on order"}
"""Systems at work only when history is no longer replayed: both arms end the replay on the second day."""

PEOPLE = ("deaths", "hospital", "illness", "injuries by hands", "nights outdoors", "refused back", "in Germany")


def rows() -> dict[str, str]:
    """Return the switch of each system of the page."""
    found = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return {match["name"]: match["switch"] for match in found if match}


def measure(task: tuple[str, str, int]) -> tuple[str, int, dict[str, float]]:
    """Return what befell people in one arm (settings as text) under one seed."""
    from sim.runs.one import simulate
    from sim.scenario.load import load_scenario

    scenario, arm, seed = task
    settings = dict(pair.split("=") for pair in arm.split())
    record = simulate(load_scenario(scenario, settings), seed).record
    names = (
        "deaths", "hospital_admissions", "harm_events", "handling_injuries", "person_nights_outdoors", "refused_back",
        "germany_arrivals",
    )  # fmt: skip
    return arm, seed, {told: float(record[name].sum()) for told, name in zip(PEOPLE, names, strict=True)}


def arms_of(name: str, switch: str) -> tuple[str, str]:
    """Return the settings of both arms of a system as text: with it, and without."""
    both = "replay_until=2021-11-09" if name in AFTER_REPLAY else ""
    return both, f"{both} {switch}".strip()


def found(on: list[dict[str, float]], off: list[dict[str, float]]) -> str:
    """Return in words what differs between runs with a system and without, pair by pair."""
    told = []
    for outcome in PEOPLE:
        base = np.array([values[outcome] for values in on])
        change = np.array([values[outcome] for values in off]) - base
        half = STUDENT_T[len(on)] * change.std(ddof=1) / np.sqrt(len(on))
        alike = half == 0.0 and not (base + change == 0.0).all()  # few pairs that differ by the same few: no certainty
        if base.mean() and abs(change.mean()) > half and not alike:
            share, reach = 100 * change.mean() / base.mean(), 100 * half / base.mean()
            digits = 0 if abs(share) >= 10 else 1
            told.append(f"{outcome} {share:+.{digits}f} ± {reach:.{digits}f} %")
    if all(one == other for one, other in zip(on, off, strict=True)):
        return f"nothing: the same people, the same fates ({len(on)} pairs)"
    return f"{'; '.join(told) or 'no detectable effect'} ({len(on)} pairs)"


def write(findings: dict[str, str]) -> None:
    """Put what was found into the last column of the page."""
    lines = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        lines.append(f"{match[1]} {findings[match['name']]} |" if match and match["name"] in findings else line)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Run every system on and off, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="kuznica-8-november")
    parser.add_argument("--n-seeds", type=int, default=8, help="the first so many of published-8, 2 to 8")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="keep results here and go on from them")
    parser.add_argument("--write", action="store_true", help="put findings into docs/systems.md")
    args = parser.parse_args()
    from sim.scenario.seed_sets import load_seed_set

    seeds = load_seed_set("published-8")[: args.n_seeds]
    results: dict[str, dict[str, dict[str, float]]] = {}
    if args.json and args.json.is_file():
        results = json.loads(args.json.read_text(encoding="utf-8"))
    wanted = dict.fromkeys(arm for name, switch in rows().items() for arm in arms_of(name, switch))
    tasks = [(args.scenario, arm, seed) for seed in seeds for arm in wanted if str(seed) not in results.get(arm, {})]
    with multiprocessing.get_context("forkserver").Pool(args.workers) as pool:
        for arm, seed, values in pool.imap_unordered(measure, tasks):
            results.setdefault(arm, {})[str(seed)] = values
            print(f"  done: {arm or 'all on'}, seed {seed}", flush=True)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    findings = {}
    for name, switch in rows().items():
        on, off = ([results[arm][str(seed)] for seed in seeds] for arm in arms_of(name, switch))
        findings[name] = found(on, off)
        print(f"{name}: {findings[name]}")
    if args.write:
        write(findings)


if __name__ == "__main__":
    main()

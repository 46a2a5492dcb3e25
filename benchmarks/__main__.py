"""``python -m benchmarks``: what a run costs, as one table and one JSON file.

Every figure is of this machine in this minute; only ratios within one run carry over. Seconds are printed, never
asserted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def stepping(scenario: str, settings: dict[str, str]) -> dict[str, Any]:
    """Return what it costs to step a scenario, in a process of its own so that peak memory is its own."""
    code = f"""
import json, resource, time
from sim.scenario.load import load_scenario
from sim.model import StandoffModel
scenario = load_scenario({scenario!r}, {settings!r})
began = time.perf_counter()
model = StandoffModel(scenario)
built = time.perf_counter()
model.run()
seconds = time.perf_counter() - built
print(json.dumps({{"hours": model.hour, "people": len(model.people), "building_s": built - began, "stepping_s": seconds,
    "ms_per_hour": 1000 * seconds / model.hour, "live_people_hours": model.n_person_hours,
    "million_people_hours_per_s": model.n_person_hours / seconds / 1e6, "events": model.migrants.n_events,
    "bytes_per_person": model.people.bytes_per_row,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def command(*words: str) -> dict[str, Any]:
    """Return the wall seconds of a command, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sim.cli", *words], capture_output=True, check=True)
        best = min(best, time.perf_counter() - began)
    return {"wall_s": best}


def twin_ratio(hours: int = 48) -> dict[str, Any]:
    """Return seconds per live person-hour of the twin over those of the fast model, same world, same run."""
    from sim.model import StandoffModel
    from sim.scenario.load import load_scenario
    from sim.twin.model import TwinModel

    scenario = load_scenario("kuznica-8-november", {"until": "2021-11-09", "migrants.people_scale": "0.05"})
    seconds = {}
    for name, build in (("twin", TwinModel), ("fast", StandoffModel)):
        model = build(scenario, 1)
        began = time.perf_counter()
        for _ in range(hours):
            model.step()
        seconds[name] = time.perf_counter() - began
    return {"hours": hours, **{f"{name}_s": value for name, value in seconds.items()},
            "ratio_same_small_world": seconds["twin"] / seconds["fast"]}  # fmt: skip


def main() -> None:
    """Measure, print, and write ``benchmarks/latest.json``."""
    rows = {
        "crisis-2021, all rules": stepping("crisis-2021", {}),
        "standoff-november-2021 with spin-up": stepping("standoff-november-2021", {}),
        "kuznica-8-november": stepping("kuznica-8-november", {}),
        "nobody there (fixed cost)": stepping("kuznica-8-november", {"migrants.enabled": "false"}),
        "400,000 people, 3 days": stepping(
            "kuznica-8-november", {"migrants.people_scale": "50", "until": "2021-11-10"}
        ),
        "standoff --help": command("--help"),
        "twin against fast, some 400 people": twin_ratio(),
    }
    for name, values in rows.items():
        print(f"\n{name}")
        for key, value in values.items():
            print(f"  {key:<28}{value:>16,.3f}" if isinstance(value, float) else f"  {key:<28}{value:>16,}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\npeak memory of the largest run: {peak:,.0f} MiB")
    Path("benchmarks/latest.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

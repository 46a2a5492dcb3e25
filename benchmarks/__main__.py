"""``python -m benchmarks``: what a run costs, as one table and one JSON file (``benchmarks/latest.json``).

    make bench                          the rows of docs/performance.md, some minutes
    make bench ARGS="--quick"           smaller loads, for a first look
    make bench ARGS="--ten-million"     ten million people as well: 3 GB

Seconds are those of the process (``process_s``) where nothing else is said, so that other work on the machine counts
less; they are of this machine in this minute and never asserted. Ratios are taken within one run, as medians of pairs
with their spread. What must hold on every machine (bytes a person, draws an hour, no loop over people) is counted in
``tests/test_costs.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import reduced
from benchmarks.stepping import bandwidth_gb_per_s, measure, steady

OUT = Path("benchmarks/latest.json")
PAIRS = 5


def command(*words: str) -> dict[str, Any]:
    """Return the wall seconds of a command: the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sim.cli", *words], capture_output=True, check=True)
        best = min(best, time.perf_counter() - began)
    return {"wall_s": best}


def whole_run(folder: str) -> dict[str, Any]:
    """Return the wall seconds of the default run, warm, with its nine figures."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sim.cli", "run", "--quiet", "--out", folder], capture_output=True, check=True
    )
    whole = time.perf_counter() - began
    when = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["when"]
    return {"wall_s": whole, **{name: value for name, value in when.items() if name.startswith("seconds")}}


def twin_seconds_per_person_hour(people: float) -> float:
    """Return process seconds of the twin for one live person-hour, on the steady load of so many people."""
    from sim.scenario.load import load_scenario
    from sim.twin.model import TwinModel

    twin = TwinModel(load_scenario("kuznica-8-november", steady(people, "2021-11-08")), 1)
    people_hours, began = 0, time.process_time()
    for _ in range(24):
        twin.step()
        people_hours += sum(1 for person in twin.people if person.state not in (12, 13, 14))
    return (time.process_time() - began) / people_hours


def ratio(slow: Callable[[], float], fast: Callable[[], float]) -> dict[str, float]:
    """Return how many times one cost is the other: median, least and most of some pairs taken in turn."""
    ratios = sorted(slow() / fast() for _ in range(PAIRS))
    return {"median": median(ratios), "least": ratios[0], "most": ratios[-1]}


def ratios(quick: bool) -> dict[str, Any]:
    """Return the comparisons with others; a name ends in what is compared."""
    n = 100_000 if quick else 1_000_000
    cost = "ns_per_person_hour"
    frames = reduced.by_mesa_frames(1000, 2) is not None
    found: dict[str, Any] = {
        "usual Mesa / core, same reduced rules": ratio(
            lambda: reduced.by_mesa(2000, 50)[cost], lambda: reduced.by_core(n, 24)[cost]
        ),
        "bare Mesa do over marks / core, same reduced rules": ratio(
            lambda: reduced.by_marks(2000, 50)[cost], lambda: reduced.by_core(n, 24)[cost]
        ),
    }
    if frames:
        found["mesa-frames / core, same reduced rules, wall"] = ratio(
            lambda: (reduced.by_mesa_frames(n, 12) or {})[cost], lambda: reduced.by_core(n, 24)[cost]
        )
    twin, bare, fast = [], [], []
    for _ in range(1 if quick else 3):
        twin.append(1e9 * twin_seconds_per_person_hour(2000.0))
        bare.append(reduced.by_marks(2000, 50)[cost])
        fast.append(1e3 / measure("kuznica-8-november", steady(n, "2021-11-08"))["million_people_hours_per_s"])
    found["twin at 2,000 people / fast model, all rules"] = {
        "median": median(t / f for t, f in zip(twin, fast, strict=True)),
        "twin_ns": median(twin), "fast_ns": median(fast),
    }  # fmt: skip
    found["twin, all rules / bare Mesa do, toy rules (void above 2)"] = {
        "median": median(t / b for t, b in zip(twin, bare, strict=True)), "bare_do_ns": median(bare),
    }  # fmt: skip
    return found


def roofline(million_people_hours_per_s: float) -> dict[str, float]:
    """Return what memory allows: bytes that must be read for a person-hour against what this machine reads."""
    gb_per_s = bandwidth_gb_per_s()
    timetable, plan = 2.0, 2 * (2 + 8) / 24.0  # a byte in each of two slots an hour; cell and mark of each once a day
    counted = 2.0  # the cell, for the books
    must = timetable + plan + counted
    most = 1e3 * gb_per_s / must
    return {
        "bandwidth_gb_per_s": gb_per_s, "bytes_per_person_hour": must, "most_million_people_hours_per_s": most,
        "share_reached": million_people_hours_per_s / most,
    }  # fmt: skip


def main() -> None:
    """Measure, print, and write the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller loads")
    parser.add_argument("--ten-million", action="store_true", help="ten million people for 7 days as well")
    parser.add_argument("--only", help="only rows whose name holds this text")
    args = parser.parse_args()
    quick = args.quick
    million = 100_000 if quick else 1_000_000
    until = "2021-11-10" if quick else "2021-12-07"
    results: dict[str, Any] = {
        "machine": {
            "python": platform.python_version(), "processors": os.cpu_count(), "load": list(os.getloadavg()),
            "processor": platform.processor() or platform.machine(), "system": platform.system(),
        }
    }  # fmt: skip
    rows: dict[str, Callable[[], dict[str, Any]]] = {
        "crisis-2021, all rules": lambda: measure("crisis-2021", {}, 24 if quick else None, parts=True),
        "empty world": lambda: measure(
            "kuznica-8-november", {"migrants.enabled": "false"}, 48 if quick else None, parts=True
        ),
        f"steady load, {million:,} people": lambda: measure("kuznica-8-november", steady(million, until), parts=True),
        "ratios": lambda: ratios(quick),
        "standoff --help": lambda: command("--help"),
    }
    for people in (1_000, 10_000, 100_000, *(() if quick else (1_000_000,))):
        rows[f"scaling, {people:,} people, 1 day"] = lambda people=people: measure(  # type: ignore[misc]
            "kuznica-8-november", steady(people, "2021-11-08")
        )
    for hours in ("160", "80", "40", "20"):
        settings = {**steady(million / 10, "2021-11-08"), "migrants.attempt_interval_hours": hours}
        rows[f"events, attempts every {hours} h"] = lambda settings=settings: measure(  # type: ignore[misc]
            "kuznica-8-november", settings
        )
    if not quick:
        rows["standoff run, nine figures"] = lambda: whole_run(f"results/.bench-{os.getpid()}")
    if args.ten_million:
        rows["ten million, 7 days"] = lambda: measure("kuznica-8-november", steady(1e7, "2021-11-14"))
    for name, take in rows.items():
        if args.only and args.only not in name:
            continue
        results[name] = take()
        if name.startswith("steady"):
            results["roofline"] = roofline(results[name].get("million_people_hours_per_s", 0.0))
            show("roofline", results["roofline"])
        show(name, results[name])
        OUT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten: {OUT}")


def show(name: str, values: dict[str, Any], indent: str = "") -> None:
    """Print one row of the table."""
    print(f"{indent}{name}" if indent else f"\n{name}", flush=True)
    for key, value in values.items():
        if isinstance(value, dict):
            show(key, value, indent + "  ")
        elif isinstance(value, float):
            print(f"{indent}  {key:<32}{value:>14,.3f}")
        else:
            print(f"{indent}  {key:<32}{value!s:>14}")


if __name__ == "__main__":
    main()

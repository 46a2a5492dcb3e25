"""The uncalibrated model beside the published counts: eight seeds of ``crisis-2021``, month by month.

``python -m benchmarks.against_observed [--seeds published-8]`` prints the tables of ``docs/validation.md``. Nothing is
fitted here. A few detection numbers were set by hand on attempts to 31 October 2021; November was left alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
from datetime import date

import numpy as np

MONTHS = (date(2021, 8, 1), date(2021, 9, 1), date(2021, 10, 1), date(2021, 11, 1))


def measure(seed: int) -> dict[str, object]:
    """Return the monthly sums of one seed, and its recorded attempts in Poland by day."""
    from sim.runs.one import simulate
    from sim.scenario.load import load_scenario

    run = simulate(load_scenario("crisis-2021", {"until": "2021-11-30"}), seed)
    record = run.record
    months = record["day"].dt.month
    attempts = record["recorded_attempts"].sel(country="PL")
    people = record["people"]
    on_18_november = people.sel(day="2021-11-18")
    in_belarus = on_18_november.sel(state=["minsk", "ride", "line", "camp", "centre", "hospital_belarus", "going_home"])
    tried = run.record["attempts"].sum()
    return {
        "attempts": [float(attempts.where(months == month.month, drop=True).sum()) for month in MONTHS],
        "germany": [
            float(record["germany_registered"].where(months == month.month, drop=True).sum()) for month in MONTHS
        ],
        "by_day": {
            str(day)[:10]: float(value) for day, value in zip(record["day"].values, attempts.values, strict=True)
        },
        "in Belarus on 18 November": float(in_belarus.sum()),
        "in the camp on 12 November": float(people.sel(day="2021-11-12", state="camp")),
        "in the centre on 20 November": float(people.sel(day="2021-11-20", state="centre")),
        "flown or gone home by 30 November": float(record["flow"].sel(to_state="home").sum()),
        "deaths to 30 November": float(record["deaths"].sum()),
        "of these, becoming known": float(record["deaths_found"].sum()),
        "wire fence in Poland on 12 November, km": float(
            record["barrier_km"].sel(day="2021-11-12", country="PL", layer="wire_fence")
        ),
        "soldiers in Poland on 15 November": float(
            record["guards"].sel(day="2021-11-15", country="PL", service="army")
        ),
        "person-attempts in all": float(tried),
    }


def spread(values: list[float]) -> str:
    """Return the median and the range of some numbers."""
    return f"{np.median(values):,.0f} ({min(values):,.0f} – {max(values):,.0f})"


def main() -> None:
    """Run all seeds and print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="published-8")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    from sim.scenario.observed import observed_attempts_by_day, observed_months
    from sim.scenario.seed_sets import load_seed_set

    seeds = load_seed_set(args.seeds)
    with multiprocessing.get_context("forkserver").Pool(args.workers) as pool:
        runs = pool.map(measure, seeds)
    for title, key, series, country in (
        ("recorded attempts, Poland", "attempts", "attempts", "PL"),
        ("registered in Germany", "germany", "entries_germany", "DE"),
    ):
        observed = observed_months(series, country)
        print(
            f"\n| {title} | published | model, median (range of {len(seeds)}) | model / published |\n|---|---|---|---|"
        )
        for number, month in enumerate(MONTHS):
            values = [run[key][number] for run in runs]  # type: ignore[index]
            published = observed[month].value
            print(f"| {month:%B %Y} | {published:,.0f} | {spread(values)} | {np.median(values) / published:.2f} |")
    print(f"\n| stock or total | model, median (range of {len(seeds)}) |\n|---|---|")
    for key in runs[0]:
        if isinstance(runs[0][key], float):
            print(f"| {key} | {spread([run[key] for run in runs])} |")  # type: ignore[misc]
    days = {str(day): count.value for day, count in observed_attempts_by_day().items()}
    for month, name in ((9, "September"), (10, "October"), (11, "November")):
        here = [day for day in days if int(day[5:7]) == month and day in runs[0]["by_day"]]  # type: ignore[operator]
        inside = [
            min(run["by_day"][day] for run in runs) <= days[day] <= max(run["by_day"][day] for run in runs)  # type: ignore[index]
            for day in here
        ]
        print(f"\n{name}: {len(here)} days with a published count, {sum(inside)} within the range of the seeds.")


if __name__ == "__main__":
    main()

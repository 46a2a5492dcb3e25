"""``standoff run``: simulate once, leave a results folder, print what came out."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.commands.arguments import (
    Commands,
    day,
    days,
    leave_on_signals,
    out_folder,
    say_remarks,
    scenario,
    seed,
    settable,
    wanted_progress,
    warn_of_few_agents,
    weighted,
    words_of_settings,
)
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.runs.one import Run

__all__ = ["DEFAULT_SCENARIO", "closing_table", "declare"]

DEFAULT_SCENARIO: Final = "standoff-november-2021"
_MOST_DRAWERS: Final = 3
"""Processes that draw figures at most: each needs a second to get ready and 150 MB."""


def declare(commands: Commands) -> None:
    """Add ``run``."""
    run = commands.add("run", _run, "simulate a scenario once and leave a results folder")
    scenario(run, DEFAULT_SCENARIO)
    run.add_argument("--seed", type=seed, metavar="N", help="random seed (default: the scenario's own)")
    run.add_argument("--until", type=day, metavar="DATE", help="last day, included, such as 2021-11-20")
    settable(run)
    weighted(run)
    out_folder(run)
    run.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    run.add_argument(
        "--snapshot-every", type=days, default=0, metavar="DAYS",
        help="keep a snapshot every so many days and at the end, for `standoff resume` and `branch`",
    )  # fmt: skip
    run.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _run(args: argparse.Namespace) -> int:
    """Run, write the results folder, print the closing table."""
    from sim.runs.one import run
    from sim.runs.pool import n_processors

    leave_on_signals()
    words = words_of_settings(args)
    if args.seed is not None:
        words.append(f"--seed {args.seed}")
    if args.until is not None:
        words.append(f"--until {args.until}")
    name = Path(args.scenario).name
    result, folder = run(
        args.scenario,
        settings=args.settings,
        out=args.out,
        figures=args.figures,
        progress=wanted_progress(args),
        command=" ".join(["standoff run", name, *words]),
        snapshot_every=args.snapshot_every,
        n_drawers=min(n_processors(), _MOST_DRAWERS) if n_processors() > 1 else 0,
    )
    say_remarks(args.scenario, args.settings)
    warn_of_few_agents(result.scenario)
    if not args.quiet:
        print(closing_table(result))
    print(f"Results: {folder}/")
    return 0


def closing_table(result: Run) -> str:
    """Return the outcomes of a run as text: what befell people first, then the line, then the rest."""
    from sim.runs.tables import outcome_table
    from sim.runs.weights import one_for_many

    record, scenario = result.record, result.scenario
    lines = [
        *textwrap.wrap(f"{scenario.name}: {scenario.question}", 110),
        f"{record.attrs['start']} to {record.attrs['until']}, seed {result.seed}.",
        "One run, one history: one of many that could have been.",
        "Whether a difference is more than luck needs many runs (an ensemble), not two.",
    ]
    if "changed" in record.attrs:
        lines.append(f"Changed on the command line: {record.attrs['changed']}.")
    if record.attrs["people_scale"] != 1.0:
        lines.append(f"People and guards × {record.attrs['people_scale']:g}: all counts are of that share.")
    lines += textwrap.wrap(one_for_many(scenario), 110)
    group = ""
    for heading, name, value, unit in outcome_table(record):
        if heading != group:
            lines += ["", heading]
            group = heading
        lines.append(f"  {name:<42}{value:>12,.0f}  {unit}")
    if scenario.expectation:
        lines += ["", "Expected before any run"]
        lines += textwrap.wrap(scenario.expectation, 110, initial_indent="  ", subsequent_indent="  ")
    timings = result.timings
    whose = "people-hours" if scenario.people_per_agent == 1 else "agent-hours"
    lines += [
        "",
        f"{timings['n_hours']:,} hours stepped in {timings['seconds_stepping']:.1f} s; "
        f"{timings['live_people_hours']:,} live {whose}, "
        f"{timings['live_people_hours_per_second']:,} a second.",
        *LIMITS,
    ]
    return "\n".join(lines)

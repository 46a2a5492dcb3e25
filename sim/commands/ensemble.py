"""``standoff ensemble``: many runs of one scenario, told as medians and intervals."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.arguments import (
    Commands,
    UsageError,
    day,
    execution,
    leave_on_signals,
    say_remarks,
    scenario,
    settable,
    warn_of_few_agents,
    weighted,
    whole,
    words_of_settings,
    workers,
)
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.runs.ensemble.run import Ensemble

__all__ = ["declare", "many_runs", "words"]


def declare(commands: Commands) -> None:
    """Add ``ensemble``."""
    many = commands.add("ensemble", _ensemble, "run a scenario many times and tell medians and intervals")
    scenario(many)
    many_runs(many)
    many.add_argument(
        "--until-width", type=_share, metavar="SHARE",
        help="stop when the 95 %% interval of the mean of --of is so narrow, such as 5%% of the mean",
    )  # fmt: skip
    many.add_argument(
        "--of", metavar="OUTCOME", default="", help="outcome of --until-width: a row of outcomes.csv or a daily series"
    )


def many_runs(to: argparse.ArgumentParser) -> None:
    """Let a command take what all that run many members share."""
    to.add_argument("--members", type=whole, required=True, metavar="N", help="how many runs, each with its own seed")
    to.add_argument("--until", type=day, metavar="DATE", help="last day, included, such as 2021-11-20")
    settable(to)
    weighted(to)
    to.add_argument("--seeds", default="published-100", metavar="SET", help="named set of seeds (default: %(default)s)")
    workers(to)
    to.add_argument(
        "--out", type=Path, metavar="DIR",
        help="results folder; one that the same command began goes on, finished members are not run again",
    )  # fmt: skip
    to.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    to.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _share(text: str) -> float:
    """Return the share that `text` writes, as 5% or 0.05; 5 alone could mean either, and is refused."""
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,9})?)( ?%)?", text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a share such as 5% or 0.05")
    share = float(match[1]) / (100.0 if match[2] else 1.0)
    if share > 1.0:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a share of at most 100%, such as 5% or 0.05")
    return share


def words(args: argparse.Namespace, *scenarios: str) -> str:
    """Return the command line to be noted: what shapes the results, without paths and workers."""
    said = ["standoff", args.command, *(Path(name).name for name in scenarios), f"--members {args.members}"]
    said += words_of_settings(args)
    if args.until is not None:
        said.append(f"--until {args.until}")
    if args.seeds != "published-100":
        said.append(f"--seeds {args.seeds}")
    return " ".join(said)


def _ensemble(args: argparse.Namespace) -> int:
    """Make the members, write the results folder, print the outcomes."""
    from sim.runs.ensemble.run import Until, ensemble

    if (args.until_width is None) != (not args.of):
        lacking = "--of OUTCOME" if not args.of else "--until-width SHARE"
        raise UsageError(f"standoff ensemble: --until-width and --of go together; {lacking} is missing")
    leave_on_signals()
    noted = words(args, args.scenario)
    if args.of:
        noted += f" --until-width {args.until_width:.10g} --of {args.of!r}"
    result = ensemble(
        args.scenario,
        args.members,
        settings=args.settings,
        seeds=args.seeds,
        until=Until(args.until_width, args.of) if args.of else None,
        figures=args.figures,
        command=noted,
        execution=execution(args),
    )
    say_remarks(args.scenario, args.settings)
    warn_of_few_agents(result.scenario)
    if result.n_left_out:
        print(f"standoff: {result.n_left_out} members of other code lie beside and are left out", file=sys.stderr)
    for seed, why in result.failed.items():
        print(f"standoff: the member of seed {seed} failed and is left out: {why}", file=sys.stderr)
    if not args.quiet:
        print(closing_table(result))
    print(f"Results: {result.folder}/")
    return 0


def closing_table(result: Ensemble) -> str:
    """Return outcomes as median and intervals, what befell people first."""
    from sim.runs.ensemble.seeds import seeds_in_words
    from sim.runs.weights import one_for_many

    n = len(result.seeds)
    lines = [
        f"{result.scenario.name}: {n} runs, seeds {seeds_in_words(result.seeds)}; {result.n_made} made now, "
        f"{n - min(n, result.n_made)} found.",
        *textwrap.wrap(result.stopped, 110),
        "Half of the runs lie in the 50 % interval, four in five in the 80 % interval.",
        *textwrap.wrap(one_for_many(result.scenario), 110),
        "",
        f"{'':<42}{'median':>10}{'50 %':>22}{'80 %':>22}",
    ]
    group = ""
    for row in result.outcomes.to_dict("records"):
        if row["group"] != group:
            group = str(row["group"])
            lines += ["", group]
        inside = "".join(f"{row[f'low_{share}']:,.0f} to {row[f'high_{share}']:,.0f}".rjust(22) for share in (50, 80))
        lines.append(f"  {row['outcome']:<40}{row['median']:>10,.0f}{inside}  {row['unit']}")
    return "\n".join([*lines, "", *LIMITS])

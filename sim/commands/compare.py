"""``standoff compare``: what one scenario has other than another, for whom, and beside a placebo."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from typing import TYPE_CHECKING

from sim.commands.arguments import Commands, execution, leave_on_signals, say_remarks, warn_of_few_agents
from sim.commands.ensemble import many_runs, words
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.runs.compare.run import Comparison

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``compare``."""
    pair = commands.add("compare", _compare, "run two scenarios under the same lucks and tell what differs")
    pair.add_argument("first", metavar="FIRST", help="name of a published scenario, or a TOML file")
    pair.add_argument("second", metavar="SECOND", help="another; differences are second less first")
    many_runs(pair)


def _compare(args: argparse.Namespace) -> int:
    """Make the members of both and of the placebo, write the results folder, print the differences."""
    from sim.runs.compare.run import compare

    leave_on_signals()
    result = compare(
        args.first,
        args.second,
        args.members,
        settings=args.settings,
        seeds=args.seeds,
        figures=args.figures,
        command=words(args, args.first, args.second),
        execution=execution(args),
    )
    for scenario in dict.fromkeys((args.first, args.second)):
        say_remarks(scenario, args.settings)
    warn_of_few_agents(result.first)
    for seed, why in result.failed.items():
        print(f"standoff: the pair of seed {seed} is left out: {why}", file=sys.stderr)
    for seed, why in result.failed_placebos.items():
        print(f"standoff: the placebo of seed {seed} failed and is left out: {why}", file=sys.stderr)
    if not args.quiet:
        print(closing_table(result))
    print(f"Results: {result.folder}/")
    return 0


def closing_table(result: Comparison) -> str:
    """Return the differences, what befell people first, and what was found in words."""
    from sim.runs.compare.tables import finding
    from sim.runs.ensemble.seeds import seeds_in_words
    from sim.runs.weights import one_for_many

    lines = [
        f"{result.second.name} less {result.first.name}: {len(result.seeds)} pairs under the same luck, seeds "
        f"{seeds_in_words(result.seeds)}; {result.n_made} members made now.",
        _partings(result),
        *textwrap.wrap(one_for_many(result.first), 110),
        "Difference: mean over pairs, 95 % interval (Student t). Pairing: variance without it over that with it.",
        "* marks what is told from no difference at 5 % with all outcomes in mind (Holm).",
        "",
        f"first: {result.first.name}",
        f"second: {result.second.name}",
        "",
        f"{'first, median':>56}{'second, median':>16}{'difference':>12}{'95 %':>22}{'pairing':>9}",
    ]
    group = ""
    for row in result.outcomes.to_dict("records"):
        if row["group"] != group:
            group = str(row["group"])
            lines += ["", group]
        interval = f"{row['low_95']:+,.1f} to {row['high_95']:+,.1f}"
        lines.append(
            f"{'*' if row['detectable'] else ' ':<2}{row['outcome']:<40}{row['first_median']:>14,.0f}"
            f"{row['second_median']:>16,.0f}{row['difference']:>+12,.1f}{interval:>22}{_factor(row['variance_factor']):>9}"
        )
    lines.append("")
    for line in finding(result.outcomes, result.fates, result.churn):
        lines += textwrap.wrap(line, 110, subsequent_indent="  ") if not line.startswith("  ") else [line]
    return "\n".join([*lines, "", *LIMITS])


def _factor(factor: float) -> str:
    if math.isnan(factor):
        return "–"
    return "∞" if factor == float("inf") else f"{factor:.1f}"


def _partings(result: Comparison) -> str:
    """Return when the worlds part, in a sentence."""
    worlds = sorted(text for text in result.partings["worlds_part_utc"] if text)
    people = sorted(text for text in result.partings["people_part_utc"] if text)
    if not worlds:
        return "The worlds never part: what was changed changes nothing that is watched."
    told = f"The worlds part first at {worlds[0]}"
    if not people:
        return f"{told}; nobody is ever elsewhere."
    return f"{told}; the first person is elsewhere at {people[0]}, in the median pair at {people[len(people) // 2]}."

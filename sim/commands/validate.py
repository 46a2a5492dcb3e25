"""``standoff validate``: an ensemble beside the published counts and naive rivals."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.arguments import (
    Commands,
    execution,
    leave_on_signals,
    say_remarks,
    scenario,
    settable,
    weighted,
    whole,
    words_of_settings,
    workers,
)
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.analysis.validate import Validation

__all__ = ["declare"]

_OWN_NUMBERS = "none"


def declare(commands: Commands) -> None:
    """Add ``validate``."""
    check = commands.add("validate", _validate, "hold an ensemble against published counts, beside naive rivals")
    scenario(check, default="crisis-2021")
    check.add_argument(
        "--members", type=whole, default=24, metavar="N", help="runs of the ensemble (default: %(default)s)"
    )
    check.add_argument(
        "--observed", type=Path, metavar="FILE",
        help="counts in the schema of seeds/observed/counts.csv, instead of those of this repository",
    )  # fmt: skip
    check.add_argument(
        "--calibrated", metavar="NAME",
        help="stored posterior whose draws the members take, or none for the scenario's own numbers (default: the one "
        "that is stored under the scenario's name, if there is one)",
    )  # fmt: skip
    settable(check)
    weighted(check)
    workers(check)
    check.add_argument("--out", type=Path, metavar="DIR", help="results folder; the same command goes on where it was")
    check.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    check.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _validate(args: argparse.Namespace) -> int:
    """Make the members, score them, write the page, print months and verdicts."""
    from sim.analysis.validate import validate

    leave_on_signals()
    noted = f"standoff validate {Path(args.scenario).name} --members {args.members}"
    noted += f" --calibrated {args.calibrated}" if args.calibrated else ""
    noted += f" --observed {args.observed.name}" if args.observed is not None else ""
    noted = " ".join([noted, *words_of_settings(args)])
    calibrated = "" if args.calibrated == _OWN_NUMBERS else args.calibrated
    result = validate(
        args.scenario, args.members, observed=args.observed, calibrated=calibrated, settings=args.settings,
        figures=args.figures, command=noted, execution=execution(args),
    )  # fmt: skip
    say_remarks(args.scenario, args.settings)
    for name, word in result.right_words.items():
        n = result.not_used[name]
        print(f"standoff: '{name}' is not used: {n:,} row{'s' * (n > 1)} ({word})", file=sys.stderr)
    if not args.quiet:
        print(closing_table(result))
    print(f"Page: {result.folder}/validation.md")
    return 0


def closing_table(result: Validation) -> str:
    """Return months beside published totals, and wins and losses beside rivals."""
    numbers = f"draws of the posterior '{result.calibrated}'" if result.calibrated else "the scenario's own numbers"
    lines = [*textwrap.wrap(result.weights, 110), f"Members run {numbers}.", ""]
    if len(result.months):
        lines += [f"{'':<24}{'month':<18}{'published':>10}{'median':>10}{'80 %':>20}"]
    else:
        lines += ["No calendar month that was run whole has a published total."]
    for row in result.months.to_dict("records"):
        inside = f"{row['low_80']:,.0f} to {row['high_80']:,.0f}"
        mark = "" if row["inside_80"] else "  outside"
        lines.append(
            f"{row['series']:<24}{row['month']:<18}{row['published']:>10,.0f}{row['median']:>10,.0f}{inside:>20}"
            f"  {row['part']}{mark}"
        )
    if len(result.scores):
        lines += ["", "Mean CRPS beside rivals (smaller is better):"]
    else:
        lines += [
            "", "No origin has enough published days before it and any after it to hold rivals against: origins are",
            "every two weeks from 19 September 2021, and rivals need five known days.",
        ]  # fmt: skip
    for row in result.scores.to_dict("records"):
        lines.append(
            f"  {row['part']:<22}{row['horizon_days']:>3} days  {row['rival']:<24}{row['our_crps']:>8.1f}"
            f"{row['their_crps']:>8.1f}  {row['verdict']}"
        )
    if not len(result.posts):
        lines += ["", "By guard post: no published count."]
    return "\n".join([*lines, "", *LIMITS])

"""``standoff calibrate``: fit the free numbers of a scenario to the counts up to 31 October 2021."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.arguments import (
    Commands,
    UsageError,
    execution,
    leave_on_signals,
    say_remarks,
    scenario,
    settable,
    whole,
    workers,
)
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.analysis.calibrate import Calibration

__all__ = ["declare"]


def declare(commands: Commands) -> None:
    """Add ``calibrate``."""
    fit = commands.add("calibrate", _calibrate, "fit a scenario's free numbers to the counts up to 31 October 2021")
    scenario(fit)
    fit.add_argument("--name", metavar="NAME", help="what the posterior is called (default: the scenario's name)")
    fit.add_argument("--runs", type=whole, default=200, metavar="N", help="runs over the priors (default: %(default)s)")
    fit.add_argument(
        "--refine", type=whole, default=100, metavar="N",
        help="further runs where the first found weight (default: %(default)s)",
    )  # fmt: skip
    fit.add_argument(
        "--truths", type=whole, default=100, metavar="N",
        help="synthetic truths that test the inference (default: %(default)s)",
    )  # fmt: skip
    settable(fit)
    workers(fit)
    fit.add_argument("--out", type=Path, metavar="DIR", help="results folder; the same command goes on where it was")
    fit.add_argument("--quiet", action="store_true", help="no progress bar, no table")


def _calibrate(args: argparse.Namespace) -> int:
    """Make the runs, infer, store the posterior, print what contracted."""
    from sim.analysis.calibrate import calibrate
    from sim.runs.ready import ready

    if args.truths < 1 or args.runs < 1:
        raise UsageError("standoff calibrate: --runs and --truths must be at least 1")
    leave_on_signals()
    name = args.name or ready(args.scenario, args.settings).name
    if not name.replace("-", "").isalnum():
        raise UsageError(f"standoff calibrate: --name: found '{name}'; must be letters, digits and hyphens")
    result = calibrate(
        args.scenario, name, runs=args.runs, refine=args.refine, truths=args.truths, settings=args.settings,
        execution=execution(args),
    )  # fmt: skip
    say_remarks(args.scenario, args.settings)
    if not args.quiet:
        print(closing_table(result))
    print(f"Posterior: {result.path}")
    return 0


def closing_table(result: Calibration) -> str:
    """Return what was learned of each number, how the targets are met, and whether the inference can be trusted."""
    lines = [f"{'number':<42}{'prior':>18}{'median':>10}{'80 %':>20}{'contraction':>13}"]
    for row in result.parameters.to_dict("records"):
        prior = f"{row['prior_low']:g} to {row['prior_high']:g}"
        if row["role"] == "carried":
            lines.append(f"{row['key']:<42}{prior:>18}   carried, not fitted")
            continue
        inside = f"{row['low_80']:.4g} to {row['high_80']:.4g}"
        verdict = "" if row["identified"] else "  not identified"
        lines.append(
            f"{row['key']:<42}{prior:>18}{row['median']:>10.4g}{inside:>20}{row['contraction']:>13.2f}{verdict}"
        )
    lines += ["", f"{'target':<50}{'published':>11}{'median':>11}{'80 %':>22}"]
    for row in result.fit.to_dict("records"):
        published, median, low, high = (_count(row[key]) for key in ("published", "median", "low_80", "high_80"))
        lines.append(f"{row['target']:<50}{published:>11}{median:>11}{f'{low} to {high}':>22}")
    lines += ["", "Inference on synthetic truths (by way of the emulator; a small p says it is not calibrated):"]
    lines += [
        f"  {row['key']:<40}{row['truths']:>5} truths, {row['inside_80']:.0%} inside 80 %, p = {row['p_uniform']:.3f}"
        for row in result.ranks.to_dict("records")
    ]
    lines += ["", f"Log evidence: {result.log_evidence:.1f}", "", *LIMITS]
    return "\n".join(lines)


def _count(value: float) -> str:
    """Return a count or a small ratio, rounded as its size asks."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"

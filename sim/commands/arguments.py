"""Words of the command line that commands share: the forms of values, common options, errors of usage."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sim.errors import StandoffError
from sim.limits import LIMITS

if TYPE_CHECKING:
    from sim.runs.execution import Execution
    from sim.scenario.schema import Scenario

__all__ = [
    "Commands",
    "Parser",
    "UsageError",
    "day",
    "days",
    "execution",
    "leave_on_signals",
    "out_folder",
    "person",
    "say_remarks",
    "scenario",
    "seed",
    "settable",
    "setting",
    "wanted_progress",
    "warn_of_few_agents",
    "weighted",
    "whole",
    "words_of_settings",
    "workers",
]  # fmt: skip


class UsageError(StandoffError):
    """The command line asks for something that does not exist."""


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting, so that all errors leave by one door."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}")


class Commands:
    """The commands of a parser: each has a name, a summary and what it does."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parsers = parser.add_subparsers(
            title="commands", dest="command", metavar="COMMAND", prog="standoff", parser_class=Parser
        )

    def add(self, name: str, does: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        """Add a command that calls `does` with what was asked; return its parser."""
        added: argparse.ArgumentParser = self._parsers.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", epilog="\n".join(LIMITS),
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        )  # fmt: skip
        added.set_defaults(does=does)
        return added

    @property
    def by_name(self) -> dict[str, Any]:
        """Parsers of the commands by name, in the order in which they were added."""
        return dict(self._parsers.choices)


# --- forms of values ------------------------------------------------------------------------------------------------


def day(text: str) -> date:
    """Return the date that `text` writes as 2021-11-30."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a date such as 2021-11-30") from None


def days(text: str) -> int:
    """Return the number of days that `text` writes, 1 to 9999."""
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number of days from 1")
    return int(text)


def seed(text: str) -> int:
    """Return the seed that `text` writes, 0 to 2**63 - 1."""
    if not re.fullmatch(r"\d{1,19}", text, re.ASCII) or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number from 0 to {2**63 - 1}")
    return int(text)


def person(text: str) -> int:
    """Return the number of a person that `text` writes, from 1."""
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number from 1")
    return int(text)


def setting(text: str) -> tuple[str, str]:
    """Return key and value of ``key=value``."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"found '{text}'; must be key=value, such as drills.enabled=false")
    return key.strip(), value.strip()


def whole(text: str) -> int:
    """Return the whole number from 0 that `text` writes."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number")
    return int(text)


# --- options that several commands have -----------------------------------------------------------------------------


def scenario(to: argparse.ArgumentParser, default: str | None = None) -> None:
    """Let a command take a scenario; without `default` it must be given."""
    what = "name of a published scenario, or a TOML file"
    if default is None:
        to.add_argument("scenario", metavar="SCENARIO", help=what)
    else:
        to.add_argument(
            "scenario", nargs="?", default=default, metavar="SCENARIO", help=f"{what} (default: %(default)s)"
        )


def settable(to: argparse.ArgumentParser) -> None:
    """Let a command take ``--set KEY=VALUE``; what is asked arrives as ``args.settings``."""
    to.add_argument(
        "--set", dest="given", type=setting, action="append", default=[], metavar="KEY=VALUE",
        help="change one number or switch, such as drills.enabled=false (repeatable)",
    )  # fmt: skip


def weighted(to: argparse.ArgumentParser) -> None:
    """Let a command take ``--people-per-agent N``; what is asked arrives among ``args.settings``."""
    to.add_argument(
        "--people-per-agent", metavar="N",
        help="simulate one agent for N people, quicker and less exact; counts stay those of people (default: 1)",
    )  # fmt: skip


def words_of_settings(args: argparse.Namespace) -> list[str]:
    """Return what was asked of the scenario by ``--set`` and ``--people-per-agent``, as it is noted in a manifest."""
    words = [f"--set {key}={value}" for key, value in args.given]
    if args.people_per_agent is not None:
        words.append(f"--people-per-agent {args.people_per_agent}")
    return words


def warn_of_few_agents(scenario: Scenario) -> None:
    """Say on stderr if a weight leaves too few agents."""
    from sim.runs.weights import too_few_agents

    warning = too_few_agents(scenario)
    if warning:
        print(f"standoff: {warning}", file=sys.stderr)


def say_remarks(name_or_path: str, settings: Mapping[str, str]) -> None:
    """Say on stderr what is in order in a scenario and yet seldom meant."""
    from sim.scenario.remarks import remarks

    for remark in remarks(name_or_path, settings):
        print(f"standoff: {remark}", file=sys.stderr)


def workers(to: argparse.ArgumentParser) -> None:
    """Let a command say where its runs are made."""
    where = to.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=whole, metavar="K", help="worker processes; 0: none but this (default: one a processor)"
    )
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler instead, such as tcp://127.0.0.1:8786")


def out_folder(to: argparse.ArgumentParser) -> None:
    """Let a command take ``--out DIR``."""
    to.add_argument("--out", type=Path, metavar="DIR", help="results folder, which must not exist yet")


def execution(args: argparse.Namespace) -> Execution:
    """Return where and how the runs of a command are made, of what :func:`workers` and ``--out`` gave."""
    from sim.runs.execution import Execution

    return Execution(args.workers, args.scheduler, args.out, wanted_progress(args))


# --- how commands behave --------------------------------------------------------------------------------------------


def leave_on_signals() -> None:
    """Leave on SIGTERM and SIGHUP as on Ctrl-C: nothing half-written."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def wanted_progress(args: argparse.Namespace) -> bool:
    """Return whether to show a progress bar: somebody watches and did not ask for silence."""
    return not args.quiet and sys.stderr.isatty()

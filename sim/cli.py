"""The command line: reads what is asked, calls the room that does it, prints, exits.

Everything heavy is imported inside the command that needs it, so that ``--help`` answers at once. Errors of
the :class:`~sim.errors.StandoffError` family are printed without a traceback; their ``exit_code`` is ours.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn

from sim import __version__
from sim.errors import StandoffError, nearest
from sim.limits import LIMITS

__all__ = ["main", "parse"]

DEFAULT_SCENARIO: Final = "standoff-november-2021"
_STOPPED, _PIPE_CLOSED = 130, 141
_EXAMPLES: Final = """\
examples:
  standoff run                                           8 to 30 November 2021
  standoff run no-british-engineers --seed 7 --out here  another question, another history
  standoff run --set guards.response_minutes="20 min" --set drills.enabled=false
  standoff show crisis-2021                              every number with its source
  standoff check my-question.toml                        every problem of a file at once
"""


class UsageError(StandoffError):
    """The command line asks for something that does not exist."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting, so that all errors leave by one door."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}")


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a date such as 2021-11-30") from None


def _seed(text: str) -> int:
    if not re.fullmatch(r"\d{1,19}", text, re.ASCII) or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number from 0 to {2**63 - 1}")
    return int(text)


def _person(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found '{text}'; must be a whole number from 1")
    return int(text)


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"found '{text}'; must be key=value, such as drills.enabled=false")
    return key.strip(), value.strip()


def _build() -> tuple[_Parser, Mapping[str, argparse.ArgumentParser]]:
    """Return the parser and those of its commands by name."""
    parser = _Parser(
        prog="standoff",
        description="An agent-based model of the stand-off on Belarus's borders with Poland, Lithuania and\n"
        "Latvia in 2021: simulate it, ask what if, and see which number rests on which source.",
        epilog=f"{_EXAMPLES}\n" + "\n".join(LIMITS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="standoff COMMAND [options]",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"border-standoff {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", prog="standoff", parser_class=_Parser
    )

    def command(name: str, does: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", epilog="\n".join(LIMITS),
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        )  # fmt: skip
        added.set_defaults(does=does)
        return added

    def settable(to: argparse.ArgumentParser) -> None:
        to.add_argument(
            "--set", dest="given", type=_setting, action="append", default=[], metavar="KEY=VALUE",
            help="change one number or switch, such as drills.enabled=false (repeatable)",
        )  # fmt: skip

    run = command("run", _run, "simulate a scenario once and leave a results folder")
    run.add_argument(
        "scenario", nargs="?", default=DEFAULT_SCENARIO, metavar="SCENARIO",
        help="name of a published scenario, or a TOML file (default: %(default)s)",
    )  # fmt: skip
    run.add_argument("--seed", type=_seed, metavar="N", help="random seed (default: the scenario's own)")
    run.add_argument("--until", type=_day, metavar="DATE", help="last day, included, such as 2021-11-20")
    settable(run)
    run.add_argument("--out", type=Path, metavar="DIR", help="results folder, which must not exist yet")
    run.add_argument("--no-figures", dest="figures", action="store_false", help="leave out the figures")
    run.add_argument("--quiet", action="store_true", help="no progress bar, no table")

    command("list", _list, "list the published scenarios and what each asks")

    show = command("show", _show, "show a scenario: every number with unit and source")
    show.add_argument("scenario", metavar="SCENARIO", help="name of a published scenario, or a TOML file")
    settable(show)
    show.add_argument(
        "--format", choices=("text", "toml", "json"), default="text",
        help="text to read, or a form that loads back (default: %(default)s)",
    )  # fmt: skip

    check = command("check", _check, "check scenario files and report every problem at once")
    check.add_argument("files", nargs="+", metavar="FILE", help="TOML file, or name of a published scenario")

    story = command("story", _story, "tell one simulated life of a run: invented, without a name")
    story.add_argument("run", type=Path, metavar="RUN", help="results folder written by `standoff run`")
    story.add_argument(
        "person", nargs="?", type=_person, metavar="PERSON",
        help="number of a person, or position among the run's people, from 1 (default: chosen by --typical)",
    )  # fmt: skip
    whose = story.add_mutually_exclusive_group()
    whose.add_argument(
        "--typical", action="store_true",
        help="of the people there in the recorded days, whoever is nearest to the medians of attempts, nights "
        "outdoors and days, each difference divided by the mean difference; ties: the lowest number",
    )  # fmt: skip
    whose.add_argument(
        "--longest", action="store_true", help="of the same people, whoever was outdoors for the most hours"
    )
    story.add_argument("--json", action="store_true", help="events as JSON lines instead of text")
    story.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser, commands.choices


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what `argv` asks; `settings` holds ``--set``, ``--until`` and ``--seed`` as the loader takes them.

    Raises:
        UsageError: an unknown command or option (the nearest right one is named), or a value of a wrong form.
    """
    parser, commands = _build()
    first = next((word for word in argv if not word.startswith("-")), None)
    if argv and argv[0] == first and first not in commands:
        hint = nearest(first, commands)
        known = f"known are: {', '.join(commands)}" + (f" ({hint})" if hint else "")
        raise UsageError(f"standoff: found the unknown command '{first}'; {known}")
    args, extra = parser.parse_known_args(argv)
    if extra:
        chosen = commands.get(args.command or "", parser)
        known_options = [option for action in chosen._actions for option in action.option_strings]
        word = extra[0].partition("=")[0]
        hint = nearest(word, known_options) if word.startswith("-") else ""
        what = "option" if word.startswith("-") else "word"
        raise UsageError(
            f"{chosen.prog}: found the unknown {what} '{extra[0]}'; `{chosen.prog} --help` lists all"
            + (f" ({hint})" if hint else "")
        )
    args.settings = _settings(args)
    return args


def _settings(args: argparse.Namespace) -> dict[str, str]:
    settings: dict[str, str] = {}
    given = list(getattr(args, "given", []))
    for option in ("until", "seed"):
        if getattr(args, option, None) is not None:
            given.append((option, str(getattr(args, option))))
    for key, value in given:
        if key in settings:
            raise UsageError(f"standoff {args.command}: found '{key}' given twice; give it once")
        settings[key] = value
    return settings


# ---------------------------------------------------------------- commands


def _run(args: argparse.Namespace) -> int:
    from sim.runs.one import run_command

    for name in ("SIGTERM", "SIGHUP"):  # leave as Ctrl-C does: nothing half-written
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    return int(run_command(args))


def _list(args: argparse.Namespace) -> int:
    from sim.scenario.catalogue import list_scenarios

    width = min(100, shutil.get_terminal_size().columns)
    for number, listed in enumerate(list_scenarios()):
        text = [listed.name, *_indented(listed.summary, width), *_indented(listed.question, width)]
        print("\n".join([""] * (number > 0) + text))
    return 0


def _indented(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), initial_indent="  ", subsequent_indent="  ")


def _show(args: argparse.Namespace) -> int:
    from sim.scenario.describe import describe, to_json, to_toml
    from sim.scenario.load import load_scenario

    scenario = load_scenario(args.scenario, args.settings)
    forms: dict[str, Callable[[Any], str]] = {"text": describe, "toml": to_toml, "json": to_json}
    print(forms[args.format](scenario), end="")
    return 0


def _story(args: argparse.Namespace) -> int:
    from sim.runs.story import story_command

    if args.person is not None and (args.typical or args.longest):
        option = "--typical" if args.typical else "--longest"
        raise UsageError(f"standoff story: found both PERSON {args.person} and {option}; give one of them")
    return int(story_command(args))


def _check(args: argparse.Namespace) -> int:
    from sim.model import StandoffModel
    from sim.scenario.checks import check_references
    from sim.scenario.describe import shares_by_kind
    from sim.scenario.load import load_scenario
    from sim.world.border import load_border

    status = 0
    for file in args.files:
        try:
            scenario = load_scenario(file)
            check_references(scenario, load_border(), file)
            StandoffModel(scenario).release()  # what only shows when the first hour is built
        except StandoffError as error:
            print(error, file=sys.stderr)
            status = error.exit_code
            continue
        counts = shares_by_kind(scenario)
        total = sum(counts.values())
        print(f"{file}: {scenario.name} is in order; {total} numbers, {counts['measured'] / total:.0%} measured")
    return status


# ---------------------------------------------------------------- the door


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks and return the exit code: 0, 2 for bad input, 130 for Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show ź still gets its text
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        if args.command is None:
            _build()[0].print_help(sys.stderr)
            return UsageError.exit_code
        status = int(args.does(args))
        sys.stdout.flush()
        return status
    except StandoffError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("standoff: stopped by Ctrl-C", file=sys.stderr)
        return _STOPPED
    except BrokenPipeError:
        # the reader has gone, as in `standoff show … | head`: nothing may complain at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except OSError as error:
        print(f"standoff: {error.strerror or error}", file=sys.stderr)
        return StandoffError.exit_code


if __name__ == "__main__":
    raise SystemExit(main())

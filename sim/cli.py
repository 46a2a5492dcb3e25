"""The command line: reads what is asked, calls the command, prints errors, exits.

Errors of the :class:`~sim.errors.StandoffError` family are printed without a traceback; their ``exit_code`` is ours.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from sim import __version__
from sim.commands import calibrate, compare, ensemble, explore, resume, run, scenarios, story, validate
from sim.commands.arguments import Commands, Parser, UsageError
from sim.errors import StandoffError, nearest
from sim.limits import LIMITS

__all__ = ["main", "parse"]

_FAMILIES: Final = (run, resume, ensemble, compare, calibrate, validate, explore, scenarios, story)
"""Modules of commands, in the order in which ``standoff --help`` lists them."""
_STOPPED, _PIPE_CLOSED = 130, 141
_EXAMPLES: Final = """\
examples:
  standoff run                                           8 to 30 November 2021
  standoff run no-british-engineers --seed 7 --out here  another question, another history
  standoff run --set guards.response_minutes="20 min" --set drills.enabled=false
  standoff show crisis-2021                              every number with its source
  standoff check my-question.toml                        every problem of a file at once
"""


def _build() -> tuple[Parser, Commands]:
    """Return the parser and its commands."""
    parser = Parser(
        prog="standoff",
        description="An agent-based model of the stand-off on Belarus's borders with Poland, Lithuania and\n"
        "Latvia in 2021: simulate it, ask what if, and see which number rests on which source.",
        epilog=f"{_EXAMPLES}\n" + "\n".join(LIMITS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="standoff COMMAND [options]",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"border-standoff {__version__}")
    commands = Commands(parser)
    for family in _FAMILIES:
        family.declare(commands)
    return parser, commands


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what `argv` asks; its ``settings`` hold all that changes the scenario, as the loader takes it.

    Raises:
        UsageError: an unknown command or option (the nearest right one is named), or a value of a wrong form.
    """
    parser, added = _build()
    commands = added.by_name
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
    for option in ("until", "seed", "people_per_agent"):
        if getattr(args, option, None) is not None:
            given.append((option, str(getattr(args, option))))
    for key, value in given:
        if key in settings:
            raise UsageError(f"standoff {args.command}: found '{key}' given twice; give it once")
        settings[key] = value
    return settings


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
    except KeyboardInterrupt as stop:
        print("standoff: stopped by Ctrl-C" + (f"; {stop}" if str(stop) else ""), file=sys.stderr)
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

"""``python -m verification [--write] [WORD …]``: run the checks, print what was found, exit 1 if one fails.

With ``--write`` the pictures under ``docs/images/verification/`` and the list in ``docs/verification.md`` are renewed.
Words choose among the checks by name.
"""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

from sim.plots.style import WIDTH_IN, house
from verification import clocks, draws, harm, line, scaling, tension
from verification.check import Check

_PAGE = Path(__file__).parents[1] / "docs" / "verification.md"
_PICTURES = _PAGE.parent / "images" / "verification"
_BEGIN, _END = "<!-- checks: begin -->", "<!-- checks: end -->"


def _draw(check: Check) -> None:
    """Write the picture of a check."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    _PICTURES.mkdir(parents=True, exist_ok=True)
    with house():
        figure = Figure(figsize=(WIDTH_IN * 0.7, WIDTH_IN * 0.4), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        check.draw(axes)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
        axes.set_title(f"Right if: {check.right}", loc="left")
        figure.savefig(_PICTURES / f"{check.name}.png", dpi=90, metadata={"Software": None})


def _list(checks: list[Check]) -> str:
    """Return the part of the page that tells what was found."""
    parts = []
    for check in checks:
        parts.append(
            f"### {check.name}\n\n{check.law}\n\n{'Holds' if check.holds else '**Does not hold**'}: {check.found}.\n\n"
            f"![{check.law} Right if: {check.right}.](images/verification/{check.name}.png)\n"
        )
    return "\n".join(parts)


def main(words: list[str]) -> int:
    """Run the checks and return the exit code."""
    write = "--write" in words
    words = [word for word in words if word != "--write"]
    done: list[Check] = []
    makers = [
        clocks.constant_hazard, clocks.changing_hazard, clocks.chain_of_two, line.no_guards, line.endless_delay,
        line.one_segment, harm.dose_and_survival, tension.equilibrium, tension.edge, scaling.scaling, draws.uniform,
        draws.independent, draws.exponential_tail,
    ]  # fmt: skip
    for maker in makers:
        if words and not any(word in maker.__name__ for word in words):
            continue
        began = time.perf_counter()
        check = maker()
        done.append(check)
        print(f"{'holds' if check.holds else 'FAILS'}  {check.name}  ({time.perf_counter() - began:.1f} s)")
        print(textwrap.fill(check.found, 110, initial_indent="       ", subsequent_indent="       "), flush=True)
        if write:
            _draw(check)
    if write and not words:
        page = _PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(_BEGIN)
        _, _, tail = rest.partition(_END)
        _PAGE.write_text(f"{head}{_BEGIN}\n\n{_list(done)}\n{_END}{tail}", encoding="utf-8")
    return 0 if all(check.holds for check in done) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

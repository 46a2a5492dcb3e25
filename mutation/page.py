"""What became of the mutants, as a page to read: docs/mutation.md between its marks."""

from __future__ import annotations

from collections import defaultdict

from mutation.results import Result, Survivor, interval, score, tried
from mutation.workshop import ROOT

__all__ = ["summary", "write"]

_PAGE = ROOT / "docs" / "mutation.md"
_BEGIN, _END = "<!-- mutants: begin -->", "<!-- mutants: end -->"


def summary(result: Result) -> str:
    """Return the score of a part in one line."""
    total, part = result.total, result.part
    low, high = interval(total)
    spread = "" if part.sample is None else f", {low:.0%} to {high:.0%} by the size of the sample"
    return (
        f"{score(total):.1%} killed ({part.goal:.0%} asked{spread}): {total['killed']} of {tried(total)} tried, "
        f"{total['timeout']} of them by the limit of time; {total['equivalent']} change nothing, {total['survived']} "
        f"survive; {result.n_mutants} mutants in all"
    )


def write(results: list[Result]) -> None:
    """Renew the page."""
    page = _PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    parts = "\n\n".join(_part(result) for result in results)
    _PAGE.write_text(f"{head}{_BEGIN}\n\n{parts}\n\n{_END}{tail}", encoding="utf-8")


def _part(result: Result) -> str:
    lines = [
        f"### {result.part.title}", "", f"{summary(result)}.", "",
        "| module | tried | killed | change nothing | survive | score |", "|---|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for module, counts in result.n_by_module.items():
        numbers = (tried(counts), counts["killed"], counts["equivalent"], counts["survived"])
        lines.append(f"| `{module}` | {' | '.join(map(str, numbers))} | {score(counts):.0%} |")
    equivalent = [survivor for survivor in result.survivors if survivor.because]
    left = [survivor for survivor in result.survivors if not survivor.because]
    if equivalent:
        lines += ["", "Change nothing:", "", *_by_reason(equivalent)]
    if left:
        lines += ["", "Survive:", "", *(f"- {_told(survivor)}" for survivor in left)]
    return "\n".join(lines)


def _by_reason(survivors: list[Survivor]) -> list[str]:
    together: defaultdict[str, list[Survivor]] = defaultdict(list)
    for survivor in survivors:
        together[survivor.because].append(survivor)
    return [f"- {because}: {'; '.join(map(_told, alike))}" for because, alike in together.items()]


def _told(survivor: Survivor) -> str:
    removed = " ".join(line[2:] for line in survivor.change if line.startswith("-"))
    added = " ".join(line[2:] for line in survivor.change if line.startswith("+"))
    return f"`{survivor.function}`: `{removed}` → `{added}`" if added else f"`{survivor.function}`: without `{removed}`"

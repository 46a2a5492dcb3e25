"""The page of a validation: tables and figures as Markdown, with date, version and seeds, red where we lose or miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sim import __version__
from sim.errors import OutputError
from sim.limits import LIMITS
from sim.runs.ensemble.seeds import seeds_in_words
from sim.runs.ensemble.store import write_whole
from sim.runs.provenance import file_hash

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.analysis.validate import Validation
    from sim.scenario.schema import Scenario

__all__ = ["check_counts", "counts_of", "markdown_table", "page_text", "write_page"]

_RED, _WITHIN_NOISE = "🔴", "⚪"
_COUNTS = "Counts: "
_SERIES = {
    "recorded_attempts_pl": "recorded attempts, Poland",
    "recorded_attempts_lt": "recorded attempts, Lithuania",
    "recorded_attempts_lv": "recorded attempts, Latvia",
    "germany_registered": "registered in Germany",
}


def counts_of(observed: Path | None) -> str:
    """Return the line of the page that says which counts were used: a file by its name and the hash of its content."""
    if observed is None:
        return f"{_COUNTS}`seeds/observed`."
    return f"{_COUNTS}`{observed.name}`, SHA-256 `{file_hash(observed)[:12]}`."


def check_counts(folder: Path, counts: str) -> None:
    """Refuse a results folder whose page rests on other counts than those that :func:`counts_of` tells.

    Raises
    ------
    OutputError
        If it does; what is there is named.
    """
    try:
        text = (folder / "validation.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise OutputError(f"--out: found '{folder}', whose page cannot be read; name another folder") from error
    there = [line.removeprefix(_COUNTS) for line in text.splitlines() if line.startswith(_COUNTS)]
    if not there or _COUNTS + there[0] != counts:
        which = f"other counts ({there[0].rstrip('.')})" if there else "counts that its page does not name"
        raise OutputError(
            f"--out: found '{folder}', which holds a validation against {which}; its "
            "page would be lost: name another folder beside it, which takes over the members"
        )


def write_page(
    found: Validation,
    fan: xr.Dataset,
    known: Mapping[date, float],
    scenario: Scenario,
    seeds: Sequence[int],
    calibrated: str,
    *,
    figures: bool,
) -> None:
    """Write ``validation.md``, its tables as CSV and its figure beside the ensemble."""
    tables = {"months": found.months, "days": found.days, "scores": found.scores, "posts": found.posts}
    for name, table in tables.items():
        text = table.round(6).to_csv(index=False, lineterminator="\n")
        write_whole(found.folder / "tables" / f"validation_{name}.csv", text.encode())
    if figures:
        from sim.plots.skill import draw_skill

        draw_skill(fan, known, found.scores, found.folder / "figures")
    text = page_text(found, scenario, seeds, calibrated, figures=figures)
    write_whole(found.folder / "validation.md", text.encode())


def page_text(found: Validation, scenario: Scenario, seeds: Sequence[int], calibrated: str, *, figures: bool) -> str:
    """Return the page as Markdown."""
    by = f"posterior `{calibrated}`" if calibrated else "not calibrated"
    lines = [
        f"# `{scenario.name}` beside the published counts",
        "",
        f"Version {__version__}, {datetime.now(UTC):%d %B %Y}; {len(seeds)} members, "
        f"seeds {seeds_in_words(seeds)}; {by}.",
        *([found.counts] if found.counts else []),
        *([found.weights] if found.weights else []),
        "*Fit*: days to 31 October 2021, which calibration may see. *Conditional hindcast*: later days, whose dated",
        f"actions the model knows and whose counts it does not. {_RED} marks a published month outside the 80 %",
        "interval, which one in five is by chance alone where the model is right, and a rival to whom it loses by more",
        f"than the noise. {_WITHIN_NOISE} marks a rival who is ahead within the noise: the interval of the difference",
        "holds 0, or the origins are too few, so who is better is not told.",
        "",
        "## Months",
        "",
        *_months(found.months),
        "",
        "## Days",
        "",
        "Share of published days inside the central intervals (wanted: 0.50, 0.80, 0.95), mean CRPS (attempts a day),",
        "mean log score, averaged relative difference (ARD) of the medians as Flee reports it.",
        "",
        *_days(found.days),
        "",
        "## Beside naive rivals",
        "",
        "Recorded attempts in Poland, origins every two weeks, all published days up to so many days ahead. Rivals see",
        "the counts up to the origin; ARIMA also the dated actions as steps. The model sees no count after the fit",
        "and takes nothing from the origin. Difference of mean CRPS, ours minus theirs, with 95 % bootstrap interval",
        "over origins.",
        "",
        *_scores(found.scores),
        "",
    ]
    if figures:
        lines += ["![Published days inside the bands of the model](figures/skill.png)", ""]
    lines += ["## Guard posts", ""]
    if len(found.posts):
        lines += markdown_table(found.posts.round(1))
    else:
        lines += ["No open data."]
    if found.not_used:
        left = ", ".join(f"{name} ({n})" for name, n in sorted(found.not_used.items()))
        lines += ["", f"Observed, but no series of a run can be held against it: {left}."]
    return "\n".join([*lines, "", *LIMITS, ""])


def markdown_table(table: pd.DataFrame) -> list[str]:
    """Return a table as Markdown lines."""
    head = [f"| {' | '.join(map(str, table.columns))} |", "|" + "---|" * len(table.columns)]
    return head + [f"| {' | '.join(map(str, row))} |" for row in table.itertuples(index=False)]


def _months(months: pd.DataFrame) -> list[str]:
    lines = ["| series | month | | published | median | 50 % | 80 % | model / published | |", "|" + "---|" * 9]
    for row in months.to_dict("records"):
        mark = "" if row["inside_80"] else _RED
        lines.append(
            f"| {_SERIES.get(row['series'], row['series'])} | {row['month']} | {row['part']} "
            f"| {row['published']:,.0f} | {row['median']:,.0f} | {row['low_50']:,.0f} – {row['high_50']:,.0f} "
            f"| {row['low_80']:,.0f} – {row['high_80']:,.0f} | {row['ratio']:.2f} | {mark} |"
        )
    return lines if len(months) else ["No month with a published total."]


def _days(days: pd.DataFrame) -> list[str]:
    lines = ["| series | days of | n | 50 % | 80 % | 95 % | CRPS | log score | ARD |", "|" + "---|" * 9]
    for row in days.to_dict("records"):
        lines.append(
            f"| {_SERIES.get(row['series'], row['series'])} | {row['days_of']} | {row['n_days']} "
            f"| {row['inside_50']:.2f} | {row['inside_80']:.2f} | {row['inside_95']:.2f} | {row['crps']:.1f} "
            f"| {row['log_score']:.2f} | {row['ard']:.2f} |"
        )
    return lines if len(days) else ["No day with a published count."]


def _scores(scores: pd.DataFrame) -> list[str]:
    lines = [
        "| part | days ahead | rival | forecasts (origins) | our CRPS | theirs | difference "
        "| our log score | theirs | |",
        "|" + "---|" * 10,
    ]
    for row in scores.to_dict("records"):
        ahead = row["verdict"].startswith("loses")
        mark = f"{_RED if row['verdict'] == 'loses' else _WITHIN_NOISE} " if ahead else ""
        lines.append(
            f"| {row['part']} | {row['horizon_days']} | {row['rival']} | {row['n_forecasts']} ({row['n_origins']}) | "
            f"{row['our_crps']:.1f} | {row['their_crps']:.1f} | {row['crps_difference']:+.1f} "
            f"({row['crps_low']:+.1f} to {row['crps_high']:+.1f}) | {row['our_log_score']:.2f} "
            f"| {row['their_log_score']:.2f} | {mark}{row['verdict']} |"
        )
    return lines if len(scores) else ["No origin with published days before and after it."]

"""``validate``: an ensemble held against published counts, beside naive rivals, with red where it loses.

Days up to 31 October 2021 lie in the window of the fit. Later ones are a *conditional hindcast*: the dated actions of
those weeks are known to the model, the counts were not used. It is never called a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.draws import Draws
from sim.analysis.observed import Observed, read_counts, right_word, usable
from sim.analysis.points import AnalysisError
from sim.analysis.rivals import RIVALS, forecast
from sim.analysis.scores import ard, bootstrap_difference, coverage, crps, log_score
from sim.analysis.targets import WINDOW_END
from sim.runs.ensemble.run import ensemble
from sim.runs.execution import USUAL, Execution
from sim.runs.ready import ready
from sim.runs.weights import one_for_many
from sim.scenario.posteriors import as_drawn, posterior_names

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["HORIZONS", "SHARES", "Validation", "validate"]

Floats = NDArray[np.float64]

HORIZONS: Final = (7, 14, 28)
SHARES: Final = (0.5, 0.8, 0.95)
FIT, HINDCAST = "fit", "conditional hindcast"
_FIRST_ORIGIN: Final = date(2021, 9, 19)
_BETWEEN_ORIGINS: Final = 14
_LEAST_KNOWN: Final = 5
_FEWEST_ORIGINS: Final = 4
"""With fewer origins their resampling tells nothing of luck."""
_STEPS: Final = ("flight_ban", "gather_camp", "clear_camp")
"""Kinds of dated actions that rivals may know as steps."""
_DAILY: Final = "recorded_attempts_pl"


@dataclass(frozen=True)
class Validation:
    """What an ensemble is worth.

    Attributes
    ----------
    folder : results folder, with ``validation.md``, ``tables/`` and ``figures/``
    months : one row a series and month: published, median, intervals, ratio, fit or hindcast
    days : one row a series and part: how many days, coverage, CRPS, log score, ARD
    scores : one row a part, horizon and rival: mean scores and their difference with 95 % bootstrap interval
    posts : one row a guard post that the observed counts name
    not_used : observed series that no series of a run can be held against
    weights : the sentence on agents that stand for several people; empty where each is one
    calibrated : posterior whose draws the members took; empty if they ran the scenario's own numbers
    counts : the line of the page that says which counts were used
    right_words : what could be meant by each of `not_used` of a file that was given; empty for the usual counts
    """

    folder: Path
    months: pd.DataFrame
    days: pd.DataFrame
    scores: pd.DataFrame
    posts: pd.DataFrame
    not_used: Mapping[str, int]
    weights: str = ""
    calibrated: str = ""
    counts: str = ""
    right_words: Mapping[str, str] = field(default_factory=dict)


def validate(
    scenario: str | Path | Scenario = "crisis-2021",
    members: int = 24,
    *,
    observed: Path | None = None,
    calibrated: str | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
    figures: bool = True,
    command: str = "",
    execution: Execution = USUAL,
) -> Validation:
    """Hold an ensemble against published counts and write the page.

    Parameters
    ----------
    scenario : name, path or resolved scenario
    members : runs of the ensemble
    observed : counts in the schema of ``seeds/observed/counts.csv``; those of this repository if not given
    calibrated : stored posterior whose draws the members take; empty for the scenario's own numbers; if not given, the
        posterior that is stored under the scenario's name, if there is one
    settings, execution : as :func:`sim.runs.ensemble.run.ensemble` takes them
    figures : whether to draw
    command : command line to be noted

    Raises
    ------
    EvidenceError
        If the observed file is wrong, with every problem, or the posterior unknown.
    AnalysisError
        If nothing observed can be held against the scenario.
    OutputError
        If the results folder holds a validation of another scenario or against other counts, or cannot be written.
    ScenarioError, PoolError, MemberError
        As for an ensemble.
    """
    from sim.analysis.page import check_counts, counts_of, write_page

    rows = read_counts(observed) if observed is not None else None
    loaded = ready(scenario, settings)
    if calibrated is None:
        calibrated = "" if loaded.calibrated or loaded.name not in posterior_names() else loaded.name
    if calibrated:
        loaded = loaded.model_copy(update={"calibrated": calibrated})
        as_drawn(loaded, 0)  # an unknown posterior, or one of other numbers, is told before any run is made
    calibrated = loaded.calibrated
    seen = usable(rows, _posts())
    right_words = {name: right_word(name, _posts()) for name in seen.not_used} if rows is not None else {}
    lasts = [last for _, first, last in seen.counts if first >= loaded.start and last <= loaded.until]
    if not lasts:
        told = [f"{name} ({right_words[name]})" if name in right_words else name for name in seen.not_used]
        raise AnalysisError(
            f"{observed or 'seeds/observed'}: found no count of a series of runs from {loaded.start} to "
            f"{loaded.until}; there are {', '.join(seen.series) or 'none'}, "
            f"and not used: {', '.join(told) or 'none'}"
        )
    loaded = loaded.model_copy(update={"until": max(*lasts, loaded.start)})
    if float(loaded.migrants.people_scale) != 1.0:
        raise AnalysisError(f"{loaded.name}: found a scaled population; published counts are of a whole one")
    posterior = f"-{Path(calibrated).stem}" if calibrated else ""  # it may be the path of a file
    folder = execution.folder(f"validation-{loaded.name}{posterior}")
    counts = counts_of(observed)
    check_counts(folder, counts)
    made = ensemble(loaded, members, figures=False, command=command, execution=replace(execution, out=folder))
    with made.open() as dataset:
        draws = Draws(dataset, loaded, made.seeds)
        result = Validation(
            folder,
            month_table(draws, seen),
            day_table(draws, seen),
            score_table(draws, seen.by_day(_DAILY), _steps(loaded)),
            post_table(draws, seen),
            seen.not_used,
            weights=one_for_many(loaded),
            calibrated=calibrated,
            counts=counts,
            right_words=right_words,
        )
        fan = draws.quantiles(_DAILY)
        if observed is not None:
            fan.attrs["credit"] = f"Counts: {observed.name}{seen.sources(_DAILY)}."
        write_page(result, fan, seen.by_day(_DAILY), loaded, made.seeds, calibrated, figures=figures)
    return result


def _posts() -> tuple[str, ...]:
    from sim.world.border import load_border

    return tuple(load_border().posts.name)


def _steps(scenario: Scenario) -> tuple[date, ...]:
    """Return the dates on which flights were banned, the camp was gathered or cleared."""
    return tuple(sorted({row.day for row in scenario.action if row.kind in _STEPS}))


def _along_the_line(seen: Observed) -> list[str]:
    """Return the observed series but those of single posts, which have a table of their own."""
    return [series for series in seen.series if not series.startswith("post:")]


def month_table(draws: Draws, seen: Observed) -> pd.DataFrame:
    """Return one row a series and calendar month with a published total."""
    import pandas as pd

    rows = []
    for series in _along_the_line(seen):
        for first, published in seen.by_month(series).items():
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            days = draws.days(first, following - timedelta(days=1))
            if days is None:
                continue
            total = draws.of(series)[:, days].sum(axis=1)
            low80, low50, median, high50, high80 = np.quantile(total, [0.1, 0.25, 0.5, 0.75, 0.9])
            rows.append(
                {"series": series, "month": f"{first:%B %Y}", "part": FIT if first <= WINDOW_END else HINDCAST,
                 "published": published, "median": median, "low_50": low50, "high_50": high50, "low_80": low80,
                 "high_80": high80, "ratio": median / published if published else np.nan,
                 "inside_80": bool(low80 <= published <= high80)}
            )  # fmt: skip
    return pd.DataFrame(rows)


def day_table(draws: Draws, seen: Observed) -> pd.DataFrame:
    """Return one row a series, month and part over the days that have a published count."""
    import pandas as pd

    rows = []
    for series in _along_the_line(seen):
        groups: dict[str, list[date]] = {}
        for day in seen.by_day(series):
            if draws.days(day, day) is not None:
                groups.setdefault(f"{day:%B %Y}", []).append(day)
                groups.setdefault(FIT if day <= WINDOW_END else HINDCAST, []).append(day)
        counts = seen.by_day(series)
        for name, days in groups.items():
            forecasts = [draws.of(series)[:, draws.days(day, day)].ravel() for day in days]
            values = [counts[day] for day in days]
            rows.append(
                {"series": series, "days_of": name, "n_days": len(days),
                 **{f"inside_{round(100 * share)}": coverage(forecasts, values, share) for share in SHARES},
                 "crps": float(np.mean([crps(f, v) for f, v in zip(forecasts, values, strict=True)])),
                 "log_score": float(np.mean([log_score(f, v) for f, v in zip(forecasts, values, strict=True)])),
                 "ard": ard([np.median(f) for f in forecasts], values) if sum(values) > 0 else np.nan}
            )  # fmt: skip
    return pd.DataFrame(rows)


def score_table(draws: Draws, known: Mapping[date, float], steps: tuple[date, ...]) -> pd.DataFrame:
    """Return the model beside its rivals from origins every two weeks: mean scores of days ahead, and differences."""
    import pandas as pd

    rows = []
    cases = list(_cases(draws, known, steps))
    for part in (FIT, HINDCAST):
        for horizon in HORIZONS:
            for rival in RIVALS:
                chosen = [case for case in cases if case.part == part and case.ahead <= horizon and case.rival == rival]
                if not chosen:
                    continue
                origins = [case.origin for case in chosen]
                row: dict[str, Any] = {
                    "part": part,
                    "horizon_days": horizon,
                    "rival": rival,
                    "n_forecasts": len(chosen),
                }
                row["n_origins"] = len(set(origins))
                for name in ("crps", "log_score"):
                    ours = [getattr(case, f"our_{name}") for case in chosen]
                    theirs = [getattr(case, f"their_{name}") for case in chosen]
                    mean, low, high = bootstrap_difference(ours, theirs, origins)
                    row |= {f"our_{name}": float(np.mean(ours)), f"their_{name}": float(np.mean(theirs)),
                            f"{name}_difference": mean, f"{name}_low": low, f"{name}_high": high}  # fmt: skip
                row["verdict"] = _verdict(row["crps_difference"], row["crps_low"], row["crps_high"], row["n_origins"])
                rows.append(row)
    return pd.DataFrame(rows)


def _verdict(mean: float, low: float, high: float, n_origins: int) -> str:
    word = "loses" if mean > 0 else "wins"
    if n_origins < _FEWEST_ORIGINS:
        return f"{word}, within the noise (too few origins)"
    return word if low > 0 or high < 0 else f"{word}, within the noise"


@dataclass(frozen=True)
class _Case:
    part: str
    origin: date
    ahead: int
    rival: str
    our_crps: float
    their_crps: float
    our_log_score: float
    their_log_score: float


def _cases(draws: Draws, known: Mapping[date, float], steps: tuple[date, ...]) -> list[_Case]:
    cases = []
    origin, last = _FIRST_ORIGIN, max(known, default=_FIRST_ORIGIN)
    while origin < last:
        ahead = [day for day in known if origin < day <= origin + timedelta(days=max(HORIZONS))]
        ahead = [day for day in ahead if draws.days(day, day) is not None]
        if ahead and sum(day <= origin for day in known) >= _LEAST_KNOWN:
            for rival in RIVALS:
                theirs = forecast(rival, known, origin, max(HORIZONS), steps)
                for day in ahead:
                    ours = draws.of(_DAILY)[:, draws.days(day, day)].ravel()
                    number, value = (day - origin).days, known[day]
                    cases.append(
                        _Case(
                            FIT if day <= WINDOW_END else HINDCAST, origin, number, rival, crps(ours, value),
                            crps(theirs[:, number - 1], value), log_score(ours, value),
                            log_score(theirs[:, number - 1], value),
                        )
                    )  # fmt: skip
        origin += timedelta(days=_BETWEEN_ORIGINS)
    return cases


def post_table(draws: Draws, seen: Observed) -> pd.DataFrame:
    """Return one row a guard post that the observed counts name, with its share of all named ones."""
    import pandas as pd

    spans = {key: count for key, count in seen.counts.items() if key[0].startswith("post:") and draws.days(*key[1:])}
    columns = ["post", "first_day", "last_day", "published", "median", "low_80", "high_80"]
    rows = []
    for (series, first, last), count in spans.items():
        total = draws.of(series)[:, draws.days(first, last)].sum(axis=1)
        low, median, high = np.quantile(total, [0.1, 0.5, 0.9])
        rows.append([series[5:], str(first), str(last), count.value, median, low, high])
    return pd.DataFrame(rows, columns=columns)

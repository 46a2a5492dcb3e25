"""Pictures: a record and its chronicle in, figures out, each as PNG and SVG. Nothing here ever meets the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .attempts import PublishedCount, draw_attempts
from .border_map import draw_map
from .effort import draw_effort
from .flow import draw_flow
from .ground import Ground
from .harm import draw_harm
from .line import draw_line
from .people import draw_people
from .style import Frame, house, save
from .tension import draw_tension
from .weather import draw_weather

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

__all__ = ["FIGURES", "Ground", "PublishedCount", "draw_all"]

Observed = Mapping[date, PublishedCount]
Drawer = Callable[["Dataset", "DataFrame", Ground, Observed], Frame]

FIGURES: Final[dict[str, Drawer]] = {
    "attempts": lambda record, chronicle, ground, observed: draw_attempts(record, observed),
    "people": lambda record, chronicle, ground, observed: draw_people(record),
    "harm": lambda record, chronicle, ground, observed: draw_harm(record),
    "line": lambda record, chronicle, ground, observed: draw_line(record, chronicle, ground),
    "flow": lambda record, chronicle, ground, observed: draw_flow(record),
    "map": lambda record, chronicle, ground, observed: draw_map(record, ground),
    "tension": lambda record, chronicle, ground, observed: draw_tension(record, chronicle),
    "effort": lambda record, chronicle, ground, observed: draw_effort(record),
    "weather": lambda record, chronicle, ground, observed: draw_weather(record),
}
"""Every figure by the name of its files, in the order in which a reader should meet them."""


def draw_all(
    dataset: Dataset,
    chronicle: DataFrame,
    folder: Path,
    *,
    ground: Ground,
    observed: Observed | None = None,
    names: Iterable[str] | None = None,
) -> list[Path]:
    """Draw the figures of one run into `folder`, or those named; return the paths written, PNG and SVG in turn.

    `dataset` is a record and `chronicle` its table of events, both as described in docs/design.md. `observed` holds the
    published attempts of each day on the Polish line. The same input gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with house():
        for name in FIGURES if names is None else names:
            written += save(FIGURES[name](dataset, chronicle, ground, observed or {}), folder, name)
    return written
